package io.armory.agent.reconcile.shared;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.SharedRedis;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks the remote Redis all the time, on a thread of its own that exists only where there is one.
final class RedisProbe implements AutoCloseable {
  /// A hung Redis, asked twice with the client's 2 s each, makes the node not ready within two
  /// intervals of a load balancer.
  private static final Pace USUAL =
      new Pace(Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(5));

  private final SharedRedis redis;
  private final Pace pace;
  private final Consumer<Message> mailbox;
  private final InstantSource clock;
  private final Threads threads;
  private final Semaphore news;
  private volatile @Nullable RemoteRedis target;
  private volatile boolean ending;
  private @Nullable Thread thread;

  /// The watch's own.
  private @Nullable Thread asking;

  /// @param well from one question to the next, while they are answered
  /// @param ill from one question to the next, while they are not
  /// @param most for one answer, however it dribbles in and whatever it waits for
  record Pace(Duration well, Duration ill, Duration most) {}

  RedisProbe(SharedRedis redis, Consumer<Message> mailbox, InstantSource clock, Threads threads) {
    this(redis, mailbox, clock, threads, USUAL);
  }

  RedisProbe(
      SharedRedis redis,
      Consumer<Message> mailbox,
      InstantSource clock,
      Threads threads,
      Pace pace) {
    this.clock = clock;
    this.redis = redis;
    this.mailbox = mailbox;
    this.pace = pace;
    this.threads = threads;
    this.news = threads.semaphore(0);
  }

  /// Asks this one from now on. On the loop's thread.
  void watch(Optional<RemoteRedis> wanted) {
    var before = target;
    target = wanted.orElse(null);
    if (wanted.isPresent() && thread == null) {
      thread = threads.start("redis", this::run);
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
        var began = threads.nanos();
        var asked = target;
        var isWell = true;
        if (asked != null) {
          var askedAt = clock.instant();
          var outcome = ask(asked);
          isWell = outcome.whyFailed().isEmpty();
          mailbox.accept(new Message.RedisAsked(asked, outcome, askedAt));
        }
        // What an answer took has been waited already: one that hangs is asked again at once.
        var wait = (isWell ? pace.well : pace.ill).toNanos() - (threads.nanos() - began);
        var _ = news.tryAcquire(Math.max(0, wait), TimeUnit.NANOSECONDS);
        news.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// On a thread that can be given up: interrupted in a read, it closes the connection. What cannot
  /// be interrupted, such as a name that is being resolved, is waited for before the next one.
  private Outcome<RedisAnswer> ask(RemoteRedis asked) throws InterruptedException {
    var before = asking;
    if (before != null && !threads.join(before, pace.most)) {
      return unanswered(asked);
    }
    var answer = new CompletableFuture<Outcome<RedisAnswer>>();
    var question = threads.start("redis ask", () -> answer.complete(answerOf(asked)));
    asking = question;
    try {
      return threads.get(answer, pace.most);
    } catch (TimeoutException e) {
      return unanswered(asked);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      question.interrupt();
    }
  }

  private Outcome<RedisAnswer> unanswered(RemoteRedis asked) {
    return Outcome.failed(
        Failure.Kind.TIMEOUT,
        "%s does not end its answer within %d s: see the load of the Redis, and DNS"
            .formatted(asked.address(), pace.most.toSeconds()));
  }

  private Outcome<RedisAnswer> answerOf(RemoteRedis asked) {
    try {
      return redis.ask(asked);
    } catch (RuntimeException | Error e) {
      return Outcome.failed(
          Failure.Kind.TRANSIENT, "asking " + asked.address() + " met a bug: " + e);
    }
  }

  @Override
  public void close() {
    ending = true;
    Threads.interrupt(thread);
    redis.close();
  }
}
