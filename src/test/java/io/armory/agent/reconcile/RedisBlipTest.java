package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.SwitchedRedis.using;
import static io.armory.agent.reconcile.TestStacks.chain;
import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The shared Redis goes and comes while the node's clock stands, so that a moment is a moment.
@Timeout(600)
class RedisBlipTest {
  private static final RemoteRedis REDIS =
      new RemoteRedis(
          "redis", 6379, false, "", new Secret(""), Optional.empty(), Set.of("gate"), false);

  private final SwitchedRedis redis = new SwitchedRedis();

  @AutoClose
  private final Rig rig =
      new Rig(new SteppedThreads(), Duration.ofSeconds(2), "i-1", redis.ports());

  @Test
  void an_outage_counts_once_it_has_lasted_and_a_blip_not_at_all() {
    rig.startSteady(using(REDIS, chain("r1", "1")), "1");
    var ready = rig.report().ready().since();
    var noon = rig.now();
    rig.clock = () -> noon;

    redis.isAway = true;
    rig.until(() -> redis() == RedisReport.State.DOWN);
    assertThat(rig.report().ready().holds()).isTrue();
    assertThat(rig.report().ready().reason()).contains("a moment ago: the remote Redis");
    redis.isAway = false;
    rig.until(() -> redis() == RedisReport.State.UP);
    assertThat(rig.report().ready().since()).as("it never fell").isEqualTo(ready);

    rig.clock = () -> noon.plusSeconds(60);
    redis.isAway = true;
    rig.until(() -> redis() == RedisReport.State.DOWN);
    rig.clock = () -> noon.plusSeconds(63);
    rig.until(() -> !rig.isReady());
    assertThat(rig.report().ready().reason()).contains("the remote Redis", "does not answer");
    redis.isAway = false;
    rig.until(rig::isReady);
  }

  @Test
  void
      a_revision_that_names_a_redis_out_of_reach_takes_no_node_out_of_service_and_is_rolled_back() {
    rig.startSteady(using(REDIS, chain("r1", "1")), "1", "2");
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
}
