package io.armory.agent.reconcile.driver;

import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What is told to the loop, in the order it came. Any thread may tell; the loop alone reads.
final class Mailbox implements Consumer<Message> {
  private final Queue<Message> messages = new ConcurrentLinkedQueue<>();
  private final Semaphore bell;

  Mailbox(Threads threads) {
    this.bell = threads.semaphore(0);
  }

  /// Wakes the loop, unless the message can wait until something else does.
  @Override
  public void accept(Message message) {
    messages.add(message);
    if (!(message instanceof Message.Probed probed && probed.confirms())) {
      bell.release();
    }
  }

  /// Returns when it is rung for, or when the time is over.
  void await(Duration most) throws InterruptedException {
    if (bell.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS)) {
      bell.drainPermits();
    }
  }

  /// `null`: there is none.
  @Nullable Message next() {
    return messages.poll();
  }
}
