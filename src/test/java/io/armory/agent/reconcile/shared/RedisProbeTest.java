package io.armory.agent.reconcile.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.port.FakeSharedRedis;
import io.armory.agent.reconcile.Message;
import io.armory.agent.reconcile.driver.SystemThreads;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class RedisProbeTest {
  private static final RemoteRedis REDIS =
      new RemoteRedis("redis", 6379, false, "", new Secret(""), Optional.empty(), Set.of(), false);
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<Message.RedisAsked> heard = new CopyOnWriteArrayList<>();

  /// Whose answers never end; it can only be given up.
  private static final class Endless extends FakeSharedRedis {
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();

    @Override
    public Outcome<RedisAnswer> ask(RemoteRedis redis) {
      most.accumulateAndGet(open.incrementAndGet(), Math::max);
      try {
        new CountDownLatch(1).await();
        throw new IllegalStateException("never");
      } catch (InterruptedException e) {
        return Outcome.failed(Failure.Kind.UNREACHABLE, "the connection broke");
      } finally {
        open.decrementAndGet();
      }
    }
  }

  @Test
  void an_answer_that_never_ends_is_a_failure_and_the_next_question_follows_at_once() {
    var endless = new Endless();
    var pace = new RedisProbe.Pace(HOUR, Duration.ofMillis(50), Duration.ofMillis(200));
    try (var watch =
        new RedisProbe(
            endless,
            m -> heard.add((Message.RedisAsked) m),
            InstantSource.system(),
            new SystemThreads(),
            pace)) {
      watch.watch(Optional.of(REDIS));

      await().until(() -> heard.size() >= 3);
    }

    assertThat(heard)
        .allSatisfy(m ->
            assertThat(m.outcome().whyFailed())
                .get()
                .satisfies(f -> assertThat(f.kind()).isEqualTo(Failure.Kind.TIMEOUT))
                .satisfies(f -> assertThat(f.message()).contains("redis:6379", "does not end")));
    await().untilAsserted(() -> assertThat(endless.open).hasValue(0));
    assertThat(endless.most).as("questions open at once").hasValue(1);
  }
}
