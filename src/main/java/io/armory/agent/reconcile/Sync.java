package io.armory.agent.reconcile;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.HealthReport;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.ServiceReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Follows one `sync` from the reading of the sources to the end of the rollout they led to.
final class Sync {
  /// Of each service that failed; all that is kept is shown by `logs SERVICE --failed`.
  private static final int TOLD_LINES = 10;

  /// Readiness rises some seconds after everything is up again.
  private static final Duration RECOVERY = Duration.ofSeconds(15);

  private final Loop loop;
  private final Consumer<String> progress;
  private final boolean removesOrphans;
  private final long readingsBefore;
  private final Instant began;
  private String told = "";
  private boolean toldWhy;
  private Instant missedAt = Instant.EPOCH;
  private Optional<String> followed = Optional.empty();

  Sync(Loop loop, Consumer<String> progress, boolean removesOrphans) {
    this.loop = loop;
    this.progress = progress;
    this.removesOrphans = removesOrphans;
    this.readingsBefore = loop.inputs().begun();
    this.began = loop.now();
  }

  /// @return how it ended; empty: it has not. What it asked to be removed is asked for no longer
  ///   then: the next orphan may be somebody's mistake.
  Optional<Outcome<String>> settled(HealthReport report) {
    var end = end(report);
    if (end.isPresent() && removesOrphans) {
      var i = loop.wishes().intents();
      loop.wishes().intend(new Intents(i.stopped(), i.restarts(), false));
    }
    return end;
  }

  private Optional<Outcome<String>> end(HealthReport report) {
    if (loop.inputs().readings() <= readingsBefore) {
      return Optional.empty();
    }
    var stale = loop.inputs().staleSince();
    if (stale.isPresent()) {
      return failed(Failure.Kind.UNREACHABLE, "the sources cannot be read: " + lines());
    }
    var rollout = loop.rollout();
    var target = rollout.target().map(r -> r.id());
    if (followed.isEmpty()) {
      var refusal = loop.inputs().refusal();
      if (refusal.isPresent()) {
        return failed(refusal.get(), lines());
      }
      followed = target;
    }
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
    var stalled = followed.equals(target) ? rollout.stalled(loop.now()) : Optional.<String>empty();
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

  /// What is proven may have fallen since: done is what a load balancer would be told now.
  private Optional<Outcome<String>> ready(HealthReport report) {
    var revision = "revision " + followed.orElse("");
    var missed = report.services().stream().filter(Sync::isMissed).toList();
    if (report.ready().holds() && missed.isEmpty()) {
      return Optional.of(Outcome.done(revision + " is healthy: " + report.ready().reason()));
    }
    var isWanted =
        !missed.isEmpty()
            && missed.stream().allMatch(s -> s.state() == ServiceReport.State.STOPPED);
    missedAt = missed.isEmpty() ? missedAt : loop.now();
    var isOver =
        loop.now().isAfter(unreadySince(report).plus(loop.rolloutTimeout()))
            && (!missed.isEmpty() || loop.now().isAfter(missedAt.plus(RECOVERY)));
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
    return !removesOrphans || (loop.isPlanNew() && report.plan().isEmpty());
  }

  private void tell(HealthReport report) {
    var busy =
        report.services().stream()
            .filter(s -> !s.isUp())
            .map(s -> s.name() + " " + word(s))
            .collect(Collectors.joining(", "));
    var line = busy.isEmpty() ? "" : "waiting for: " + busy;
    if (!line.isEmpty() && !line.equals(told)) {
      told = line;
      progress.accept(line);
    }
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

  private static String word(ServiceReport s) {
    return s.state().name().toLowerCase(java.util.Locale.ROOT);
  }

  private String lines() {
    return loop.inputs().problems().stream().map(Problem::line).collect(Collectors.joining("\n"));
  }

  private static Optional<Outcome<String>> failed(Failure.Kind kind, String message) {
    return Optional.of(Outcome.failed(new Failure(kind, message)));
  }
}
