package io.armory.agent.reconcile.alert;

import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.port.AlertTarget;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.alert.AlertLedger.Told;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends one target's messages in order, on a thread of its own: each until it is taken, with
/// longer and longer pauses. There is room for so many; the oldest gives way.
final class AlertSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.alert");
  static final int ROOM = 50;

  private final AlertTarget target;
  private final AlertRecord kept;
  private final Backoff backoff;
  private final Threads threads;
  private final LinkedBlockingDeque<Told> waiting = new LinkedBlockingDeque<>(ROOM);
  private final Semaphore there;
  private @Nullable Thread thread;
  private volatile Optional<Failure> failure = Optional.empty();
  private final AtomicInteger lost = new AtomicInteger();

  AlertSender(AlertTarget target, AlertRecord kept, Backoff backoff, Threads threads) {
    this.target = target;
    this.kept = kept;
    this.backoff = backoff;
    this.threads = threads;
    this.there = threads.semaphore(0);
  }

  void start() {
    thread = threads.start("alerts " + target.name(), this::run);
  }

  /// Never blocks. From one thread.
  void add(Told told) {
    while (!waiting.offerLast(told)) {
      if (waiting.pollFirst() != null) {
        lost.incrementAndGet();
      }
    }
    there.release();
  }

  /// Why it cannot tell anybody; empty: it can, as far as is known.
  Optional<Problem> problem() {
    return failure
        .filter(_ -> target.isAddressed())
        .map(f ->
            new Problem(
                "notify " + target.name(),
                f.message() + (lost.get() == 0 ? "" : "; messages dropped: " + lost),
                f.kind() == Failure.Kind.INVALID ? "" : "it is tried again"));
  }

  private void run() {
    try {
      while (true) {
        there.acquire();
        // Of one that gave way, nothing is left but this.
        var next = waiting.pollFirst();
        if (next != null) {
          deliver(next);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void deliver(Told told) throws InterruptedException {
    for (var tries = 1; ; tries++) {
      switch (send(told)) {
        case Outcome.Done<String> _ -> {
          failure.ifPresent(_ -> LOG.info("{} takes messages again", target.name()));
          failure = Optional.empty();
          lost.set(0);
          kept.delivered(target.name(), told.of(), told.alert().over());
          return;
        }
        case Outcome.Failed<String>(var why) -> {
          if (failure.isEmpty()) {
            LOG.warn("cannot notify {}: {}", target.name(), why.message());
          }
          failure = Optional.of(why);
          if (why.kind() == Failure.Kind.INVALID) {
            lost.incrementAndGet();
            kept.delivered(target.name(), told.of(), told.alert().over());
            return;
          }
        }
      }
      threads.sleep(backoff.after(tries));
    }
  }

  /// A bug of a target's is a failed delivery, too.
  private Outcome<String> send(Told told) {
    try {
      return target.send(told.alert());
    } catch (RuntimeException | Error e) {
      LOG.error("notifying {} met a bug", target.name(), e);
      return Outcome.failed(Failure.Kind.TRANSIENT, "bug: " + e.getClass().getSimpleName());
    }
  }

  /// What waits is told by the next agent, as far as it still holds.
  @Override
  public void close() {
    Threads.interrupt(thread);
  }
}
