package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.reconcile.desired.RolloutState.Attempt;
import io.armory.agent.reconcile.desired.RolloutState.Stall;
import io.armory.agent.reconcile.execute.ActionTracker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// One look at a try: whether all that counts is healthy, and else what keeps it from that, or why
/// the revision has failed. Pure.
///
/// @param fallen what is held against the revision
record RolloutCheck(Attempt attempt, List<ServiceReport> services, Falls fallen, Instant now) {
  /// Times that one changed service may fall over before the revision is taken for bad.
  static final int CRASH_LIMIT = 5;

  boolean isHealthy() {
    return down().findAny().isEmpty();
  }

  private Stream<ServiceReport> down() {
    return services.stream().filter(s -> !s.optional() && !counts(s));
  }

  private static boolean counts(ServiceReport s) {
    return s.isUp()
        || s.state() == ServiceReport.State.STOPPED
        || s.state() == ServiceReport.State.STANDBY;
  }

  /// The try as it waits for what is not its doing: that it is away is not the revision's fault, so
  /// its time stands still; nothing is stopped for it.
  ///
  /// @param redisOut the Redis that the last known good revision has too
  Attempt waiting(boolean redisOut, ActionTracker.ImagePulls pulls, Duration timeout) {
    var outage = outage(redisOut, pulls);
    var standsStill = pulls.underWay() || pulls.outage() || outage.isPresent();
    var timed = standsStill ? attempt.until(now.plus(timeout)) : attempt;
    if (outage.isEmpty() && !pulls.outage()) {
      return timed.stalled(Optional.empty());
    }
    var detail =
        outage.isPresent()
            ? "; `armory-agent doctor` says more"
            : ": %s; check the registry and the way to it"
                .formatted(String.join("; ", pulls.failed()));
    return timed.stalled(
        Optional.of(
            new Stall(
                attempt.stall().map(Stall::since).orElse(now),
                outage.orElse("its images cannot be pulled"),
                detail)));
  }

  private Optional<String> outage(boolean redisOut, ActionTracker.ImagePulls pulls) {
    if (redisOut) {
      return Optional.of("the remote Redis is out");
    }
    var full = pulls.noRoom().filter(_ -> isHealthy());
    return full.map(n -> "the engine's disk is full (" + n + ")")
        .or(() -> hindrance(pulls.hindered()));
  }

  /// What else fails, if nothing that the revision changed is down for it.
  private Optional<String> hindrance(Map<String, String> hindered) {
    var isOthers =
        down()
            .allMatch(s -> hindered.containsKey(s.name()) && !attempt.changed().contains(s.name()));
    return isOthers
        ? hindered.values().stream().sorted().findFirst().map("something else fails: "::concat)
        : Optional.empty();
  }

  /// Why it has failed; empty: it has not yet.
  ///
  /// @param outside what beside its services is wrong
  /// @param timeout the time that it had
  Optional<String> failure(List<String> outside, Duration timeout) {
    return attempt
        .refusal()
        .or(this::crash)
        .or(() ->
            now.isBefore(attempt.deadline()) || isStarting()
                ? Optional.empty()
                : Optional.of(late(outside, timeout)));
  }

  private Optional<String> crash() {
    return services.stream()
        .filter(s -> attempt.gaveUp().isEmpty() && attempt.changed().contains(s.name()))
        .filter(s -> !counts(s) || attempt.progress().hasAilingSuccessor(s))
        .filter(s -> !s.optional() && fallen.blamed(s.name()) >= CRASH_LIMIT)
        .findFirst()
        .map(s -> s.isUp() ? s.name() + "'s successor fails: " + lastFailure(s) : describe(s))
        .map(how -> how + ", " + CRASH_LIMIT + " restarts did not help");
  }

  /// Some service has not had its own start period yet. One that was started again for nothing has.
  private boolean isStarting() {
    return services.stream()
        .filter(s -> !s.optional() && fallen.blamed(s.name()) == 0)
        .anyMatch(s -> Progress.isInStartPeriod(attempt.revision(), s, now));
  }

  private String late(List<String> outside, Duration timeout) {
    var last = attempt.progress().last();
    var down =
        Stream.concat(outside.stream(), down().map(RolloutCheck::describe))
            .collect(Collectors.joining("; "));
    return "not healthy within %d s%s: %s"
        .formatted(
            timeout.toSeconds(),
            last.isEmpty() ? "" : " of its last progress (" + last + ")",
            down.isEmpty() ? open() : down);
  }

  /// What is still to be done, and what keeps it from being done.
  private String open() {
    return services.stream()
        .filter(s -> !s.doing().isEmpty())
        .map(s -> s.name() + ": " + s.doing())
        .findFirst()
        .orElse("still changing");
  }

  static String lastFailure(ServiceReport s) {
    return s.lastFailure().map(ServiceReport.LastFailure::what).orElse(s.reason());
  }

  private static String describe(ServiceReport s) {
    return s.name() + " is " + s.state().name().toLowerCase(Locale.ROOT) + ": " + s.reason();
  }
}
