package io.armory.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.port.FakeEngine;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What must hold of a node, said anew and without the planner's own words.
final class Expect {
  private Expect() {}

  static List<Container> ours(TinyAgent agent) {
    return agent.observed().containers().stream()
        .filter(c -> agent.desired.services().containsKey(c.service()))
        .toList();
  }

  static List<Container> others(FakeEngine engine) {
    return engine.containers().stream()
        .filter(c -> c.id().startsWith("foreign") || c.id().startsWith("orphan"))
        .toList();
  }

  /// Exactly the containers the stack asks for: by name, number, definition, image, state, restart
  /// policy and networks. Nothing is left over.
  static void assertAsDesired(TinyAgent agent) {
    var expected = new ArrayList<String>();
    for (var s : agent.desired.services().values()) {
      for (int n = 1; n <= s.replicas(); n++) {
        var own = s.container().containerName();
        expected.add(own == null ? "p-%s-%d".formatted(s.name(), n) : own);
      }
    }
    assertThat(ours(agent))
        .extracting(Container::name)
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(ours(agent)).allSatisfy(c -> assertRight(agent, c));
  }

  static void assertRight(TinyAgent agent, Container c) {
    var service = agent.service(c.service());
    assertThat(c.definitionHash().or(c::configHash))
        .hasValue(c.definitionHash().isPresent() ? service.definitionHash() : service.configHash());
    if (agent.observed().images().containsKey(service.container().image())) {
      assertThat(c.imageId()).isEqualTo(RandomNode.imageId(service));
    }
    var ended = Service.isOneShot(agent.desired, c.service());
    assertThat(c.state())
        .as("state of %s", c.name())
        .isEqualTo(ended ? State.EXITED : State.RUNNING);
    if (!ended) {
      assertThat(c.restartPolicy()).isEqualTo(RestartPolicy.NO.name());
    }
    var networks = agent.observed().networks();
    for (var a : service.container().networking().attachments()) {
      var there = networks.stream().filter(n -> n.name().equals("p_" + a.network())).findFirst();
      var end = c.networks().get("p_" + a.network());
      assertThat(end).as("%s on %s", c.name(), a.network()).isNotNull();
      assertThat(end.networkId()).isIn("", there.orElseThrow().id());
    }
  }

  static void assertDependenciesHold(TinyAgent agent, Observed observed, String service) {
    var health = agent.health(observed);
    agent
        .service(service)
        .dependsOn()
        .forEach((d, dependency) -> {
          if (!dependency.required()) {
            return;
          }
          var all = observed.containers().stream().filter(c -> c.service().equals(d)).toList();
          assertThat(all).as("containers of %s, which %s needs", d, service).isNotEmpty();
          assertThat(all)
              .allSatisfy(c -> {
                var done = c.state() == State.EXITED && c.exitCode() == 0;
                var verdict = health.get(c.id());
                switch (dependency.condition()) {
                  case STARTED -> assertThat(c.running() || done).as("%s started", d).isTrue();
                  case HEALTHY ->
                      assertThat(c.running() && verdict != null && verdict.healthy())
                          .as("%s healthy before %s", d, service)
                          .isTrue();
                  case COMPLETED_SUCCESSFULLY -> assertThat(done).as("%s completed", d).isTrue();
                }
              });
        });
  }

  static void assertReplacementExists(
      TinyAgent agent, Observed observed, Action.StopContainer stop) {
    var mine = observed.container(stop.id()).orElseThrow();
    var service = agent.service(mine.service());
    var beyond = mine.number() < 1 || mine.number() > service.replicas();
    var others =
        observed.containers().stream()
            .filter(c -> c.service().equals(mine.service()) && !c.id().equals(mine.id()))
            .filter(c -> c.state() != State.DEAD && c.state() != State.REMOVING)
            .toList();
    var covered =
        others.stream()
            .filter(c -> c.number() >= 1 && c.number() <= service.replicas())
            .filter(c -> isOf(service, c) || (beyond && Slot.isActive(c)))
            .map(Container::number)
            .collect(Collectors.toSet());
    var spare =
        others.stream()
            .filter(Slot::isActive)
            .filter(c -> c.number() < 1 || c.number() > service.replicas())
            .count();
    if (!beyond) {
      assertThat(covered).as("another for the place of %s", stop.name()).contains(mine.number());
    } else {
      assertThat(covered.size() + spare)
          .as("others for the places of %s", stop.service())
          .isGreaterThanOrEqualTo(Math.min(service.replicas(), 1));
    }
  }

  static boolean lacksContainer(Service service, Observed observed) {
    return service.replicas() > 0
        && observed.containers().stream()
            .noneMatch(c -> c.service().equals(service.name()) && isOf(service, c));
  }

  private static boolean isOf(Service service, Container c) {
    return c.definitionHash()
        .map(service.definitionHash()::equals)
        .orElseGet(() -> c.configHash().map(service.configHash()::equals).orElse(false));
  }

  /// Places with a healthy running container, tasks left out.
  static Set<String> places(TinyAgent agent, Observed observed) {
    var health = agent.health(observed);
    return observed.containers().stream()
        .filter(c -> {
          var verdict = health.get(c.id());
          return verdict != null && verdict.healthy();
        })
        .filter(c -> agent.desired.services().containsKey(c.service()))
        .filter(c -> !Service.isOneShot(agent.desired, c.service()))
        .map(c -> c.service() + "/" + c.number())
        .collect(Collectors.toSet());
  }

  /// Of services that start first, and may: places where a healthy container is found by the
  /// service's name.
  static Set<String> found(TinyAgent agent, Observed observed) {
    var health = agent.health(observed);
    return observed.containers().stream()
        .filter(c -> {
          var service = agent.desired.services().get(c.service());
          var verdict = health.get(c.id());
          return service != null
              && service.startFirst()
              && service.container().networking().ports().isEmpty()
              && !service.container().networking().attachments().isEmpty()
              && service.container().storage().mounts().isEmpty()
              && verdict != null
              && verdict.healthy()
              && c.networks().values().stream().anyMatch(e -> e.aliases().contains(c.service()));
        })
        .map(c -> c.service() + "/" + c.number())
        .collect(Collectors.toSet());
  }

  static Set<String> wantedPlaces(TinyAgent agent) {
    var all = new HashSet<String>();
    for (var s : agent.desired.services().values()) {
      for (int n = 1; n <= s.replicas(); n++) {
        all.add(s.name() + "/" + n);
      }
    }
    return all;
  }
}
