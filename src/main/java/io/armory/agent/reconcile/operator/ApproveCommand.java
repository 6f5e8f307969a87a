package io.armory.agent.reconcile.operator;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Control.ApproveRequest;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.intent.PendingCommand;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// `approve`: lets the revision through that waits for it, as it was shown; the sources are not
/// read again before that.
final class ApproveCommand {
  private final ReconcilerDriver loop;
  private final ApproveRequest request;
  private final CompletableFuture<Outcome<String>> future = new CompletableFuture<>();

  ApproveCommand(ReconcilerDriver loop, ApproveRequest request) {
    this.loop = loop;
    this.request = request;
  }

  CompletableFuture<Outcome<String>> start(Consumer<String> progress) {
    loop.ask(
        future,
        () -> {
          var waits = loop.core().awaits();
          if (waits.filter(this::isNamed).isPresent()) {
            approve(waits.get(), progress);
          } else {
            loop.core().answer(future, nothing(waits));
          }
        });
    return future;
  }

  private boolean isNamed(Revision revision) {
    return request.revision().filter(named -> !revision.id().startsWith(named)).isEmpty();
  }

  private void approve(Revision revision, Consumer<String> progress) {
    var following = SyncCommand.ofApproved(loop, progress, revision.id());
    loop.core().approve(revision, request.by());
    progress.accept("revision %s is approved".formatted(revision.id()));
    var until = loop.core().now().plus(request.timeout());
    loop.core().pledge(new PendingCommand("approve", following::settled, until, future));
    loop.core().pullAgain();
  }

  private Outcome<String> nothing(Optional<Revision> waits) {
    var given =
        loop.core()
            .inputs()
            .approvals()
            .given()
            .filter(g -> request.revision().filter(n -> !g.revision().startsWith(n)).isEmpty());
    if (waits.isEmpty() && given.isPresent()) {
      return Outcome.done(
          "revision %s is approved already, by %s"
              .formatted(given.get().revision(), given.get().by()));
    }
    var named = request.revision().map(n -> "revision " + n).orElse("no revision");
    var instead =
        waits
            .map(w -> "; revision " + w.id() + " does")
            .or(() -> loop.core().revision().map(r -> "; revision " + r.id() + " is in force"))
            .orElse("");
    return Outcome.failed(
        new Failure(
            request.revision().isPresent() ? Failure.Kind.INVALID : Failure.Kind.NOT_FOUND,
            named
                + (request.revision().isPresent() ? " does not wait" : " waits")
                + " for approval"
                + instead));
  }
}
