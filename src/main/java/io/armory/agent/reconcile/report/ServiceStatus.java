package io.armory.agent.reconcile.report;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.ServiceReport.ContainerReport;
import io.armory.agent.domain.stack.Networking.PortBinding;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.domain.stack.Observation.Unknown;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.health.ServiceFacts;
import io.armory.agent.health.ServiceJudge;
import io.armory.agent.plan.Topology;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How each service is, and what is being done about it. On the loop's thread.
public final class ServiceStatus {
  private static final int CRASH_LOOP = 3;

  /// A service whose state changed.
  public record Turn(
      String service, ServiceReport.State from, ServiceReport.State to, String reason) {}

  /// @param turns to be added to
  List<ServiceReport> of(ReportInput facts, List<Turn> turns, Instant now) {
    if (facts.eyes().last().isEmpty()) {
      return List.of();
    }
    var health = facts.eyes().health(facts.stack());
    var reports = new ArrayList<ServiceReport>();
    for (var service : new Topology(facts.stack()).sorted().values()) {
      reports.add(service(facts, service, health, turns, now));
    }
    return reports;
  }

  private ServiceReport service(
      ReportInput facts,
      Service service,
      Map<String, ContainerHealth> health,
      List<Turn> turns,
      Instant now) {
    var name = service.name();
    var standby = facts.group().standby(facts.stack());
    var containers =
        facts.eyes().observed().map(Observed::containers).orElse(List.of()).stream()
            .filter(c -> c.service().equals(name))
            .toList();
    var stopped = Optional.ofNullable(facts.intents().stopped().get(name));
    var elsewhere = Optional.ofNullable(standby.get(name));
    if (stopped.isEmpty() && elsewhere.isEmpty()) {
      facts.history().wanted(name, containers);
    }
    var judgement =
        ServiceJudge.judge(
            new ServiceFacts(
                service,
                containers,
                health,
                stopped,
                elsewhere,
                Service.isOneShot(facts.stack(), name),
                wait(facts, name),
                facts.eyes().deaths().all(),
                containers.stream()
                    .filter(facts.history()::endedBefore)
                    .map(Container::id)
                    .collect(Collectors.toSet()),
                unknown(facts)));
    var reason = reason(facts, name, judgement);
    var known = facts.history().knows(name);
    facts
        .history()
        .state(name, judgement.state(), now)
        .ifPresent(c -> {
          if (known) {
            turns.add(new Turn(name, c.from(), c.to(), reason));
          } else if (judgement.state() == ServiceReport.State.UP) {
            facts.history().since(name, upSince(containers, now));
          }
        });
    return new ServiceReport(
        name,
        judgement.state(),
        reason,
        facts.history().since(name),
        facts.history().restarts(name),
        facts.history().lastFailure(name),
        doing(facts, service),
        service.optional(),
        service.container().image(),
        containers.stream().map(c -> container(c, health.get(c.id()))).toList(),
        published(service),
        Optional.empty());
  }

  /// Ports of the node by which it is found at any address.
  private static List<Integer> published(Service service) {
    return service.container().networking().ports().stream()
        .filter(p -> p.hostIp() == null && p.protocol().equals("tcp"))
        .map(PortBinding::published)
        .filter(p -> p != null && p.matches("[0-9]{1,5}"))
        .map(Integer::valueOf)
        .distinct()
        .toList();
  }

  private static Map<String, Unknown> unknown(ReportInput facts) {
    return facts.eyes().observed().map(Observed::unknown).orElse(List.of()).stream()
        .filter(u -> u.thing() == Thing.CONTAINER)
        .collect(Collectors.toMap(Unknown::key, u -> u));
  }

  /// What the engine refuses to do now is why it is not up; what was before comes after. Repair
  /// goes on, ever slower; that it does not help is worth a name.
  private static String reason(
      ReportInput facts, String service, ServiceJudge.Judgement judgement) {
    var refusal = facts.hands().refusal(service);
    if (refusal.isPresent() && isNotUp(judgement.state())) {
      var todo = refusal.get().kind().todo();
      return refusal.get().message()
          + (todo.isEmpty() ? "" : "; " + todo)
          + "; before that: "
          + judgement.reason();
    }
    var attempts = facts.hands().backoffs().attempts(service);
    return judgement.state() == ServiceReport.State.DOWN && attempts >= CRASH_LOOP
        ? "crash loop, started %d times in vain: %s".formatted(attempts, judgement.reason())
        : judgement.reason();
  }

  private static boolean isNotUp(ServiceReport.State state) {
    return switch (state) {
      case STARTING, DOWN, UNKNOWN -> true;
      case UP, DEGRADED, STOPPED, STANDBY, COMPLETED -> false;
    };
  }

  private static Instant upSince(List<Container> containers, Instant now) {
    return containers.stream()
        .flatMap(c -> Optional.ofNullable(c.startedAt()).stream())
        .filter(started -> !started.isAfter(now))
        .max(Instant::compareTo)
        .orElse(now);
  }

  private static ContainerReport container(Container c, @Nullable ContainerHealth health) {
    return new ContainerReport(
        c.id(),
        c.name(),
        c.state().name().toLowerCase(Locale.ROOT),
        c.startedAt(),
        c.running() && health != null && health.healthy());
  }

  private static Optional<Plan.Wait> wait(ReportInput facts, String service) {
    return facts.plan().waits().stream().filter(w -> w.service().equals(service)).findFirst();
  }

  private static String doing(ReportInput facts, Service service) {
    for (var image : service.container().images().toList()) {
      var pull = facts.hands().progress().get("image " + image);
      if (pull != null) {
        return "pulling " + image + ": " + pull;
      }
    }
    return facts.plan().steps().stream()
        .filter(s -> s.action().subject().equals(service.name()))
        .map(s -> refused(facts, service) + s.action().describe() + ": " + s.cause())
        .findFirst()
        .or(() ->
            service
                .container()
                .images()
                .flatMap(image -> wait(facts, "image " + image).stream())
                .map(Plan.Wait::reason)
                .findFirst())
        .or(() -> ownWait(facts, service))
        .orElse("");
  }

  /// With why what is done now was done in vain before, where the wait does not say it itself.
  private static Optional<String> ownWait(ReportInput facts, Service service) {
    return wait(facts, service.name())
        .map(w -> (w.failure().isPresent() ? "" : refused(facts, service)) + w.reason());
  }

  private static String refused(ReportInput facts, Service service) {
    return facts
        .hands()
        .refusal(service.name())
        .map(f -> f.message() + "; tried again: ")
        .orElse("");
  }
}
