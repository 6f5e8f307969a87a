package io.armory.agent.reconcile.shared;

import static io.armory.agent.reconcile.TestStacks.published;
import static io.armory.agent.reconcile.TestStacks.revision;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.FakeSharedRedis;
import io.armory.agent.reconcile.SteppedThreads;
import io.armory.agent.reconcile.election.PollerDuty;
import io.armory.agent.reconcile.turn.TurnTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A change that has begun goes on as one, whatever the sources say again meanwhile.
class GroupTurnAdoptionTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final Verdict READY = new Verdict(true, "", NOW);
  private final GroupTurn turn =
      new GroupTurn(
          Optional.of(
              new ClusterPorts(
                  new Unasked(),
                  new Unasked(),
                  Optional.empty(),
                  Optional.of(
                      new TurnSettings(
                          TurnTimes.USUAL, MaxUnavailable.ONE, Duration.ZERO, Duration.ZERO)))),
          _ -> {},
          () -> NOW,
          new SteppedThreads(),
          PollerDuty.NONE);
  private final Revision one = shared("1");
  private final Revision two = shared("2");

  @Test
  void sources_that_are_read_again_in_the_moment_of_adoption_end_no_change() {
    begins();
    turn.adopted(two);

    assertThat(turn.mayBegin(two, facts(two), READY, NOW)).isTrue();
    turn.nothingToBegin(NOW);
    assertThat(told()).isEmpty();
  }

  @Test
  void sources_that_go_back_before_it_is_adopted_end_it() {
    begins();

    assertThat(turn.mayBegin(one, facts(one), READY, NOW)).isTrue();
    assertThat(told()).containsExactly("stays as it is");
  }

  /// Else the turn was passed on in the middle of the change.
  @Test
  void sources_that_go_back_to_what_is_under_way_end_only_what_was_to_take_its_place() {
    begins();
    turn.adopted(two);
    turn.jump("asked for by the test", NOW);
    assertThat(turn.mayBegin(shared("3"), facts(two), READY, NOW)).isTrue();

    assertThat(turn.mayBegin(two, facts(two), READY, NOW)).isTrue();
    assertThat(told())
        .containsExactly(
            "is to change without its turn", "changes to revision r3", "goes on with revision r2");
  }

  @Test
  void what_was_begun_before_the_agents_start_is_under_way_again() {
    turn.goesOn(two, facts(), NOW);
    turn.adopted(two);
    assertThat(told()).containsExactly("goes on with revision r2");

    turn.nothingToBegin(NOW);
    assertThat(turn.mayBegin(two, facts(two), READY, NOW)).isTrue();
    assertThat(told()).isEmpty();
  }

  @Test
  void what_is_good_is_not_under_way_when_it_comes_into_force() {
    turn.goesOn(one, facts(), NOW);
    assertThat(told()).isEmpty();
  }

  private void begins() {
    turn.jump("asked for by the test", NOW);
    assertThat(turn.mayBegin(two, facts(one), READY, NOW)).isTrue();
    assertThat(told()).containsExactly("is to change without its turn", "changes to revision r2");
  }

  private List<String> told() {
    return turn.news().stream().map(AgentEvent::what).toList();
  }

  private TurnFacts facts(Revision... inForce) {
    return new TurnFacts(
        Stream.of(inForce).findFirst(),
        Optional.of(one),
        false,
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        false,
        Optional.empty(),
        Optional.empty());
  }

  private static Revision shared(String version) {
    var made = revision("r" + version, published("gate", version, List.of()));
    var redis =
        new RemoteRedis(
            "redis", 6379, false, "", new Secret(""), Optional.empty(), Set.of("gate"), false);
    return new Revision(
        made.id(),
        "ha",
        made.stack(),
        made.files(),
        "",
        "",
        List.of(),
        Optional.of(redis),
        Map.of());
  }

  private static final class Unasked extends FakeSharedRedis {
    @Override
    public Outcome<RedisAnswer> ask(RemoteRedis redis) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Duration uptime() {
      return Duration.ofHours(1);
    }
  }
}
