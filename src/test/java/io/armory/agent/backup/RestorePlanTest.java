package io.armory.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What an archive becomes on which node, and what is refused.
class RestorePlanTest {
  private static final BackupManifest FULL =
      Nodes.manifest(
          "prod",
          BackupManifest.REDIS,
          BackupManifest.DATABASE,
          BackupManifest.ORCA,
          BackupManifest.OBJECTS);

  private static final NodeStores STANDALONE =
      Nodes.of("standalone", "redis", "postgres", "front50", "orca");

  private static RestorePlan plan(BackupManifest backup, NodeStores node) {
    return RestorePlan.of(backup, node, false) instanceof Outcome.Done<RestorePlan>(var plan)
        ? plan
        : new RestorePlan(List.of(), false, false);
  }

  private static String refusal(BackupManifest backup, NodeStores node) {
    return RestorePlan.of(backup, node, false).whyFailed().map(Failure::message).orElse("");
  }

  @Test
  void on_the_same_kind_of_node_it_takes_the_stores_place() {
    assertThat(plan(FULL, STANDALONE))
        .isEqualTo(new RestorePlan(List.of(LocalStore.REDIS, LocalStore.DATABASE), false, false));
  }

  @Test
  void on_a_node_of_a_group_it_goes_beside_what_is_there() {
    var node = Nodes.of("ha", Optional.of(Nodes.REMOTE), false, "front50", "orca");
    assertThat(plan(FULL, node)).isEqualTo(new RestorePlan(List.of(), true, true));
  }

  @Test
  void objects_go_through_front50_where_its_store_is_another_one() {
    var fromRedis =
        Nodes.manifest("prod", BackupManifest.REDIS, BackupManifest.ORCA, BackupManifest.OBJECTS);
    assertThat(plan(fromRedis, STANDALONE))
        .as("an old release's Redis into the database")
        .isEqualTo(new RestorePlan(List.of(LocalStore.REDIS), true, false));
    assertThat(
            plan(
                fromRedis,
                Nodes.of("standalone", Optional.empty(), true, "redis", "front50", "orca")))
        .as("and where Redis is its store again, all is in Redis")
        .isEqualTo(new RestorePlan(List.of(LocalStore.REDIS), false, false));
  }

  @Test
  void another_stacks_is_refused_unless_it_is_asked_for() {
    var node = STANDALONE;
    assertThat(refusal(Nodes.manifest("dev", BackupManifest.REDIS), node))
        .contains("stack dev", "of prod", "--other-stack");
    assertThat(RestorePlan.of(Nodes.manifest("dev", BackupManifest.REDIS), node, true).whyFailed())
        .isEmpty();
  }

  @Test
  void a_role_without_a_store_is_refused() {
    assertThat(refusal(FULL, Nodes.of("gate", "gate")))
        .contains("role gate has no store", "redis.rdb, front50.dump");
  }
}
