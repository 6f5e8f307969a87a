package io.armory.agent.reconcile.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Revision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An agent that is killed at every single instant of a release whose services start first, and
/// once more at each of what its successor does: what the sources say last is what is left, and
/// nothing else.
@Tag("clockless")
class KilledReplacementTest {
  private static final Duration UP = Duration.ofMinutes(3);
  private static final Duration RELEASE = Duration.ofMinutes(10);
  private static final Duration MENDED = Duration.ofMinutes(9);
  private static final int NEVER = Integer.MAX_VALUE;

  @Test
  void killed_anywhere_it_ends_as_the_sources_say() {
    walk(SimulatedStack.few(1, 2), SimulatedStack.few(1, 2));
  }

  @Test
  void killed_anywhere_while_the_sources_go_back() {
    walk(SimulatedStack.few(1, 2), SimulatedStack.few(0, 2));
  }

  @Test
  void killed_anywhere_while_the_sources_go_on() {
    walk(SimulatedStack.few(1, 2), SimulatedStack.few(2, 3));
  }

  @Test
  void killed_anywhere_while_the_sources_want_fewer() {
    walk(SimulatedStack.few(1, 2), SimulatedStack.few(2, 1));
  }

  @Test
  void killed_again_while_it_picks_up_what_was_left() {
    var wrong = new ArrayList<String>();
    for (int first = 0; first < 24; first++) {
      for (int second = first % 6; second < 24; second += 6) {
        new Life(SimulatedStack.few(1, 2), first, second)
            .live(SimulatedStack.few(2, 2))
            .ifPresent(wrong::add);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /// An engine does what it is asked for, but names are set by several calls.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void killed_anywhere_while_names_are_set(int calls) {
    var wrong = new ArrayList<String>();
    var times = 0;
    for (int at = 0; at < 30; at++) {
      var life = new Life(SimulatedStack.few(1, 2), at, NEVER);
      life.node.namesSet = calls;
      life.live(SimulatedStack.few(at % 3, 2)).ifPresent(wrong::add);
      times += life.node.namesBrokenOff;
    }
    assertThat(wrong).isEmpty();
    assertThat(times).isPositive();
  }

  private static void walk(Revision release, Revision then) {
    var wrong = new ArrayList<String>();
    var isOver = false;
    for (int at = 0; !isOver; at++) {
      var life = new Life(release, at, NEVER);
      life.live(then).ifPresent(wrong::add);
      isOver = life.isKilledAfterAll;
    }
    assertThat(wrong).isEmpty();
  }

  private static final class Life {
    private final SimulatedNode node = new SimulatedNode(1, Boolean.getBoolean("simulation.trace"));
    private final Revision release;
    private final int first;
    private final int second;
    private boolean isKilledAfterAll;

    Life(Revision release, int first, int second) {
      this.release = release;
      this.first = first;
      this.second = second;
    }

    /// @param then what the sources say when the agent comes back
    /// @return what is not as they say, long after
    Optional<String> live(Revision then) {
      for (var service : SimulatedStack.SERVICES) {
        IntStream.range(0, 3)
            .forEach(version -> node.engine.image(SimulatedStack.image(service, version)));
      }
      node.desired = SimulatedStack.few(0, 2);
      node.startAgent();
      node.time.runUntil(UP);
      node.desired = release;
      node.sync();
      node.invariants.killAfterChanges(first);
      node.onStart(() -> {
        node.desired = then;
        if (node.starts() == 2 && second != NEVER) {
          node.invariants.killAfterChanges(second);
        }
      });
      for (var now = UP; node.starts() == 1 && now.compareTo(UP.plus(RELEASE)) < 0; ) {
        now = now.plusSeconds(10);
        isKilledAfterAll = shape().equals(shape(release));
        node.time.runUntil(now);
      }
      node.time.runUntil(node.time.passed().plus(MENDED));
      var is = shape();
      if (is.equals(shape(then)) || node.starts() == 1) {
        return Optional.empty();
      }
      node.trace.forEach(System.out::println);
      return Optional.of("killed at %d and %d: %s".formatted(first, second, is));
    }

    private Map<String, String> shape() {
      var all = new TreeMap<String, String>();
      for (var c : node.engine.containers()) {
        all.put(c.name(), said(c));
      }
      return all;
    }

    private static String said(Container c) {
      var isFound = c.networks().values().stream().anyMatch(e -> e.aliases().contains(c.service()));
      return "%s %s %s"
          .formatted(
              c.labels().get("io.armory.agent.definition"),
              c.state(),
              isFound ? "found" : "nameless");
    }

    private static Map<String, String> shape(Revision revision) {
      var all = new TreeMap<String, String>();
      revision
          .stack()
          .services()
          .values()
          .forEach(s -> {
            for (int n = 1; n <= s.replicas(); n++) {
              all.put("spinnaker-" + s.name() + "-" + n, s.definitionHash() + " RUNNING found");
            }
          });
      return all;
    }
  }
}
