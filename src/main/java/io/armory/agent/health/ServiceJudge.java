package io.armory.agent.health;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.Death;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Plan;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;

/// One service's state and the reason for it.
public final class ServiceJudge {
  private ServiceJudge() {}

  /// @param reason in words, for the table and the log
  public record Judgement(ServiceReport.State state, String reason) {}

  /// Of a container that cannot be read counts what else tells of it: its last known state, the
  /// engine's list, and what it answers.
  public static Judgement judge(ServiceFacts facts) {
    var judgement = known(facts);
    var unknown =
        facts.containers().stream()
            .flatMap(c -> Optional.ofNullable(facts.unknown().get(c.id())).stream())
            .findFirst();
    if (unknown.isEmpty()) {
      return judgement;
    }
    var state =
        judgement.state() == ServiceReport.State.STARTING
            ? ServiceReport.State.UNKNOWN
            : judgement.state();
    var why = unknown.get().describe() + ", since " + unknown.get().since().truncatedTo(SECONDS);
    return new Judgement(
        state, state == ServiceReport.State.UNKNOWN ? why : judgement.reason() + "; " + why);
  }

  private static Judgement known(ServiceFacts facts) {
    var wanted = facts.service().replicas();
    if (facts.stopped().isPresent()) {
      var by = "stopped by " + facts.stopped().get().by();
      return new Judgement(
          ServiceReport.State.STOPPED, count(facts, Container::running) > 0 ? "being " + by : by);
    }
    if (facts.standby().isPresent()) {
      return new Judgement(
          ServiceReport.State.STANDBY,
          (count(facts, Container::running) > 0 ? "being stopped: " : "stands by: ")
              + facts.standby().get());
    }
    if (wanted == 0) {
      return new Judgement(ServiceReport.State.UP, "scaled to 0: nothing is to run");
    }
    var healthy = count(facts, c -> verdict(facts, c).filter(ContainerHealth::healthy).isPresent());
    if (healthy >= wanted) {
      return new Judgement(
          ServiceReport.State.UP, wanted == 1 ? "healthy" : wanted + " of " + wanted + " healthy");
    }
    if (facts.oneShot() && count(facts, ServiceJudge::endedWell) >= wanted) {
      return new Judgement(ServiceReport.State.COMPLETED, "completed with exit code 0");
    }
    if (healthy > 0) {
      return new Judgement(ServiceReport.State.DEGRADED, healthy + " of " + wanted + " healthy");
    }
    return notUp(facts);
  }

  private static Judgement notUp(ServiceFacts facts) {
    var unhealthy =
        facts.containers().stream()
            .flatMap(c -> verdict(facts, c).stream())
            .filter(ContainerHealth::unhealthy)
            .findFirst();
    if (unhealthy.isPresent()) {
      return new Judgement(ServiceReport.State.DOWN, unhealthy.get().reason());
    }
    var running = facts.containers().stream().filter(Container::running).findFirst();
    if (running.isPresent()) {
      var why = verdict(facts, running.get()).map(ContainerHealth::reason).orElse("just started");
      return new Judgement(ServiceReport.State.STARTING, why);
    }
    if (count(facts, c -> c.state() == State.PAUSED) > 0) {
      return new Judgement(ServiceReport.State.DOWN, "paused");
    }
    return ended(facts).orElseGet(() -> absent(facts));
  }

  /// Without a container it is on its way up, but where its repair is put off: nothing starts then.
  private static Judgement absent(ServiceFacts facts) {
    return new Judgement(
        facts.waits().filter(Plan.Wait::isForRepair).isPresent()
            ? ServiceReport.State.DOWN
            : ServiceReport.State.STARTING,
        facts.waits().map(Plan.Wait::reason).orElse("not started yet"));
  }

  /// What the agent ended, or what ended before it was wanted again, it is about to start or has
  /// replaced: nothing failed.
  private static Optional<Judgement> ended(ServiceFacts facts) {
    var last =
        facts.containers().stream()
            .filter(c -> c.startedAt() != null && c.state() != State.CREATED)
            .max(
                Comparator.<Container>comparingInt(c -> isToBeStarted(facts, c) ? 0 : 1)
                    .thenComparing(
                        Container::finishedAt, Comparator.nullsFirst(Comparator.naturalOrder())));
    return last.map(c ->
        isToBeStarted(facts, c)
            ? new Judgement(
                ServiceReport.State.STARTING,
                facts.waits().map(Plan.Wait::reason).orElseGet(() -> ending(facts, c)))
            : new Judgement(ServiceReport.State.DOWN, explained(facts, c)));
  }

  private static boolean isToBeStarted(ServiceFacts facts, Container c) {
    var death = facts.deaths().get(c.id());
    return (death != null && death.by() == Death.By.AGENT) || facts.endedBefore().contains(c.id());
  }

  private static String ending(ServiceFacts facts, Container c) {
    var seen = facts.deaths().get(c.id());
    if (seen != null) {
      return seen.what();
    }
    return c.oomKilled()
        ? "killed by the kernel: out of memory"
        : "exited with code " + c.exitCode();
  }

  private static String explained(ServiceFacts facts, Container c) {
    var seen = facts.deaths().get(c.id());
    var outOfMemory = seen == null ? c.oomKilled() : seen.by() == Death.By.KERNEL;
    var words = ending(facts, c);
    return outOfMemory ? Ending.outOfMemory(words, facts.service()) : words;
  }

  private static boolean endedWell(Container c) {
    return c.state() == State.EXITED && c.exitCode() == 0 && c.startedAt() != null;
  }

  private static Optional<ContainerHealth> verdict(ServiceFacts facts, Container c) {
    return c.running() ? Optional.ofNullable(facts.health().get(c.id())) : Optional.empty();
  }

  private static int count(ServiceFacts facts, Predicate<Container> test) {
    return (int) facts.containers().stream().filter(test).count();
  }
}
