package io.armory.agent.reconcile.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.GroupReport.Node;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Nodes whose calendar has the same hour do not take the group down.
class GroupSeatTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final GroupSeat ALONE = new GroupSeat(true, false, true);
  private static final GroupSeat LEAVES = new GroupSeat(false, true, true);
  private static final GroupSeat STAYS = new GroupSeat(false, false, true);

  private static Node node(int number, boolean here, String role, boolean ready) {
    return node(number, here, role, ready, Optional.empty());
  }

  private static Node node(
      int number, boolean here, String role, boolean ready, Optional<String> changesTo) {
    return new Node(
        "n" + number,
        here,
        role,
        ready,
        "",
        NOW,
        "r1",
        changesTo,
        null,
        Optional.empty(),
        "",
        "0.1.0");
  }

  @Test
  void who_knows_of_no_other_that_serves_is_alone() {
    var here = node(1, true, "ha", true);
    var single = new GroupSeat(true, false, false);
    assertThat(GroupSeat.of(List.of(), false, NOW)).as("nothing is heard").isEqualTo(single);
    assertThat(GroupSeat.of(List.of(here), false, NOW)).isEqualTo(single);
    assertThat(GroupSeat.of(List.of(here, node(2, false, "ha", false)), false, NOW))
        .as("the other does not serve")
        .isEqualTo(ALONE);
    assertThat(GroupSeat.of(List.of(here, node(2, false, "deck", true)), false, NOW))
        .as("the other serves something else")
        .isEqualTo(ALONE);
  }

  @Test
  void one_at_a_time_may_leave_and_each_once_in_turn() {
    for (var second = 0; second < 3 * GroupSeat.SLOT.toSeconds(); second++) {
      var now = NOW.plusSeconds(second);
      var may =
          IntStream.rangeClosed(1, 3)
              .filter(me ->
                  GroupSeat.of(
                          IntStream.rangeClosed(1, 3)
                              .mapToObj(n -> node(n, n == me, "ha", true))
                              .toList(),
                          false,
                          now)
                      .mayLeave())
              .toArray();
      assertThat(may).as("at " + now).hasSize(1);
    }
  }

  @Test
  void who_is_on_its_way_out_goes_on_for_as_long_as_another_serves() {
    var here = node(1, true, "ha", false);
    for (var second = 0; second < 60; second += 10) {
      var now = NOW.plusSeconds(second);
      assertThat(GroupSeat.of(List.of(here, node(2, false, "ha", true)), true, now))
          .isEqualTo(LEAVES);
    }
    assertThat(GroupSeat.of(List.of(here, node(2, false, "ha", false)), true, NOW))
        .as("the other has gone: it comes back")
        .isEqualTo(ALONE);
  }

  /// Else two are out at once, one for its change.
  @Test
  void nobody_leaves_while_another_is_being_changed() {
    var here = node(1, true, "ha", true);
    var changes = node(2, false, "ha", false, Optional.of("r2"));
    var serves = node(3, false, "ha", true);
    for (var second = 0; second < 3 * GroupSeat.SLOT.toSeconds(); second++) {
      var now = NOW.plusSeconds(second);
      assertThat(GroupSeat.of(List.of(here, changes, serves), false, now)).isEqualTo(STAYS);
      assertThat(GroupSeat.of(List.of(here, changes, serves), true, now))
          .as("it is on its way out already")
          .isEqualTo(LEAVES);
    }
  }
}
