package io.armory.agent.adapter.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.port.Lease;
import io.armory.agent.port.Lease.Grant;
import io.armory.agent.port.Lease.Renewal;
import io.armory.agent.rig.RedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the election rests on, asked of a real Redis.
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("RedisLeaseIT") // its methods share one Redis: one after the other
class RedisLeaseIT {
  private static final String PASSWORD = "a-password-of-the-test";
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final String KEY = "armory-agent:{preprod}:poller";

  @AutoClose private static RedisServer redis;

  @AutoClose private final Lease lease = leaseOf("preprod");

  @BeforeAll
  static void start() {
    redis = new RedisServer(PASSWORD);
  }

  @BeforeEach
  void empty() {
    redis.command("FLUSHALL");
  }

  @Test
  void an_empty_store_knows_nobody_and_grants_token_one() {
    var state = done(lease.look());
    var grant = taken("one", 0, 0);

    assertThat(state).isEqualTo(new Lease.State(Optional.empty(), Duration.ZERO, 0, false));
    assertThat(grant).isEqualTo(new Grant(1, LONG, "one", NOW));
    var after = done(lease.look());
    assertThat(after.held()).contains(grant);
    assertThat(after.lastToken()).isEqualTo(1);
    assertThat(after.left()).isBetween(LONG.minusSeconds(10), LONG);
    assertThat(after.released()).isFalse();
  }

  @Test
  void what_is_held_is_not_granted_to_another_nor_again_to_its_holder() {
    taken("one", 0, 0);

    assertThat(acquire("two", LONG, 1, 1)).isEmpty();
    assertThat(acquire("one", LONG, 1, 1)).isEmpty();
    assertThat(acquire("two", LONG, 0, 0)).isEmpty();
  }

  @Test
  void nothing_is_granted_if_the_newest_grant_is_not_the_one_that_was_seen() {
    var first = taken("one", 0, 0);
    done(lease.release(first));

    assertThat(acquire("two", LONG, 0, 0)).as("it was seen before the grant").isEmpty();
    assertThat(acquire("two", LONG, 2, 2)).as("the store forgot what was seen").isEmpty();
    assertThat(done(lease.look()).lastToken()).as("refusals use up no token").isEqualTo(1);
    assertThat(acquire("two", LONG, 1, 1).orElseThrow().token()).isEqualTo(2);
  }

  @Test
  void a_token_is_above_those_that_a_store_forgot() {
    assertThat(taken("one", 0, 41).token()).isEqualTo(42);
    redis.command("FLUSHALL");

    assertThat(done(lease.look()).lastToken()).isZero();
    assertThat(taken("two", 0, 42).token()).isEqualTo(43);
    assertThat(redis.command("GET", KEY + ":token")).isEqualTo("43");
  }

  @Test
  void of_many_that_ask_at_once_one_is_granted_it() throws Exception {
    var candidates = new ArrayList<Callable<Optional<Grant>>>();
    for (var i = 0; i < 20; i++) {
      var name = "node-" + i;
      candidates.add(() -> {
        try (var its = leaseOf("preprod")) {
          return done(its.acquire(name, LONG, 0, 0, NOW));
        }
      });
    }
    var granted = new ArrayList<Grant>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var answer : threads.invokeAll(candidates)) {
        value(answer::get).ifPresent(granted::add);
      }
    }

    assertThat(granted).hasSize(1);
    assertThat(done(lease.look()).held()).contains(granted.getFirst());
  }

  @Test
  void a_renewal_makes_it_last_its_whole_time_again() {
    var grant = taken("one", 0, 0);
    redis.command("PEXPIRE", KEY, "25000");

    assertThat(done(lease.renew(grant, Duration.ofSeconds(8)))).isEqualTo(new Renewal.Renewed());
    assertThat(done(lease.look()).left()).isGreaterThan(Duration.ofSeconds(50));
    assertThat(done(lease.look()).held()).contains(grant);
  }

  @Test
  void with_too_little_left_it_is_not_renewed_and_ends_as_it_would_have() {
    var grant = taken("one", 0, 0);
    redis.command("PEXPIRE", KEY, "7000");

    assertThat(done(lease.renew(grant, Duration.ofSeconds(8)))).isEqualTo(new Renewal.Late());
    assertThat(done(lease.look()).left()).isLessThanOrEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void one_that_vanished_is_granted_anew_with_a_larger_token() {
    var grant = taken("one", 0, 0);
    redis.command("DEL", KEY);

    var anew = restored(lease.renew(grant, Duration.ofSeconds(8)));

    assertThat(anew).isEqualTo(new Grant(2, LONG, "one", NOW));
    assertThat(done(lease.look()).held()).contains(anew);
    assertThat(done(lease.look()).lastToken()).isEqualTo(2);
    assertThat(done(lease.renew(grant, Duration.ZERO)))
        .as("the one before it is over")
        .isEqualTo(new Renewal.Lost());
    assertThat(done(lease.renew(anew, Duration.ZERO))).isEqualTo(new Renewal.Renewed());
  }

  @Test
  void one_in_a_store_that_forgot_everything_is_granted_anew_with_a_larger_token() {
    var grant = taken("one", 0, 17);
    redis.command("FLUSHALL");

    assertThat(restored(lease.renew(grant, Duration.ofSeconds(8))).token()).isEqualTo(19);
    assertThat(done(lease.look()).lastToken()).isEqualTo(19);
  }

  @Test
  void one_that_lives_while_the_counter_is_lost_is_renewed_and_given_back() {
    var grant = taken("one", 0, 17);
    redis.command("DEL", KEY + ":token");

    assertThat(done(lease.renew(grant, Duration.ZERO))).isEqualTo(new Renewal.Renewed());
    assertThat(acquire("two", LONG, 0, 0)).isEmpty();
    assertThat(done(lease.release(grant))).isTrue();
  }

  @Test
  void one_that_another_was_granted_is_lost_held_or_not() {
    var first = taken("one", 0, 0);
    redis.command("DEL", KEY);
    var second = taken("two", 1, 1);

    assertThat(done(lease.renew(first, Duration.ZERO))).isEqualTo(new Renewal.Lost());
    assertThat(done(lease.release(first))).as("it is not one's own to give back").isFalse();
    assertThat(done(lease.look()).held()).contains(second);
    redis.command("DEL", KEY);
    assertThat(done(lease.renew(first, Duration.ZERO)))
        .as("there was one after it")
        .isEqualTo(new Renewal.Lost());
    assertThat(done(lease.look()).held()).isEmpty();
  }

  @Test
  void one_given_back_is_known_as_given_back_until_there_is_another() {
    var grant = taken("one", 0, 0);

    assertThat(done(lease.release(grant))).isTrue();
    assertThat(done(lease.look()))
        .isEqualTo(new Lease.State(Optional.empty(), Duration.ZERO, 1, true));
    assertThat(done(lease.release(grant))).as("twice does no harm").isFalse();
    taken("two", 1, 1);
    assertThat(done(lease.look()).released()).isFalse();
  }

  @Test
  void it_expires_by_itself_and_is_not_known_as_given_back() {
    assertThat(acquire("one", Duration.ofMillis(80), 0, 0)).isPresent();
    Awaitility.await().until(() -> done(lease.look()).held().isEmpty());

    assertThat(done(lease.look()))
        .isEqualTo(new Lease.State(Optional.empty(), Duration.ZERO, 1, false));
  }

  @Test
  void groups_do_not_see_each_other() {
    taken("one", 0, 0);
    try (var other = leaseOf("production")) {
      assertThat(done(other.look()).held()).isEmpty();
      assertThat(done(other.acquire("two", LONG, 0, 0, NOW))).isPresent();
    }
    assertThat(done(lease.look()).held().orElseThrow().holder()).isEqualTo("one");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "i-0123 10.0.1.7 4f2a",
        "",
        " ",
        "two  spaces and an end ",
        "ünïcode-節点-🚀",
        "quotes ' \" and \\ and %s and $1",
        "line\nbreak\r\n*3\r\n$3\r\nDEL",
        "renewed",
        "lost"
      })
  void a_holder_may_have_any_name(String holder) {
    var grant = taken(holder, 0, 0);

    assertThat(grant.holder()).isEqualTo(holder);
    assertThat(done(lease.look()).held()).contains(grant);
    assertThat(done(lease.renew(grant, Duration.ZERO))).isEqualTo(new Renewal.Renewed());
    redis.command("DEL", KEY);
    var anew = restored(lease.renew(grant, Duration.ZERO));
    assertThat(anew.holder()).isEqualTo(holder);
    assertThat(done(lease.release(anew))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b c d", "garbage", "1 x 0 one", "99999999999999999999 1 1 one"})
  void what_no_agent_wrote_is_a_failure_that_says_which_key_to_delete(String value) {
    redis.command("SET", KEY, value);

    assertThat(failure(lease.look()).message()).contains(KEY).contains("delete it");
  }

  @Test
  void a_counter_that_no_agent_wrote_is_a_failure_that_says_which_key_to_delete() {
    redis.command("SET", KEY + ":token", "many");

    assertThat(failure(lease.look()).message()).contains(KEY + ":token").contains("delete it");
    redis.command("DEL", KEY + ":token");
    redis.command("LPUSH", KEY, "a list");
    assertThat(failure(lease.look()).message()).contains(address()).contains("WRONGTYPE");
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void a_redis_that_hangs_is_given_up_and_is_asked_again_once_it_goes_on() {
    var grant = taken("one", 0, 0);
    redis.pause();
    try {
      assertThat(List.of(failure(lease.renew(grant, Duration.ZERO)), failure(lease.look())))
          .allSatisfy(f -> {
            assertThat(f.kind()).isEqualTo(Failure.Kind.TIMEOUT);
            assertThat(f.message()).contains(address() + " does not answer within 2 s");
          });
    } finally {
      redis.goOn();
    }

    assertThat(done(lease.renew(grant, Duration.ZERO))).isEqualTo(new Renewal.Renewed());
    assertThat(done(lease.look()).held()).contains(grant);
  }

  @Test
  void a_redis_that_crashed_refuses_and_forgets_and_the_holder_puts_it_back() {
    var grant = taken("one", 0, 0);
    redis.kill();
    try {
      assertThat(failure(lease.renew(grant, Duration.ZERO)).kind())
          .isEqualTo(Failure.Kind.UNREACHABLE);
      assertThat(failure(lease.renew(grant, Duration.ZERO)).message())
          .contains(address() + " refuses the connection");
    } finally {
      redis.startAnew();
    }

    assertThat(restored(lease.renew(grant, Duration.ZERO)).token()).isEqualTo(2);
  }

  @Test
  void a_replica_that_became_read_only_grants_and_renews_nothing() {
    var grant = taken("one", 0, 0);
    try (var primary = new RedisServer("")) {
      redis.command("REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
      try {
        assertThat(failure(lease.renew(grant, Duration.ZERO)).message())
            .contains("read-only replica");
      } finally {
        redis.command("REPLICAOF", "NO", "ONE");
      }
    }
  }

  private Grant taken(String holder, long lastToken, long above) {
    return acquire(holder, LONG, lastToken, above).orElseThrow();
  }

  private Optional<Grant> acquire(String holder, Duration ttl, long lastToken, long above) {
    return done(lease.acquire(holder, ttl, lastToken, above, NOW));
  }

  private static Grant restored(Outcome<Renewal> outcome) {
    return done(outcome) instanceof Renewal.Restored(var grant)
        ? grant
        : org.assertj.core.api.Assertions.fail("%s", outcome);
  }

  private static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(var value) -> value;
      case Outcome.Failed<T>(var failure) -> throw new AssertionError(failure.message());
    };
  }

  private static Failure failure(Outcome<?> outcome) {
    return outcome.whyFailed().orElseThrow(() -> new AssertionError(outcome));
  }

  private static <T> T value(Callable<T> answer) throws Exception {
    try {
      return answer.call();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  private static String address() {
    return "127.0.0.1:" + redis.port();
  }

  private static Lease leaseOf(String group) {
    return new RedisLease(
        new RemoteRedis(
            "127.0.0.1",
            redis.port(),
            false,
            "",
            new Secret(PASSWORD),
            Optional.empty(),
            Set.of(),
            false),
        group);
  }
}
