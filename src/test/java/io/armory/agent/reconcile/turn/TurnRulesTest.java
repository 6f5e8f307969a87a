package io.armory.agent.reconcile.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.port.TurnStore.HeldBack;
import io.armory.agent.port.TurnStore.Holder;
import io.armory.agent.port.TurnStore.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TurnRulesTest {
  private static final Change NEW = new Change("d2", "r2");

  private final List<Member> members = new ArrayList<>();
  private final List<Holder> holders = new ArrayList<>();
  private final List<HeldBack> heldBack = new ArrayList<>();
  private Duration age = Duration.ofHours(1);
  private MaxUnavailable limit = MaxUnavailable.ONE;

  private void node(String name, boolean ready, String good, long waitsSince) {
    members.add(
        new Member(
            name,
            "ha",
            ready,
            ready ? "all are up" : "gate is down",
            Instant.EPOCH,
            "r1",
            good,
            waitsSince > 0 ? Optional.of(NEW) : Optional.empty(),
            waitsSince,
            "1"));
  }

  private TurnRules.Verdict verdict(String node) {
    var board = new Board(members, holders, heldBack, List.of(), 7, "e", 100, age);
    return new TurnRules(board, limit, TurnTimes.USUAL).verdict(node, NEW);
  }

  @Test
  void who_has_waited_longest_begins_and_the_others_wait_for_it() {
    node("a", true, "d1", 20);
    node("b", true, "d1", 10);
    assertThat(verdict("b").may()).isTrue();
    assertThat(verdict("a").reason()).contains("waits for b, which tries this change first");
  }

  @Test
  void nobody_begins_while_another_is_out_of_service_but_who_is_out_itself_may() {
    node("a", true, "d1", 10);
    node("b", false, "d1", 0);
    assertThat(verdict("a").may()).isFalse();
    assertThat(verdict("a").reason()).contains("b is not ready: gate is down");
    assertThat(verdict("a").waitsFor()).containsExactly("b");

    node("c", false, "d1", 20);
    assertThat(verdict("c").may()).as("it may be what mends the group").isTrue();
  }

  @Test
  void a_change_that_none_has_proven_is_tried_on_one_alone_however_many_may() {
    limit = new MaxUnavailable(3, false);
    node("a", true, "d1", 10);
    node("b", true, "d1", 20);
    node("c", true, "d1", 0);
    holders.add(new Holder("c", 7, NEW, Instant.EPOCH));
    assertThat(verdict("a").reason()).contains("waits for c, which tries this change first");

    holders.clear();
    node("d", true, "d2", 0);
    assertThat(verdict("a").may()).isTrue();
    assertThat(verdict("b").may()).isTrue();
  }

  @Test
  void a_share_is_of_those_that_are_there() {
    limit = MaxUnavailable.parse("50%").orElseThrow();
    node("z", true, "d2", 0);
    for (var name : List.of("a", "b", "c")) {
      node(name, true, "d1", name.charAt(0));
    }
    assertThat(verdict("a").may()).isTrue();
    assertThat(verdict("b").may()).isTrue();
    assertThat(verdict("c").reason()).contains("waits for its turn: a, b are changing");
  }

  @Test
  void what_failed_is_held_back_unless_it_was_lifted() {
    node("a", true, "d1", 10);
    heldBack.add(new HeldBack(NEW, "b", "gate is down", Instant.EPOCH, false));
    assertThat(verdict("a").heldBack()).isPresent();
    assertThat(verdict("a").reason())
        .contains("held back, as it failed on b: gate is down", "sync --retry");
    heldBack.set(0, new HeldBack(NEW, "b", "gate is down", Instant.EPOCH, true));
    assertThat(verdict("a").may()).isTrue();
  }

  @Test
  void after_the_store_forgot_everything_nobody_begins_for_a_whole_time() {
    node("a", true, "d1", 10);
    age = Duration.ofSeconds(29);
    assertThat(verdict("a").reason()).contains("waits 2 s for the others to register");
    age = Duration.ofSeconds(30);
    assertThat(verdict("a").may()).isTrue();
  }
}
