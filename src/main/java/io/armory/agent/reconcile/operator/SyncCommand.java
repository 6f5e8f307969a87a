package io.armory.agent.reconcile.operator;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.intent.CommandProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Follows one `sync` from the reading of the sources to the end of the rollout they led to.
final class SyncCommand {
  /// Of each service that failed; all that is kept is shown by `logs SERVICE --failed`.
  private static final int TOLD_LINES = 10;

  /// Readiness rises some seconds after everything is up again.
  private static final Duration RECOVERY = Duration.ofSeconds(15);

  private final ReconcilerDriver loop;
  private final Consumer<String> progress;
  private final boolean removesOrphans;
  private final boolean holds;
  private final boolean awaitsApproval;
  private final long readingsBefore;
  private final Instant began;
  private final CommandProgress services;
  private String told = "";
  private boolean toldWhy;
  private boolean toldChanges;
  private Instant missedAt = Instant.EPOCH;
  private Optional<String> followed;
  private boolean toldHeld;

  SyncCommand(ReconcilerDriver loop, Consumer<String> progress, SyncRequest request) {
    this(loop, progress, request.removeOrphans(), request.awaitApproval(), false, "");
  }

  /// @param holds it goes to a revision that is kept: the sources need not be readable
  static SyncCommand ofRollback(ReconcilerDriver loop, Consumer<String> progress, boolean holds) {
    return new SyncCommand(loop, progress, false, false, holds, "");
  }

  /// Of a revision that was read already.
  static SyncCommand ofApproved(ReconcilerDriver loop, Consumer<String> progress, String revision) {
    return new SyncCommand(loop, progress, false, false, true, revision);
  }

  private SyncCommand(
      ReconcilerDriver loop,
      Consumer<String> progress,
      boolean removesOrphans,
      boolean awaitsApproval,
      boolean holds,
      String approved) {
    this.holds = holds;
    this.loop = loop;
    this.progress = progress;
    this.removesOrphans = removesOrphans;
    this.awaitsApproval = awaitsApproval;
    this.followed = Optional.of(approved).filter(a -> !a.isEmpty());
    this.readingsBefore = approved.isEmpty() ? loop.core().inputs().sources().begun() : -1;
    this.began = loop.core().now();
    this.services = new CommandProgress(progress, began);
  }

  /// @return how it ended; empty: it has not. What it asked to be removed is asked for no longer
  ///   then: the next orphan may be somebody's mistake.
  Optional<Outcome<String>> settled(HealthReport report) {
    var end = end(report);
    if (end.isPresent() && removesOrphans) {
      var i = loop.core().wishes().intents();
      loop.core().wishes().intend(new Intents(i.stopped(), i.restarts(), false));
    }
    return end;
  }

  private Optional<Outcome<String>> end(HealthReport report) {
    if (loop.core().inputs().sources().readings() <= readingsBefore) {
      return Optional.empty();
    }
    var stale = loop.core().inputs().sources().staleSince();
    if (stale.isPresent() && !holds) {
      return failed(Failure.Kind.UNREACHABLE, "the sources cannot be read: " + lines());
    }
    var unapproved = unapproved();
    if (unapproved.isPresent()) {
      return unapproved.get();
    }
    var line = inLine();
    if (line.isPresent()) {
      return line.get();
    }
    var rollout = loop.core().rollout();
    var target = rollout.target().map(r -> r.id());
    if (followed.isEmpty()) {
      var refusal = loop.core().inputs().sources().refusal();
      if (refusal.isPresent()) {
        return failed(refusal.get(), lines());
      }
      followed = target;
    }
    tellChanges();
    tell(report);
    if (!loop.evidence().underWay().isEmpty()) {
      return Optional.empty();
    }
    var rejected = followed.map(rollout.rejected()::get);
    if (rejected.isPresent()) {
      tellWhy();
      var isBack = rollout.isProven() || rollout.good().isEmpty();
      return isBack || rollout.gaveUpAfter(began).isPresent()
          ? failed(
              Failure.Kind.UNHEALTHY,
              "revision "
                  + followed.orElse("")
                  + " was rolled back: "
                  + rejected.get()
                  + (isBack ? "" : "; the one before it is not healthy either, and is tried on"))
          : Optional.empty();
    }
    var takenBack = rollout.imagesTakenBackAfter(began);
    if (takenBack.isPresent() && rollout.isProven()) {
      tellWhy();
      return failed(
          Failure.Kind.UNHEALTHY,
          "images of revision %s were taken back: %s"
              .formatted(followed.orElse(""), takenBack.get()));
    }
    var stalled =
        followed.equals(target) ? rollout.stalled(loop.core().now()) : Optional.<String>empty();
    if (stalled.isPresent()) {
      return failed(
          Failure.Kind.UNHEALTHY,
          "revision %s is not rolled out, %s; what runs goes on, and the agent tries again"
              .formatted(followed.orElse(""), stalled.get()));
    }
    var failed = followed.equals(target) ? rollout.gaveUpAfter(began) : Optional.<String>empty();
    if (failed.isPresent()) {
      tellWhy();
      return failed(
          Failure.Kind.UNHEALTHY,
          "revision %s is not healthy, and there is none to go back to: %s; it is tried on"
              .formatted(followed.orElse(""), failed.get()));
    }
    return rollout.isProven() && followed.equals(target) && orphansGone(report)
        ? ready(report)
        : Optional.empty();
  }

  /// What the sources give waits for approval, which whoever syncs has not given.
  ///
  /// @return how it stands; empty: nothing waits
  private Optional<Optional<Outcome<String>>> unapproved() {
    var approvals = loop.core().inputs().approvals();
    var waits = approvals.waiting();
    if (waits.isEmpty()) {
      return Optional.empty();
    }
    var id = waits.get().revision().id();
    followed = Optional.of(id);
    if (!toldHeld) {
      toldHeld = true;
      waits.get().changes().forEach(c -> progress.accept("would change " + c));
    }
    var line = "revision %s waits %s".formatted(id, approvals.awaits(loop.core().now()));
    if (!awaitsApproval) {
      return Optional.of(failed(Failure.Kind.CONFLICT, line));
    }
    if (!line.equals(told)) {
      told = line;
      progress.accept(line);
    }
    return Optional.of(Optional.empty());
  }

  /// What the sources give waits for its turn.
  ///
  /// @return how it stands; empty: nothing waits
  private Optional<Optional<Outcome<String>>> inLine() {
    var waits = loop.core().turns().waits();
    if (waits.isEmpty()) {
      return Optional.empty();
    }
    followed = waits.map(r -> r.id());
    var held = loop.core().turns().heldBack();
    if (held.isPresent()) {
      return Optional.of(
          failed(
              Failure.Kind.UNHEALTHY,
              held.get()
                  + "; it is not tried until the sources change, or by armory-agent sync"
                  + " --retry"));
    }
    var why = loop.core().turns().report().map(GroupReport::reason).orElse("");
    var line =
        "revision %s: %s"
            .formatted(
                followed.orElse(""), why.isEmpty() ? "leaves the load balancers first" : why);
    if (!line.equals(told)) {
      told = line;
      progress.accept(line);
    }
    return Optional.of(Optional.empty());
  }

  /// What is proven may have fallen since: done is what a load balancer would be told now.
  private Optional<Outcome<String>> ready(HealthReport report) {
    var revision = "revision " + followed.orElse("");
    var missed = report.services().stream().filter(SyncCommand::isMissed).toList();
    if (report.ready().holds() && missed.isEmpty()) {
      return Optional.of(Outcome.done(revision + " is healthy: " + report.ready().reason()));
    }
    var isWanted =
        !missed.isEmpty()
            && missed.stream().allMatch(s -> s.state() == ServiceReport.State.STOPPED);
    missedAt = missed.isEmpty() ? missedAt : loop.core().now();
    var isOver =
        loop.core().now().isAfter(unreadySince(report).plus(loop.core().rolloutTimeout()))
            && (!missed.isEmpty() || loop.core().now().isAfter(missedAt.plus(RECOVERY)));
    return !report.ready().holds() && (isWanted || isOver)
        ? failed(
            Failure.Kind.UNHEALTHY,
            "the node is not ready: %s; %s is in force"
                .formatted(report.ready().reason(), revision))
        : Optional.empty();
  }

  private Instant unreadySince(HealthReport report) {
    var since = report.ready().since();
    return since.isAfter(began) ? since : began;
  }

  private static boolean isMissed(ServiceReport s) {
    return !s.optional() && !s.isUp() && s.state() != ServiceReport.State.STANDBY;
  }

  private boolean orphansGone(HealthReport report) {
    return !removesOrphans || (loop.core().isPlanNew() && report.plan().isEmpty());
  }

  private void tell(HealthReport report) {
    var names = report.services().stream().map(ServiceReport::name).collect(Collectors.toSet());
    services.tell(report, names, "services up", ServiceReport::isUp);
    var line = report.services().stream().allMatch(ServiceReport::isUp) ? bakes() : "";
    if (!line.isEmpty() && !line.equals(told)) {
      told = line;
      progress.accept(line);
    }
  }

  /// What the revision that came of it changes, once.
  private void tellChanges() {
    var entry = loop.history().last().filter(e -> followed.equals(Optional.of(e.id())));
    if (toldChanges || entry.isEmpty()) {
      return;
    }
    toldChanges = true;
    loop.core()
        .inputs()
        .inForce()
        .ifPresent(r -> r.warnings().forEach(w -> progress.accept("warning: " + w)));
    if (!entry.get().at().isBefore(began)) {
      entry.get().changes().forEach(c -> progress.accept("changes " + c));
    }
  }

  private String bakes() {
    return loop.core()
        .rollout()
        .goodAt()
        .map(at ->
            "all healthy; waiting until %s whether it stays so"
                .formatted(at.truncatedTo(ChronoUnit.SECONDS)))
        .orElse("");
  }

  /// What the containers that failed wrote last, and what their health checks answered, once.
  private void tellWhy() {
    if (!toldWhy) {
      toldWhy = true;
      loop.evidence().kept().stream()
          .filter(e -> Optional.of(e.revision()).equals(followed) && !e.at().isBefore(began))
          .forEach(this::tell);
    }
  }

  private void tell(Evidence e) {
    if (!e.health().isEmpty()) {
      progress.accept(e.service() + " | its health check answered: " + e.health());
    }
    e.lines().stream()
        .skip(Math.max(0, e.lines().size() - TOLD_LINES))
        .forEach(l -> progress.accept(e.service() + " | " + l));
  }

  private String lines() {
    return loop.core().inputs().problems().stream()
        .map(Problem::line)
        .collect(Collectors.joining("\n"));
  }

  private static Optional<Outcome<String>> failed(Failure.Kind kind, String message) {
    return Optional.of(Outcome.failed(kind, message));
  }
}
