package io.armory.agent.reconcile.election;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Lease.Grant;
import io.armory.agent.port.Lease.Renewal;
import io.armory.agent.port.Lease.State;
import io.armory.agent.reconcile.election.Election.Call;
import io.armory.agent.reconcile.election.Election.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ElectionTest {
  private static final LeaseTimes TIMES = LeaseTimes.USUAL;
  private static final Duration TTL = TIMES.ttl();
  private static final Wish STANDS = new Wish(true, null);
  private static final Outcome<Renewal> LOST_TOUCH =
      Outcome.failed(Failure.Kind.TIMEOUT, "redis:6379 does not answer");

  private final Election election = new Election("me/1", TIMES);

  @Test
  void a_lease_that_was_given_back_is_taken_at_once() {
    look(at(100), free(7, true));

    assertThat(election.due(STANDS, at(101))).contains(new Call.Acquire(7, 7));
  }

  @Test
  void a_lease_nobody_holds_and_nobody_gave_back_is_taken_after_a_whole_term() {
    for (double t = 100; t < 120; t += 1) {
      look(at(t), free(7, false));
      assertThat(election.due(STANDS, at(t + 0.9))).isNotPresent();
    }

    assertThat(election.due(STANDS, at(120))).contains(new Call.Acquire(7, 7));
  }

  @Test
  void a_lease_that_was_seen_to_end_is_taken_at_its_end() {
    look(at(105), held("other/1", 7, 2));
    look(at(106), held("other/1", 7, 1));
    look(at(107.1), free(7, false));

    assertThat(election.due(STANDS, at(107.2))).contains(new Call.Acquire(7, 7));
  }

  @Test
  void a_lease_that_vanished_before_its_time_is_not_taken_for_a_whole_term() {
    look(at(100), held("other/1", 7, 18));
    look(at(102), free(7, false));
    for (var t = 103; t < 122; t++) {
      assertThat(election.due(STANDS, at(t))).contains(new Call.Look());
      look(at(t), free(7, false));
    }

    assertThat(election.due(STANDS, at(122))).contains(new Call.Acquire(7, 7));
  }

  @Test
  void the_whole_term_begins_anew_when_nothing_was_heard_for_long() {
    look(at(100), free(7, false));
    look(at(115), free(7, false));

    assertThat(election.due(STANDS, at(121))).contains(new Call.Look());
    assertThat(election.due(STANDS, at(134))).contains(new Call.Look());
  }

  @Test
  void a_new_holder_asks_once_more_before_it_acts() {
    look(at(100), free(7, true));
    election.acquired(at(100), at(100), Outcome.done(Optional.of(grant("me/1", 8))));
    assertThat(holds(101)).isFalse();
    assertThat(election.due(STANDS, at(102))).contains(new Call.Renew(grant("me/1", 8)));

    election.renewed(at(102), at(102), Outcome.done(new Renewal.Renewed()));

    assertThat(holds(102)).isTrue();
  }

  @Test
  void a_node_that_may_not_stand_only_looks() {
    look(at(100), free(7, true));

    assertThat(election.due(new Wish(false, null), at(101))).contains(new Call.Look());
  }

  @Test
  void the_time_counts_from_before_the_question() {
    elect(at(100), at(103));

    assertThat(holds(111.9)).isTrue();
    assertThat(holds(112)).isFalse();
  }

  @Test
  void a_holder_renews_before_its_time_and_goes_on() {
    elect(at(100), at(100));
    assertThat(election.due(STANDS, at(104))).isEmpty();
    assertThat(election.due(STANDS, at(105))).contains(new Call.Renew(grant("me/1", 8)));

    election.renewed(at(105), at(105.1), Outcome.done(new Renewal.Renewed()));

    assertThat(holds(116.9)).isTrue();
  }

  @Test
  void a_holder_that_hears_nothing_tries_on_and_gives_up_in_time() {
    elect(at(100), at(100));
    for (double t = 105; t < 112; t += 1) {
      assertThat(election.due(STANDS, at(t))).containsInstanceOf(Call.Renew.class);
      election.renewed(at(t), at(t), LOST_TOUCH);
    }

    assertThat(election.due(STANDS, at(112))).as("it never renews after that").isEmpty();
    assertThat(holds(112)).isFalse();
    assertThat(election.standing().problem()).contains("does not answer");
  }

  @Test
  void a_holder_that_was_paused_gives_up_when_it_wakes() {
    elect(at(100), at(100));

    assertThat(holds(160)).isFalse();
    assertThat(election.due(STANDS, at(160))).contains(new Call.Look());
    assertThat(election.standing().mine()).isFalse();
  }

  @Test
  void an_answer_that_comes_late_gives_no_more_time_than_was_asked_for() {
    elect(at(100), at(100));

    election.renewed(at(105), at(160), Outcome.done(new Renewal.Renewed()));

    assertThat(holds(160)).isFalse();
  }

  @Test
  void a_holder_that_lost_the_lease_to_another_stops_at_once() {
    elect(at(100), at(100));

    election.renewed(at(105), at(105), Outcome.done(new Renewal.Lost()));

    assertThat(holds(105)).isFalse();
  }

  @Test
  void a_lease_that_the_store_forgot_is_held_on_and_the_new_grant_confirmed() {
    elect(at(100), at(100));

    election.renewed(at(105), at(105), Outcome.done(new Renewal.Restored(grant("me/1", 9))));

    assertThat(holds(111.9)).as("as long as the one before").isTrue();
    assertThat(holds(112)).isFalse();
    assertThat(election.due(STANDS, at(106.9))).isEmpty();
    assertThat(election.due(STANDS, at(107))).contains(new Call.Renew(grant("me/1", 9)));
    election.renewed(at(107), at(107), Outcome.done(new Renewal.Renewed()));
    assertThat(holds(118.9)).isTrue();
  }

  @Test
  void a_lease_that_was_seen_too_late_to_be_renewed_is_given_back() {
    look(at(100), held("me/1", 7, 5));
    assertThat(election.due(STANDS, at(100))).contains(new Call.Renew(grant("me/1", 7)));

    election.renewed(at(100), at(100), Outcome.done(new Renewal.Late()));

    assertThat(holds(100)).isFalse();
    assertThat(election.due(new Wish(true, at(101)), at(101)))
        .contains(new Call.Release(grant("me/1", 7)));
  }

  @Test
  void a_lease_that_ended_is_not_taken_at_once_where_the_store_lost_its_token() {
    look(at(100), held("other", 7, 1));

    look(at(101.1), free(0, false));

    assertThat(election.due(STANDS, at(101.2))).isNotEqualTo(Optional.of(new Call.Acquire(0, 7)));
    assertThat(election.standing().grant()).isEmpty();
  }

  @Test
  void a_lease_is_given_back_only_when_no_poller_runs_here_any_more() {
    elect(at(100), at(100));
    var leaves = new Wish(false, null);
    assertThat(election.due(leaves, at(101))).isEmpty();
    assertThat(holds(101)).isFalse();
    assertThat(election.due(new Wish(false, at(100.5)), at(102)))
        .as("a look from before says nothing")
        .isEmpty();

    assertThat(election.due(new Wish(false, at(102)), at(103)))
        .contains(new Call.Release(grant("me/1", 8)));

    election.released(at(103), Outcome.done(true));
    assertThat(election.standing().mine()).isFalse();
  }

  @Test
  void an_agent_that_comes_back_in_time_goes_on_as_the_holder() {
    look(at(100), held("me/1", 7, 9));
    assertThat(holds(100)).as("not before it is renewed").isFalse();
    assertThat(election.due(STANDS, at(100))).contains(new Call.Renew(grant("me/1", 7)));

    election.renewed(at(100), at(100), Outcome.done(new Renewal.Renewed()));

    assertThat(holds(101)).isTrue();
  }

  @Test
  void the_pollers_are_dead_before_the_lease_can_expire() {
    for (var seconds : new int[] {2, 4, 8, 20, 24}) {
      var times = new LeaseTimes(Duration.ofSeconds(seconds));
      assertThat(times.renew()).isLessThan(times.giveUp());
      assertThat(times.giveUp()).isLessThan(times.term());
      assertThat(times.term()).isLessThan(times.dead());
      assertThat(times.dead()).isLessThan(times.ttl());
    }
  }

  private void elect(Duration asked, Duration now) {
    look(asked.minusSeconds(4), free(7, true));
    election.acquired(
        asked.minusSeconds(3), asked.minusSeconds(3), Outcome.done(Optional.of(grant("me/1", 8))));
    election.renewed(asked, now, Outcome.done(new Renewal.Renewed()));
  }

  private boolean holds(double seconds) {
    return election.standing().holds(at(seconds));
  }

  private void look(Duration now, State state) {
    election.looked(now, now, Outcome.done(state));
  }

  private static State free(long last, boolean released) {
    return new State(Optional.empty(), Duration.ZERO, last, released);
  }

  private static State held(String by, long token, double left) {
    return new State(Optional.of(grant(by, token)), at(left), token, false);
  }

  private static Grant grant(@Nullable String by, long token) {
    return new Grant(token, TTL, by == null ? "" : by, Instant.EPOCH);
  }

  private static Duration at(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
