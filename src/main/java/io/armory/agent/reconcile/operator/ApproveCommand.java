package io.armory.agent.reconcile.operator;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Control.ApproveRequest;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.intent.PendingCommand;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// `approve`: lets the revision through that waits for it, as it was shown; the sources are not
/// read again before that. In a group also what waits on the nodes of other roles.
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
          var elsewhere = elsewhere();
          elsewhere.forEach(progress);
          if (waits.filter(this::isNamed).isPresent()) {
            approve(waits.get(), progress);
          } else if (!elsewhere.isEmpty()) {
            loop.core().answer(future, Outcome.done("nothing else waits on this node"));
          } else {
            loop.core().answer(future, nothing(waits));
          }
        });
    return future;
  }

  /// What waits on the nodes of other roles is another revision, and the same change to people.
  private List<String> elsewhere() {
    var by = request.by();
    var now = loop.core().now();
    var all =
        loop.core().turns().approveElsewhere(request.revision(), by, now).stream()
            .map(what -> what + " is approved")
            .toList();
    all.forEach(what -> loop.core().event("revision", "", what, "by " + by));
    return all;
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
        request.revision().isPresent() ? Failure.Kind.INVALID : Failure.Kind.NOT_FOUND,
        named
            + (request.revision().isPresent() ? " does not wait" : " waits")
            + " for approval"
            + instead);
  }
}
