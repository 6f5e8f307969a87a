package io.armory.agent.reconcile.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.rig.Sheet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An hour of a node's life with everything that can happen to it, for many seeds. A failure names
/// its seed: `-Dsimulation.seed=N` runs that one alone and prints all that happened.
@Tag("clockless")
class NodeSimulationTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration IN_PEACE_FROM = Duration.ofMinutes(32);
  private static final int SEEDS = 100;
  private static final int SEEDS_LONG = 20_000;

  /// What happened in all lives.
  private static final Map<String, Integer> COUNTS = new ConcurrentSkipListMap<>();

  @Test
  void nothing_that_happens_to_a_node_makes_it_do_harm() {
    var one = Long.getLong("simulation.seed");
    if (one != null) {
      assertThat(live(one, one % 2 == 1, true)).isEmpty();
      return;
    }
    var seeds =
        Integer.getInteger(
            "simulation.seeds", Boolean.getBoolean("armory.long") ? SEEDS_LONG : SEEDS);
    var failures =
        LongStream.range(0, seeds)
            .parallel()
            .boxed()
            .flatMap(seed -> live(seed, seed % 2 == 1, false).stream())
            .limit(10)
            .toList();
    assertThat(failures).isEmpty();
    Sheet.count("simulation", "hours of a node", seeds, 0);
    COUNTS.forEach((what, times) -> Sheet.count("simulation", what, times, 0));
  }

  @Test
  void what_nobody_approved_is_never_run() {
    assertThat(
            LongStream.range(0, 20)
                .boxed()
                .flatMap(seed -> live(seed, Approval.MANUAL, false, false).stream()))
        .isEmpty();
    assertThat(COUNTS).containsKey("approvals");
  }

  /// Seeds that have found a fault.
  @ParameterizedTest
  @ValueSource(longs = {10, 13, 27, 32, 34, 103, 106, 147, 275})
  void what_went_wrong_once_stays_right(long seed) {
    assertThat(live(seed, false, false)).isEmpty();
  }

  /// The same seed is the same life.
  @Test
  void a_seed_can_be_lived_again() {
    assertThat(lived(7)).isEqualTo(lived(7)).isNotEmpty();
  }

  private static List<String> lived(long seed) {
    var node = new SimulatedNode(seed, true);
    new Faults(node, IN_PEACE_FROM, seed).begin();
    node.time.runUntil(HOUR);
    return node.trace;
  }

  /// @param slow some probes are answered late, as for every other seed
  private static List<String> live(long seed, boolean slow, boolean prints) {
    return live(seed, Approval.AUTO, slow, prints);
  }

  private static List<String> live(long seed, Approval approval, boolean slow, boolean prints) {
    var node = new SimulatedNode(seed, prints);
    node.approval = approval;
    node.slowProbes = slow;
    var wrong = new ArrayList<String>();
    try {
      var faults = new Faults(node, IN_PEACE_FROM, seed);
      faults.begin();
      node.time.runUntil(HOUR);
      faults.counts.forEach((what, times) -> COUNTS.merge(what, times, Integer::sum));
      isWellAgain(node).forEach(w -> wrong.add("seed " + seed + ": " + w));
    } catch (RuntimeException | Error e) {
      wrong.add(
          "seed "
              + seed
              + ": "
              + e
              + (e instanceof AssertionError
                  ? ""
                  : " at " + List.of(e.getStackTrace()).subList(0, 6)));
    }
    node.trace.forEach(System.out::println);
    return wrong;
  }

  private static List<String> isWellAgain(SimulatedNode node) {
    var report = node.report();
    if (report.isEmpty()) {
      return List.of("no agent runs");
    }
    var wrong = new ArrayList<String>();
    if (!report.get().ready().holds()) {
      wrong.add("is not ready: " + report.get().ready().reason());
    }
    if (report.get().phase() != Phase.STEADY) {
      wrong.add("is " + report.get().phase());
    }
    for (var service : SimulatedStack.SERVICES) {
      if (!node.workload.isWell(service)) {
        wrong.add(service + " is not well");
      }
    }
    if (node.passes > 40_000) {
      wrong.add("thought " + node.passes + " times");
    }
    if (node.actions > 1500) {
      wrong.add("did " + node.actions + " things");
    }
    return wrong;
  }
}
