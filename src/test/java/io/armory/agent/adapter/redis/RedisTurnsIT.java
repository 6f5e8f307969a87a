package io.armory.agent.adapter.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.port.TurnStore;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.port.TurnStore.HeldBack;
import io.armory.agent.port.TurnStore.Member;
import io.armory.agent.port.TurnStore.Step;
import io.armory.agent.port.TurnStoreContract;
import io.armory.agent.rig.Certificates;
import io.armory.agent.rig.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The turns in a real Redis with a password and TLS.
class RedisTurnsIT extends TurnStoreContract {
  private static final String PASSWORD = "a-password-of-the-test";
  private static final Duration LONG = Duration.ofSeconds(60);
  @AutoClose private static RedisServer redis;
  private static Path authority;

  @AutoClose private final TurnStore store = storeOf("preprod");

  @BeforeAll
  static void start() throws IOException {
    var directory =
        Files.createTempDirectory(
            Files.createDirectories(Path.of("target/rig").toAbsolutePath()), "t");
    var certificates = new Certificates(directory);
    authority = certificates.authority().toAbsolutePath();
    redis =
        RedisServer.secured(PASSWORD, certificates.of("DNS:localhost,IP:127.0.0.1"), certificates);
  }

  @BeforeEach
  void empty() {
    redis.command("FLUSHALL");
  }

  @Override
  protected TurnStore store() {
    return store;
  }

  @Override
  protected void forgetEverything() {
    redis.command("FLUSHALL");
  }

  @Override
  protected void pass(Duration time) {
    var until = micros() + time.toNanos() / 1000;
    await().until(() -> micros() > until);
  }

  private static long micros() {
    var lines = redis.command("TIME").lines().toList();
    return Long.parseLong(lines.get(0)) * 1_000_000 + Long.parseLong(lines.get(1));
  }

  @Test
  void of_many_that_ask_at_once_one_gets_the_turn() throws InterruptedException {
    var seen = done(store.exchange(node(0), LONG, new Step.Tell(), 0, List.of()));
    var asking =
        IntStream.range(0, 20)
            .mapToObj(i ->
                (Callable<Boolean>)
                    () -> {
                      try (var its = storeOf("preprod")) {
                        var step =
                            new Step.Take(
                                new Change("d", "r"), Instant.EPOCH, seen.token(), seen.epoch());
                        return done(its.exchange(node(i), LONG, step, 0, List.of()))
                            .holder("n" + i)
                            .isPresent();
                      }
                    })
            .toList();
    var granted = new ArrayList<Boolean>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var answer : threads.invokeAll(asking)) {
        granted.add(answer.get());
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
    assertThat(granted).filteredOn(g -> g).hasSize(1);
  }

  @Test
  void two_groups_in_one_redis_know_nothing_of_each_other() {
    var _ = store.exchange(node(0), LONG, new Step.Tell(), 0, List.of());
    try (var other = storeOf("production")) {
      assertThat(done(other.exchange(node(1), LONG, new Step.Tell(), 0, List.of())).members())
          .containsExactly(node(1));
    }
  }

  @Test
  void its_keys_lie_in_one_slot_of_a_cluster() {
    try (var cluster = new RedisServer("", "cluster-enabled yes")) {
      var slots = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
      IntStream.range(0, 16_384).mapToObj(Integer::toString).forEach(slots::add);
      cluster.command(slots.toArray(String[]::new));
      await().until(() -> cluster.command("CLUSTER", "INFO").contains("cluster_state:ok"));
      var way =
          new RemoteRedis(
              "127.0.0.1",
              cluster.port(),
              false,
              "",
              new Secret(""),
              Optional.empty(),
              Set.of(),
              false);
      try (var its = new RedisTurns(way, "preprod")) {
        var failed = new HeldBack(new Change("d", "r"), "n1", "down", Instant.EPOCH, false);
        var board = done(its.exchange(node(1), LONG, new Step.Fail(failed), 0, List.of()));
        assertThat(board.heldBack("d")).contains(failed);
      }
    }
  }

  /// It counts among the nodes, and while it changes nobody else does.
  @Test
  void a_node_whose_agent_writes_in_another_way_is_there() {
    var _ = store.exchange(node(0), LONG, new Step.Tell(), 0, List.of());
    redis.command("HSET", "armory-agent:{preprod}:turn:nodes", "n9", "99999999999999 {\"v\":2}");
    redis.command("HSET", "armory-agent:{preprod}:turn:holders", "n9", "99999999999999 {\"v\":2}");
    var board = done(store.exchange(node(0), LONG, new Step.Tell(), 0, List.of()));
    assertThat(board.members()).extracting(Member::node).containsExactly("n0", "n9");
    assertThat(board.members().getLast().ready()).isTrue();
    assertThat(board.holder("n9")).isPresent();
  }

  /// Of one that knows no turns at all there is the poller's lease alone.
  @Test
  void a_poller_whose_agent_knows_no_turns_is_there_for_as_long_as_it_polls() {
    try (var older = new RedisLease(way(), "preprod")) {
      var polls = done(older.acquire("i-0old/5e", LONG, 0, 0, Instant.EPOCH)).orElseThrow();
      var board = done(store.exchange(node(0), LONG, new Step.Tell(), 0, List.of()));
      assertThat(board.members()).extracting(Member::node).containsExactly("n0", "i-0old");
      assertThat(board.members().getLast().ready()).isTrue();

      var _ = older.release(polls);
      assertThat(done(older.acquire("n0/7f", LONG, polls.token(), 0, Instant.EPOCH))).isPresent();
      assertThat(done(store.exchange(node(0), LONG, new Step.Tell(), 0, List.of())).members())
          .containsExactly(node(0));
    }
  }

  @Test
  void what_no_agent_wrote_there_is_said() {
    var _ = store.exchange(node(0), LONG, new Step.Tell(), 0, List.of());
    redis.command("DEL", "armory-agent:{preprod}:turn:store");
    redis.command("SET", "armory-agent:{preprod}:turn:store", "x");
    var outcome = store.exchange(node(0), LONG, new Step.Tell(), 0, List.of());
    assertThat(outcome.whyFailed().orElseThrow().message()).contains("WRONGTYPE");
  }

  private static <T> T done(Outcome<T> outcome) {
    return outcome instanceof Outcome.Done<T>(var value)
        ? value
        : org.assertj.core.api.Assertions.fail(outcome.whyFailed().orElseThrow().message());
  }

  private static Member node(int i) {
    return new Member(
        "n" + i, "ha", true, "all are up", Instant.EPOCH, "r", "d", Optional.empty(), 0, "1");
  }

  private static TurnStore storeOf(String group) {
    return new RedisTurns(way(), group);
  }

  private static RemoteRedis way() {
    return RemoteRedisIT.trusting(redis, PASSWORD, authority);
  }
}
