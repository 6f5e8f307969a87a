package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// A change travels through a group, told in order and with boots of seconds: nobody notices a good
/// one, a bad one runs on one node alone, and a node that is lost in its turn holds nobody up.
/// [FleetLongE2E] has the rest, with boots of real length.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FleetE2E {
  @TempDir static Path files;
  private static @Nullable Fleet started;

  @BeforeAll
  static void boot() {
    started =
        Fleet.boot(
            files,
            """
            rollout: {bake: 9s, timeout: 1m}
            repair: {backoff_initial: 200ms}
            drain: {load_balancer: 4s}
            parameters: {poll_interval: 2s}
            """,
            "RELEASE: one");
  }

  @AfterAll
  static void end() {
    if (started != null) {
      started.close();
    }
  }

  private static Fleet fleet() {
    return Objects.requireNonNull(started);
  }

  @Test
  @Order(1)
  void sync_sent_to_all_at_once_goes_in_line_and_nobody_notices() {
    var mark = fleet().mark();
    fleet().release("RELEASE: two, START_DELAY: 3s");
    var syncs = fleet().sync();

    assertThat(syncs).allMatch(s -> s.exit() == 0, "ends with 0");
    // How many come before their node has its turn is a matter of a second: the nodes see it, too.
    assertThat(syncs)
        .as("said for whom they wait")
        .anyMatch(s -> s.text().contains("waits for its turn: "));
    fleet().await("all have it", () -> fleet().haveChanged(mark));
    assertThat(fleet().fewest()).as("ready at once").isEqualTo(2);
    assertThat(fleet().failures(mark)).isEmpty();
    for (var node : fleet().nodes()) {
      assertThat(Fleet.said(node, mark))
          .contains("leaves the load balancers", "this node has the turn", "passes the turn on");
    }
  }

  /// It is healthy for a few seconds, as what leaks is.
  @Test
  @Order(2)
  void a_change_that_dies_after_a_while_runs_on_one_node_and_the_others_say_where_it_failed() {
    fleet().triesOnOne("RELEASE: three, CRASH_AFTER: 3s");
  }

  @Test
  @Order(3)
  void a_node_that_is_lost_in_its_turn_holds_nobody_up() {
    var mark = fleet().mark();
    fleet().release("RELEASE: four, START_DELAY: 3s");
    var lost = fleet().awaitChanging();
    lost.lose();
    var others = fleet().nodes().stream().filter(n -> !n.equals(lost)).toList();
    fleet()
        .await(
            "the others say for whom they wait",
            () -> others.stream().allMatch(n -> Fleet.whyNot(n).contains(lost.name())));
    fleet()
        .await(
            "the others have changed",
            () ->
                others.stream()
                    .allMatch(n ->
                        !Fleet.revision(n).equals(mark.revisions().get(n))
                            && Fleet.said(n, mark).contains("passes the turn on")));
    lost.bootAgain();
    fleet().await("the lost one has it, too", () -> fleet().haveChanged(mark));
    assertThat(fleet().failures(mark)).as("it was out of the load balancer").isEmpty();
  }
}
