package io.armory.agent.reconcile.operator;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Hold;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Control.RollbackRequest;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import io.armory.agent.reconcile.intent.PendingCommand;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// `rollback`: goes to an earlier good revision by the same path as any change, and holds it
/// against the sources.
final class RollbackCommand {
  private final ReconcilerDriver loop;
  private final ReconcilerPorts parts;
  private final RollbackRequest request;
  private final CompletableFuture<Outcome<String>> future = new CompletableFuture<>();

  RollbackCommand(ReconcilerDriver loop, ReconcilerPorts parts, RollbackRequest request) {
    this.loop = loop;
    this.parts = parts;
    this.request = request;
  }

  CompletableFuture<Outcome<String>> start(Consumer<String> progress) {
    if (request.release()) {
      loop.ask(future, () -> release(progress));
    } else {
      parts.threads().start("rollback", () -> find(progress));
    }
    return future;
  }

  private void release(Consumer<String> progress) {
    if (loop.core().inputs().hold().isEmpty()) {
      refuse("no revision is held; the sources are followed");
      return;
    }
    releaseHold(loop, "rollback --release by " + request.by());
    follow(progress);
  }

  /// Ends the hold; what the sources give is followed from the next reading on.
  static void releaseHold(ReconcilerDriver loop, String why) {
    loop.core()
        .inputs()
        .hold()
        .ifPresent(h -> {
          loop.core().release();
          loop.core().event("operator", "", "revision " + h.revision() + " is held no longer", why);
        });
    loop.history().askedBy(why);
  }

  /// Reads from the disk, so on a thread of its own.
  private void find(Consumer<String> progress) {
    try {
      var current = loop.report().revision().map(r -> r.id()).orElse("");
      var named = request.revision();
      var wanted =
          named.isPresent()
              ? loop.history().all().reversed().stream()
                  .filter(e -> e.id().startsWith(named.get()))
                  .findFirst()
              : loop.history().all().reversed().stream()
                  .filter(e -> e.end() == RevisionEntry.End.GOOD && !e.id().equals(current))
                  .findFirst();
      if (wanted.isEmpty()) {
        refuse(
            named
                    .map(n -> "no revision " + n + " in the history; it has: " + known())
                    .orElse("there is no earlier good revision to go back to")
                + "; see armory-agent history");
        return;
      }
      switch (parts.archive().recall(wanted.get().id())) {
        case Outcome.Failed<Optional<Revision>>(var failure) ->
            future.complete(Outcome.failed(failure));
        case Outcome.Done<Optional<Revision>>(var kept) -> {
          if (kept.isEmpty()) {
            refuse(
                "revision %s is not kept: it was never good here, or secrets.keep_last_known_good is false"
                    .formatted(wanted.get().id()));
          } else {
            loop.ask(future, () -> hold(kept.get(), progress));
          }
        }
      }
    } catch (RuntimeException e) {
      future.completeExceptionally(e);
    }
  }

  private String known() {
    return loop.history().all().stream()
        .map(RevisionEntry::id)
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private void hold(Revision revision, Consumer<String> progress) {
    var by = request.by();
    loop.core().hold(new Hold(revision.id(), by, loop.core().now()), revision);
    loop.core()
        .event("operator", "", "going back to " + revision + ", and holding it", "asked by " + by);
    loop.history().askedBy("rollback by " + by);
    progress.accept(
        "going back to revision %s; it is held until armory-agent sync, or rollback --release"
            .formatted(revision.id()));
    follow(progress);
  }

  private void follow(Consumer<String> progress) {
    var following = SyncCommand.ofRollback(loop, progress, !request.release());
    var until = loop.core().now().plus(request.timeout());
    loop.core().pledge(new PendingCommand("rollback", following::settled, until, future));
    loop.core().pullAgain();
    loop.core().inputs().refresh();
  }

  private void refuse(String why) {
    future.complete(Outcome.failed(Failure.Kind.INVALID, why));
  }
}
