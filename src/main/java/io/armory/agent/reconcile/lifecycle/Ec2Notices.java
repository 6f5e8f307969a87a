package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Drain.Cause;
import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.ScheduledEvent;
import io.armory.agent.port.Lifecycle.Notices;
import io.armory.agent.port.Lifecycle.SpotNotice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What EC2 announces, and the drain it asks for. On the watch's thread.
final class Ec2Notices {
  /// Everything is stopped so long before Spot takes the instance: what comes after, such as the
  /// system's own shutdown, needs time, too.
  static final Duration BEFORE_SPOT = Duration.ofSeconds(20);

  /// The most that is kept for stopping out of what Spot leaves: half of it, up to this.
  static final Duration FOR_STOPPING = Duration.ofSeconds(40);

  private final LifecycleSettings settings;
  private @Nullable Instant spotSeen;
  private List<String> lines = List.of();
  private List<ScheduledEvent> scheduled = List.of();

  Ec2Notices(LifecycleSettings settings) {
    this.settings = settings;
  }

  /// For people, one line each.
  List<String> lines() {
    return lines;
  }

  /// What is in EC2's calendar and not over.
  List<ScheduledEvent> scheduled() {
    return scheduled;
  }

  /// The drain that what is announced calls for.
  ///
  /// @param instance it is announced for
  Optional<Drain> drain(Notices notices, String instance, GroupSeat seat, Instant now) {
    var calendar = calendar(seat.alone());
    scheduled = calendar.pending(notices.scheduled(), now);
    var said = new ArrayList<String>();
    notices.rebalance().ifPresent(at -> said.add("EC2 recommends to rebalance, since " + at));
    notices.spot().ifPresent(s -> said.add("EC2 Spot will " + s.action() + " it at " + s.at()));
    scheduled.forEach(e -> said.add(calendar.line(e)));
    lines = said;
    return notices
        .spot()
        .map(s -> spot(s, instance, now))
        .or(() -> group(notices, instance, now))
        .or(() -> calendar(!seat.mayLeave()).drain(scheduled, instance, now))
        .or(() -> rebalance(notices, instance, seat, now));
  }

  private Calendar calendar(boolean alone) {
    return new Calendar(settings.drainWait(), settings.booted().instant(), alone);
  }

  private Drain spot(SpotNotice notice, String instance, Instant now) {
    var seen = spotSeen == null ? now : spotSeen;
    spotSeen = seen;
    var stopBy = notice.at().minus(BEFORE_SPOT);
    var left = Duration.between(seen, stopBy);
    var half = left.isNegative() ? Duration.ZERO : left.dividedBy(2);
    var forStopping = half.compareTo(FOR_STOPPING) < 0 ? half : FOR_STOPPING;
    var why = "EC2 Spot will %s this instance at %s".formatted(notice.action(), notice.at());
    return begun(Cause.SPOT, why, instance, now, stopBy.minus(forStopping), stopBy);
  }

  private Optional<Drain> group(Notices notices, String instance, Instant now) {
    var target = notices.targetState().orElse("");
    var until = now.plus(settings.drainWait());
    if (target.equals("Terminated") || target.equals("Warmed:Terminated")) {
      return Optional.of(
          begun(
              Cause.TERMINATION,
              "the Auto Scaling group ends this instance",
              instance,
              now,
              until,
              null));
    }
    if (target.startsWith("Warmed:")) {
      return Optional.of(
          begun(
              Cause.WARM_POOL,
              "the instance is in the warm pool of its Auto Scaling group",
              instance,
              now,
              until,
              null));
    }
    return Optional.empty();
  }

  /// EC2 may recommend it for all nodes of a group at once, and takes none of them for it.
  private Optional<Drain> rebalance(Notices notices, String instance, GroupSeat seat, Instant now) {
    return notices
        .rebalance()
        .filter(at -> settings.drainsOnRebalance() && (seat.mayLeave() || !seat.shared()))
        .map(at ->
            begun(
                Cause.REBALANCE,
                "EC2 recommends to rebalance, since " + at,
                instance,
                now,
                now.plus(settings.drainWait()),
                null));
  }

  private static Drain begun(
      Cause cause,
      String why,
      String instance,
      Instant now,
      Instant waitUntil,
      @Nullable Instant stopBy) {
    return new Drain(cause, why, instance, now, waitUntil, stopBy, Step.RESIGNING, "begins", false);
  }
}
