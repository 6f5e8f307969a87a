package io.armory.agent.sources;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.reconcile.desired.Sources.Made;
import io.armory.agent.render.RenderRequest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What was rendered last, told again for as long as all it was made from is the same: the request
/// and every file that was read, or looked for in vain. A node at rest reads a minute's files
/// instead of parsing them.
final class LastRendering {
  private final SourceFiles files;
  private @Nullable Rendering last;

  private record Question(String path, long maxBytes) {}

  private record Rendering(
      RenderRequest request, Map<Question, SourceFiles.Reading> answers, Made made) {}

  LastRendering(SourceFiles files) {
    this.files = files;
  }

  /// @param render asked only if something has changed; a pure function of the request and the
  ///   files
  synchronized Made of(RenderRequest request, Function<SourceFiles, Made> render) {
    var before = last;
    if (before != null && before.request.equals(request) && isStillSo(before.answers)) {
      return before.made;
    }
    var answers = new LinkedHashMap<Question, SourceFiles.Reading>();
    var made =
        render.apply((path, maxBytes) ->
            answers.computeIfAbsent(
                new Question(path, maxBytes), q -> files.read(q.path, q.maxBytes)));
    var lost = before == null ? Optional.<Problem>empty() : lost(before.answers, answers);
    if (made instanceof Sources.Ready && lost.isPresent()) {
      return new Sources.Unreadable(lost.get());
    }
    last = new Rendering(request, answers, made);
    return made;
  }

  /// A file that was read before and cannot be read any more. What is only mounted may be out of
  /// the agent's sight for good; it has not changed for that.
  private static Optional<Problem> lost(
      Map<Question, SourceFiles.Reading> before, Map<Question, SourceFiles.Reading> now) {
    return now.entrySet().stream()
        .filter(e -> before.get(e.getKey()) instanceof SourceFiles.Content)
        .flatMap(e ->
            e.getValue() instanceof SourceFiles.Unreadable(var why)
                ? Stream.of(new Problem(e.getKey().path, "cannot be read any more: " + why, ""))
                : Stream.of())
        .findFirst();
  }

  private boolean isStillSo(Map<Question, SourceFiles.Reading> answers) {
    return answers.entrySet().stream()
        .allMatch(a -> isSame(a.getValue(), files.read(a.getKey().path, a.getKey().maxBytes)));
  }

  private static boolean isSame(SourceFiles.Reading before, SourceFiles.Reading now) {
    return before instanceof SourceFiles.Content(var old)
        ? now instanceof SourceFiles.Content(var fresh) && Arrays.equals(old, fresh)
        : before.equals(now);
  }
}
