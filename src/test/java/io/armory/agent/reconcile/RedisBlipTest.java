package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Lease;
import io.armory.agent.port.PollerGate;
import io.armory.agent.port.SharedRedis;
import io.armory.agent.port.TurnStore;
import io.armory.agent.reconcile.shared.ClusterPorts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The shared Redis goes and comes while the node's clock stands, so that a moment is a moment.
@Timeout(600)
class RedisBlipTest {
  private static final RemoteRedis REDIS =
      new RemoteRedis(
          "redis", 6379, false, "", new Secret(""), Optional.empty(), Set.of("gate"), false);

  private volatile boolean isAway;
  private final Rig rig =
      new Rig(
          new SteppedThreads(),
          Duration.ofSeconds(2),
          "i-1",
          new ClusterPorts(new Redis(), new NoGate(), Optional.empty(), Optional.empty()));

  @AfterEach
  void down() {
    rig.close();
  }

  @Test
  void an_outage_counts_once_it_has_lasted_and_a_blip_not_at_all() {
    rig.images("1");
    rig.give(using(REDIS, chain("r1", "1")));
    rig.loop.start();
    rig.awaitSteady();
    var ready = rig.report().ready().since();
    var noon = rig.now();
    rig.clock = () -> noon;

    isAway = true;
    rig.until(() -> redis() == RedisReport.State.DOWN);
    assertThat(rig.report().ready().holds()).isTrue();
    assertThat(rig.report().ready().reason()).contains("a moment ago: the remote Redis");
    isAway = false;
    rig.until(() -> redis() == RedisReport.State.UP);
    assertThat(rig.report().ready().since()).as("it never fell").isEqualTo(ready);

    rig.clock = () -> noon.plusSeconds(60);
    isAway = true;
    rig.until(() -> redis() == RedisReport.State.DOWN);
    rig.clock = () -> noon.plusSeconds(63);
    rig.until(() -> !rig.isReady());
    assertThat(rig.report().ready().reason()).contains("the remote Redis", "does not answer");
    isAway = false;
    rig.until(rig::isReady);
  }

  @Test
  void
      a_revision_that_names_a_redis_out_of_reach_takes_no_node_out_of_service_and_is_rolled_back() {
    rig.images("1");
    rig.images("2");
    rig.give(using(REDIS, chain("r1", "1")));
    rig.loop.start();
    rig.awaitSteady();
    var ready = rig.report().ready().since();
    var nowhere =
        new RemoteRedis(
            "nowhere", 6379, true, "", new Secret(""), Optional.empty(), Set.of("gate"), false);

    rig.give(
        using(
            nowhere,
            revision(
                "r2",
                service("redis", "1", List.of()),
                service("front50", "1", List.of("redis")),
                service("gate", "2", List.of("front50")))));
    rig.until(() -> rig.report().phase() == Phase.ROLLING_OUT);
    rig.awaitSteady();

    assertThat(rig.report().revision())
        .get()
        .satisfies(r -> assertThat(r.id()).isEqualTo("r1"))
        .satisfies(r -> assertThat(r.rejected()).get().asString().contains("nowhere:6379"));
    assertThat(rig.report().ready().since()).as("it never fell").isEqualTo(ready);
  }

  private RedisReport.State redis() {
    return rig.report().shared().redis().orElseThrow().state();
  }

  private static Revision using(RemoteRedis redis, Revision r) {
    return new Revision(
        r.id(),
        r.role(),
        r.stack(),
        r.files(),
        r.composeYaml(),
        r.resolvedEnv(),
        r.warnings(),
        Optional.of(redis),
        Map.of());
  }

  private final class Redis implements SharedRedis {
    @Override
    public Outcome<RedisAnswer> ask(RemoteRedis redis) {
      return isAway || redis.host().equals("nowhere")
          ? Outcome.failed(
              new Failure(Failure.Kind.UNREACHABLE, redis.address() + " does not answer"))
          : Outcome.done(new RedisAnswer(Duration.ofMillis(1), "7.0.15", List.of()));
    }

    @Override
    public TurnStore turns(RemoteRedis redis, String group) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Lease lease(RemoteRedis redis, String group) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  /// Nobody is elected here.
  private static final class NoGate implements PollerGate {
    @Override
    public Duration uptime() {
      return Duration.ZERO;
    }

    @Override
    public Outcome<String> open(Duration term, Duration dead) {
      return Outcome.done("");
    }

    @Override
    public Outcome<String> holder(String node) {
      return Outcome.done(node);
    }
  }
}
