package io.armory.agent.health;

import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.report.ServiceReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/// Whether the node should get traffic, from its services, and why not in one sentence.
public final class Readiness {
  private static final int NAMED = 3;

  private Readiness() {}

  /// @param before the verdict of the report before, whose `since` is kept while it holds
  public static Verdict of(
      List<ServiceReport> services, String blocker, Verdict before, Instant now) {
    var ailing = services.stream().filter(s -> !s.optional() && isMissed(s)).toList();
    if (!blocker.isEmpty()) {
      return verdict(false, blocker, before, now);
    }
    if (services.isEmpty()) {
      return verdict(false, "starting: no service is known yet", before, now);
    }
    if (ailing.isEmpty()) {
      return verdict(true, up(services), before, now);
    }
    var starting = ailing.stream().allMatch(s -> s.state() == ServiceReport.State.STARTING);
    return verdict(false, starting ? starting(ailing, now) : broken(ailing, now), before, now);
  }

  /// One that another node was elected for is missed by nobody.
  private static boolean isMissed(ServiceReport service) {
    return !service.isUp() && service.state() != ServiceReport.State.STANDBY;
  }

  private static String up(List<ServiceReport> services) {
    var here = services.stream().filter(s -> s.state() != ServiceReport.State.STANDBY).toList();
    var without = here.stream().filter(s -> !s.isUp()).map(ServiceReport::name).toList();
    if (!without.isEmpty()) {
      return "all services that count are up; not up: " + String.join(", ", without);
    }
    return here.size() == 1
        ? "its only service, " + here.getFirst().name() + ", is up"
        : "all " + here.size() + " services are up";
  }

  private static String starting(List<ServiceReport> ailing, Instant now) {
    return "starting: waiting for "
        + ailing.stream()
            .limit(NAMED)
            .map(s -> s.name() + ", " + seconds(s.since(), now) + " s")
            .collect(Collectors.joining("; "))
        + more(ailing.size());
  }

  private static String broken(List<ServiceReport> ailing, Instant now) {
    return ailing.stream()
            .filter(s -> s.state() != ServiceReport.State.STARTING)
            .limit(NAMED)
            .map(s ->
                "%s is %s for %d s: %s"
                    .formatted(
                        s.name(),
                        s.state().name().toLowerCase(java.util.Locale.ROOT),
                        seconds(s.since(), now),
                        s.reason()))
            .collect(Collectors.joining("; "))
        + more(
            (int) ailing.stream().filter(s -> s.state() != ServiceReport.State.STARTING).count());
  }

  private static String more(int all) {
    return all > NAMED ? "; and " + (all - NAMED) + " more" : "";
  }

  private static long seconds(Instant since, Instant now) {
    return Math.max(0, Duration.between(since, now).toSeconds());
  }

  private static Verdict verdict(boolean holds, String reason, Verdict before, Instant now) {
    return new Verdict(holds, reason, before.holds() == holds ? before.since() : now);
  }
}
