package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.SwitchedRedis.using;
import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A service of a revision that bakes falls over, because what it depends on has.
@Timeout(600)
class PulledDownTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final RemoteRedis REDIS =
      new RemoteRedis(
          "redis", 6379, false, "", new Secret(""), Optional.empty(), Set.of("gate"), false);

  private final SwitchedRedis redis = new SwitchedRedis();
  @AutoClose private final Rig rig = new Rig(new SteppedThreads(), TIMEOUT, "i-1", redis.ports());

  @Test
  void one_that_dies_as_the_remote_redis_goes_is_no_fault_of_its_revision() {
    bakes(using(REDIS, revision("r2", front50("1"), gate("2"))));
    redis.isAway = true;
    rig.engine.dies("spinnaker-gate-1", 1);
    rig.until(() -> redis() == RedisReport.State.DOWN);
    redis.isAway = false;

    isGood("r2");
  }

  @Test
  void one_that_dies_while_the_remote_redis_is_away_is_none_either() {
    bakes(using(REDIS, revision("r2", front50("1"), gate("2"))));
    redis.isAway = true;
    rig.until(() -> redis() == RedisReport.State.DOWN);
    rig.engine.dies("spinnaker-gate-1", 1);
    redis.isAway = false;

    isGood("r2");
  }

  @Test
  void one_that_dies_while_the_remote_redis_answers_is() {
    bakes(using(REDIS, revision("r2", front50("1"), gate("2"))));
    rig.engine.dies("spinnaker-gate-1", 1);

    isTakenBack("gate fell over");
  }

  @Test
  void one_that_dies_with_an_unchanged_service_it_depends_on_is_none() {
    bakes(revision("r2", front50("1"), gate("2")));
    rig.engine.dies("spinnaker-front50-1", 1);
    rig.engine.dies("spinnaker-gate-1", 1);

    isGood("r2");
  }

  @Test
  void a_changed_service_that_takes_others_with_it_is_named_for_it() {
    bakes(revision("r2", front50("2"), gate("2")));
    rig.engine.dies("spinnaker-front50-1", 1);
    rig.engine.dies("spinnaker-gate-1", 1);

    isTakenBack("front50 fell over");
  }

  /// r1 is good, and this one is healthy since a moment.
  private void bakes(Revision next) {
    rig.bake = Duration.ofMinutes(1);
    rig.images("1");
    rig.images("2");
    var first = revision("r1", front50("1"), gate("1"));
    rig.give(next.redis().isPresent() ? using(REDIS, first) : first);
    rig.restart(TIMEOUT);
    rig.until(() -> isProven("r1"));
    rig.give(next);
    rig.until(() -> rig.loop.core().rollout().goodAt().isPresent());
  }

  private void isGood(String revision) {
    rig.until(() -> isProven(revision));
    assertThat(rig.events).noneMatch(e -> e.what().contains("failed, going back"));
  }

  private void isTakenBack(String why) {
    rig.until(() -> rig.events.stream().anyMatch(e -> e.what().contains("failed, going back")));
    rig.until(() -> isProven("r1"));
    assertThat(rig.report().revision().orElseThrow().rejected()).get().asString().contains(why);
  }

  private boolean isProven(String revision) {
    return rig.isReady() && rig.archived.filter(r -> r.id().equals(revision)).isPresent();
  }

  private static Service front50(String version) {
    return service("front50", version, List.of());
  }

  private static Service gate(String version) {
    return service("gate", version, List.of("front50"));
  }

  private RedisReport.State redis() {
    return rig.report().shared().redis().orElseThrow().state();
  }
}
