package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Drain.Cause;
import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.ScheduledEvent;
import io.armory.agent.domain.ScheduledEvent.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// When the node goes out of service for what EC2 has in its calendar, and when that is over. Pure.
///
/// @param drainWait for work in hand to end
/// @param booted when the instance was booted last
/// @param alone nobody else serves while this node does not
record Calendar(Duration drainWait, Instant booted, boolean alone) {
  /// Kept for stopping the services, after work in hand has ended.
  static final Duration FOR_STOPPING = Duration.ofMinutes(2);

  /// A drain of the only node is an outage: it begins so long before at most, and always after the
  /// others of a group have had their turn.
  static final Duration WHEN_ALONE = Duration.ofMinutes(5);

  /// What is still to come, or under way. EC2 marks an event as done some time after it was, and
  /// what ends with a boot is over when that has been.
  List<ScheduledEvent> pending(List<ScheduledEvent> all, Instant now) {
    return all.stream()
        .filter(e -> e.notAfter().isEmpty() || now.isBefore(e.notAfter().get()))
        .filter(e -> booted.isBefore(e.notBefore()))
        .sorted(Comparator.comparing(ScheduledEvent::notBefore))
        .toList();
  }

  /// For the first of those that are pending for which it is time.
  ///
  /// @param instance it is announced for
  Optional<Drain> drain(List<ScheduledEvent> pending, String instance, Instant now) {
    return pending.stream()
        .filter(e -> from(e).filter(at -> !now.isBefore(at)).isPresent())
        .findFirst()
        .map(e -> {
          var end = e.notBefore();
          var stopBy = end.minus(Ec2Notices.BEFORE_SPOT);
          return new Drain(
              Cause.SCHEDULED,
              e.words() + "; " + e.kind().afterwards(),
              instance,
              now,
              end.minus(FOR_STOPPING),
              // Too late for that: each service has its own grace period.
              now.isBefore(stopBy) ? stopBy : null,
              Step.RESIGNING,
              "begins",
              false);
        });
  }

  /// When the drain for it begins; empty: there is none. An interruption of the network is borne
  /// better than hours out of service, where nobody else serves.
  Optional<Instant> from(ScheduledEvent event) {
    var ahead = drainWait.plus(FOR_STOPPING);
    if (!alone) {
      return Optional.of(event.notBefore().minus(ahead));
    }
    var half = ahead.dividedBy(2);
    return event.kind() == Kind.MAINTENANCE || event.kind() == Kind.OTHER
        ? Optional.empty()
        : Optional.of(event.notBefore().minus(half.compareTo(WHEN_ALONE) < 0 ? half : WHEN_ALONE));
  }

  /// For people.
  String line(ScheduledEvent event) {
    var description = event.description().isEmpty() ? "" : ": " + event.description();
    return event.words()
        + description
        + from(event)
            .map(at -> "; drained from %s on, %s".formatted(at, event.kind().afterwards()))
            .orElse("; not drained for it, as no other node serves");
  }
}
