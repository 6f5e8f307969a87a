package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.SharedRedis;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks the remote Redis all the time, on a thread of its own that exists only where there is one.
final class RedisWatch implements AutoCloseable {
  private static final Duration WELL = Duration.ofSeconds(5);
  private static final Duration ILL = Duration.ofSeconds(1);

  private final SharedRedis redis;
  private final Consumer<Message> mailbox;
  private final InstantSource clock;
  private final Semaphore news = new Semaphore(0);
  private volatile @Nullable RemoteRedis target;
  private volatile boolean ending;
  private @Nullable Thread thread;

  RedisWatch(SharedRedis redis, Consumer<Message> mailbox, InstantSource clock) {
    this.clock = clock;
    this.redis = redis;
    this.mailbox = mailbox;
  }

  /// Asks this one from now on. On the loop's thread.
  void watch(Optional<RemoteRedis> wanted) {
    var before = target;
    target = wanted.orElse(null);
    if (wanted.isPresent() && thread == null) {
      thread = Thread.ofVirtual().name("redis").start(this::run);
    } else if (wanted.isPresent() && (before == null || !before.isSameAs(wanted.get()))) {
      news.release();
    }
  }

  void now() {
    if (target != null) {
      news.release();
    }
  }

  private void run() {
    try {
      while (!ending) {
        var asked = target;
        var isWell = true;
        if (asked != null) {
          var askedAt = clock.instant();
          var outcome = ask(asked);
          isWell = outcome.whyFailed().isEmpty();
          mailbox.accept(new Message.RedisAsked(asked, outcome, askedAt));
        }
        var _ = news.tryAcquire((isWell ? WELL : ILL).toMillis(), TimeUnit.MILLISECONDS);
        news.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Outcome<RedisAnswer> ask(RemoteRedis asked) {
    try {
      return redis.ask(asked);
    } catch (RuntimeException e) {
      return Outcome.failed(
          new Failure(Failure.Kind.TRANSIENT, "asking " + asked.address() + " met a bug: " + e));
    }
  }

  @Override
  public void close() {
    ending = true;
    var running = thread;
    if (running != null) {
      running.interrupt();
    }
    redis.close();
  }
}
