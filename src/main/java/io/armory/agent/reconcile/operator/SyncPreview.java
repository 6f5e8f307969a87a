package io.armory.agent.reconcile.operator;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.reconcile.desired.RevisionDiff;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// `sync --dry-run`: reads the sources now and says what they would change. Nothing is taken in.
final class SyncPreview {
  private final ReconcilerDriver loop;
  private final ReconcilerPorts parts;
  private final CompletableFuture<Outcome<String>> future = new CompletableFuture<>();

  SyncPreview(ReconcilerDriver loop, ReconcilerPorts parts) {
    this.loop = loop;
    this.parts = parts;
  }

  /// Reading takes its time, so it is done on a thread of its own.
  CompletableFuture<Outcome<String>> start(Consumer<String> progress) {
    parts
        .threads()
        .start(
            "sync --dry-run",
            () -> {
              try {
                var reading = parts.sources().read();
                loop.ask(future, () -> loop.core().answer(future, told(reading, progress)));
              } catch (RuntimeException e) {
                future.completeExceptionally(e);
              }
            });
    return future;
  }

  private Outcome<String> told(Sources.Reading reading, Consumer<String> progress) {
    return switch (reading.made()) {
      case Sources.Unreadable(var problem) ->
          failed(Failure.Kind.UNREACHABLE, "the sources cannot be read: " + problem.line());
      case Sources.Refused(var problems, _) -> failed(Failure.Kind.INVALID, lines(problems));
      case Sources.Ready(var revision) -> {
        reading.parameters().problems().forEach(p -> progress.accept("warning: " + p.line()));
        revision.warnings().forEach(w -> progress.accept("warning: " + w));
        yield Outcome.done(told(revision, reading, progress));
      }
    };
  }

  private String told(Revision revision, Sources.Reading reading, Consumer<String> progress) {
    var current = loop.core().inputs().inForce();
    if (current.filter(c -> c.id().equals(revision.id())).isPresent()) {
      return "nothing would change: revision " + revision.id() + " is in force";
    }
    current
        .map(c -> RevisionDiff.between(c, revision, reading.parameters()))
        .orElse(List.of())
        .forEach(c -> progress.accept("would change " + c));
    var rejected = loop.core().rollout().rejected().get(revision.id());
    var waits = rejected == null ? loop.core().wouldWait(revision) : Optional.<String>empty();
    if (waits.isPresent()) {
      return "revision %s would wait %s%s".formatted(revision.id(), waits.get(), unless());
    }
    return rejected == null
        ? "revision %s would be rolled out%s%s"
            .formatted(
                revision.id(),
                current.map(c -> ", in the place of " + c.id()).orElse(": nothing runs yet"),
                unless())
        : "revision %s would not be rolled out: it was rolled back: %s; sync --retry tries it again"
            .formatted(revision.id(), rejected);
  }

  private String unless() {
    if (loop.core().course().isDraining()) {
      return ", but not while the node drains";
    }
    return loop.core()
        .inputs()
        .hold()
        .map(h -> ", but not while %s is held by %s".formatted(h.revision(), h.by()))
        .orElse("");
  }

  private static String lines(List<Problem> problems) {
    return problems.stream().map(Problem::line).collect(Collectors.joining("\n"));
  }

  private static Outcome<String> failed(Failure.Kind kind, String message) {
    return Outcome.failed(kind, message);
  }
}
