package io.armory.agent.reconcile.logs;

import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How far a container's log was told, so that it can be taken up again with no line twice and none
/// missing. The engine knows places by instants alone, and notes them a little out of order when
/// standard output and error come together: the last few lines are asked for again, and left out
/// one by one.
final class LogCursor {
  private static final int KEPT = 64;

  private final Deque<Instant> last = new ArrayDeque<>();
  private final Map<Instant, Integer> repeated = new HashMap<>();

  /// Of the lines no longer kept, the latest.
  private @Nullable Instant passed;

  /// @param first what is asked for when nothing was told yet
  /// @return what is to be asked for
  LogRange begin(LogRange first) {
    repeated.clear();
    last.forEach(at -> repeated.merge(at, 1, Integer::sum));
    if (last.isEmpty()) {
      return first;
    }
    return LogRange.allSince(passed == null ? Collections.min(last) : passed.plusNanos(1));
  }

  /// Those of the lines that were not told before.
  List<LogLine> fresh(List<LogLine> lines) {
    var fresh = new ArrayList<LogLine>();
    for (var line : lines) {
      if (!isRepeated(line.at())) {
        note(line.at());
        fresh.add(line);
      }
    }
    return fresh;
  }

  private boolean isRepeated(Instant at) {
    var before = repeated.containsKey(at);
    repeated.computeIfPresent(at, (_, n) -> n > 1 ? n - 1 : null);
    return before;
  }

  private void note(Instant at) {
    last.add(at);
    if (last.size() > KEPT) {
      var gone = last.remove();
      passed = passed == null || gone.isAfter(passed) ? gone : passed;
    }
  }
}
