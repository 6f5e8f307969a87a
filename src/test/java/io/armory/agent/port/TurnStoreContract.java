package io.armory.agent.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.port.TurnStore.HeldBack;
import io.armory.agent.port.TurnStore.Member;
import io.armory.agent.port.TurnStore.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What the turns rest on, asked of every store.
public abstract class TurnStoreContract {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Change R2 = new Change("d2", "r2");
  private static final Change R3 = new Change("d3", "r3");

  protected abstract TurnStore store();

  protected abstract void forgetEverything();

  /// Returns when so much time has passed for the store.
  protected abstract void pass(Duration time);

  private static Member node(String name) {
    return new Member(name, "ha", true, "all are up", NOW, "r1", "d1", Optional.of(R2), 7, "0.2.0");
  }

  private Board ask(String name, Step step) {
    return ask(name, LONG, step, 0, List.of());
  }

  private Board ask(String name, Duration ttl, Step step, long highest, List<HeldBack> known) {
    return store().exchange(node(name), ttl, step, highest, known)
            instanceof Outcome.Done<Board>(var board)
        ? board
        : org.assertj.core.api.Assertions.fail("not answered");
  }

  private Board take(String name, Change change) {
    var seen = ask(name, new Step.Tell());
    return ask(name, new Step.Take(change, NOW, seen.token(), seen.epoch()));
  }

  @Test
  void a_node_is_there_as_it_registered_itself_until_its_time_is_over() {
    var strange =
        new Member(
            "n2", "", false, "gate is\ndown: „x“ \u001f y", NOW, "", "", Optional.empty(), 0, "");
    store().exchange(strange, SHORT, new Step.Tell(), 0, List.of());

    var both = ask("n1", new Step.Tell());
    assertThat(both.members()).contains(node("n1")).hasSize(2);
    assertThat(both.members().getLast().role()).isEmpty();
    assertThat(both.members().getLast().ready()).isFalse();
    assertThat(both.token()).isZero();
    pass(SHORT.plusMillis(100));
    assertThat(ask("n1", new Step.Tell()).members()).containsExactly(node("n1"));
  }

  @Test
  void a_turn_is_given_only_as_the_board_was_seen() {
    var seen = ask("n1", new Step.Tell());
    var taken = ask("n1", new Step.Take(R2, NOW, seen.token(), seen.epoch()));
    var late = ask("n2", new Step.Take(R2, NOW, seen.token(), seen.epoch()));
    var strange = ask("n2", new Step.Take(R2, NOW, late.token(), "another"));
    var second = ask("n2", new Step.Take(R3, NOW, late.token(), late.epoch()));

    assertThat(taken.holder("n1")).contains(new TurnStore.Holder("n1", 1, R2, NOW));
    assertThat(late.holder("n2")).isEmpty();
    assertThat(strange.holder("n2")).isEmpty();
    assertThat(second.holders()).extracting(TurnStore.Holder::token).containsExactly(1L, 2L);
  }

  @Test
  void a_turn_lasts_while_it_is_kept_and_is_over_when_it_was_passed() {
    var mine = take("n1", R2).holder("n1").orElseThrow();
    var kept = ask("n1", SHORT, new Step.Keep(mine, Optional.empty()), 0, List.of());
    assertThat(kept.holder("n1")).contains(mine);
    pass(SHORT.plusMillis(100));
    assertThat(ask("n2", new Step.Tell()).holders()).isEmpty();
    assertThat(ask("n1", new Step.Keep(mine, Optional.of(kept.epoch()))).holders()).isEmpty();

    var again = take("n1", R2).holder("n1").orElseThrow();
    assertThat(ask("n1", new Step.Pass(mine)).holder("n1")).contains(again);
    assertThat(ask("n1", new Step.Pass(again)).holders()).isEmpty();
    assertThat(again.token()).isGreaterThan(mine.token());
  }

  @Test
  void a_store_that_forgot_everything_gets_back_what_is_under_way() {
    var before = take("n1", R2);
    var mine = before.holder("n1").orElseThrow();
    forgetEverything();
    var failed = new HeldBack(R3, "n3", "gate is down", NOW, false);

    var unconfirmed = ask("n1", LONG, new Step.Keep(mine, Optional.empty()), 9, List.of());
    var back =
        ask("n1", LONG, new Step.Keep(mine, Optional.of(before.epoch())), 9, List.of(failed));

    assertThat(unconfirmed.epoch()).isNotEqualTo(before.epoch());
    assertThat(unconfirmed.holders()).isEmpty();
    assertThat(unconfirmed.age()).isLessThan(LONG);
    assertThat(back.holder("n1").orElseThrow().change()).isEqualTo(R2);
    assertThat(back.holder("n1").orElseThrow().token()).isGreaterThan(9);
    assertThat(back.heldBack("d3")).contains(failed);
  }

  @Test
  void what_was_approved_is_known_to_all_until_it_is_withdrawn() {
    var approved = new TurnStore.Approved(R2, "ann on n1", NOW);
    assertThat(ask("n1", new Step.Approve(approved)).approved("d2")).contains(approved);
    assertThat(ask("n2", new Step.Tell()).approved()).containsExactly(approved);
    assertThat(ask("n2", new Step.Withdraw("d3")).approved()).containsExactly(approved);
    assertThat(ask("n2", new Step.Withdraw("d2")).approved()).isEmpty();
    assertThat(ask("n1", new Step.Tell()).approved()).isEmpty();
  }

  @Test
  void one_that_changes_already_gets_the_turn_whoever_has_it() {
    take("n1", R2);
    assertThat(ask("n2", new Step.Force(R3, NOW)).holders())
        .extracting(TurnStore.Holder::node)
        .containsExactlyInAnyOrder("n1", "n2");
  }

  @Test
  void what_failed_is_held_back_until_somebody_lifts_it() {
    var failed = new HeldBack(R2, "n1", "gate is down", NOW, false);
    take("n1", R2);
    assertThat(ask("n1", new Step.Fail(failed)).heldBack("d2")).contains(failed);

    var lifted = ask("n2", new Step.Lift("d2"));
    assertThat(lifted.heldBack("d2")).isEmpty();
    assertThat(lifted.heldBack()).singleElement().matches(HeldBack::lifted);
    // It says so again after its agent was restarted.
    ask("n3", LONG, new Step.Tell(), 0, List.of(failed));
    ask("n3", new Step.Fail(failed));
    assertThat(ask("n2", new Step.Tell()).heldBack("d2")).isEmpty();
    // It failed again.
    assertThat(ask("n1", new Step.Fail(failed)).heldBack("d2")).contains(failed);
  }
}
