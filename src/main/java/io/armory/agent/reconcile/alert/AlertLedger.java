package io.armory.agent.reconcile.alert;

import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Alert.Condition;
import io.armory.agent.domain.Backoff;
import io.armory.agent.reconcile.alert.Conditions.Active;
import io.armory.agent.reconcile.alert.Conditions.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What one target was told: one message when a condition begins, and one when it is over. It is
/// over when it has been away for a while, so that one that comes and goes is told once; the while
/// grows for one that comes back soon after. Pure: time is handed in.
final class AlertLedger {
  /// @param calm so long a condition is away before it is over
  /// @param memory one that comes back within this time of its end doubles its calm
  record Times(Backoff calm, Duration memory) {
    static final Times USUAL =
        new Times(new Backoff(Duration.ofMinutes(5), Duration.ofHours(1)), Duration.ofHours(1));
  }

  /// @param what told when it began
  record Open(Condition condition, String subject, String what, Instant since) {
    String key() {
      return condition.word() + "/" + subject;
    }
  }

  /// @param of survives the agent once the alert was delivered
  record Told(Open of, Alert alert) {}

  private static final class Entry {
    final Open open;
    final Duration calm;
    @Nullable Duration awaySince;

    Entry(Open open, Duration calm) {
      this.open = open;
      this.calm = calm;
    }
  }

  private record Ended(Duration at, Duration calm) {}

  private final Times times;
  private final Map<String, Entry> open = new LinkedHashMap<>();
  private final Map<String, Ended> ended = new HashMap<>();

  /// @param before what the agent before this one had told
  AlertLedger(Times times, List<Open> before) {
    this.times = times;
    before.forEach(o -> open.put(o.key(), new Entry(o, times.calm().first())));
  }

  /// @param steady of a clock that nobody sets
  List<Told> step(Seen seen, Duration steady) {
    var told = new ArrayList<Told>();
    var here = seen.active().stream().map(Active::key).collect(Collectors.toSet());
    ended.values().removeIf(e -> e.at().plus(times.memory()).compareTo(steady) < 0);
    for (var entry : List.copyOf(open.values())) {
      var key = entry.open.key();
      if (here.contains(key) || seen.unclear().contains(entry.open.condition())) {
        entry.awaySince = null;
      } else if (entry.awaySince == null) {
        entry.awaySince = steady;
      } else if (entry.awaySince.plus(entry.calm).compareTo(steady) <= 0) {
        open.remove(key);
        ended.put(key, new Ended(steady, entry.calm));
        told.add(new Told(entry.open, over(entry.open, seen)));
      }
    }
    for (var a : seen.active()) {
      if (!open.containsKey(a.key())) {
        var begun = new Open(a.condition(), a.subject(), a.what(), a.since());
        open.put(a.key(), new Entry(begun, calm(a.key())));
        told.add(
            new Told(
                begun,
                new Alert(
                    a.condition(), false, a.what(), a.why(), a.since(), seen.at(), seen.origin())));
      }
    }
    return told;
  }

  private Duration calm(String key) {
    var before = ended.get(key);
    return before == null ? times.calm().first() : times.calm().longer(before.calm());
  }

  private static Alert over(Open open, Seen seen) {
    return new Alert(
        open.condition(), true, open.what(), seen.now(), open.since(), seen.at(), seen.origin());
  }
}
