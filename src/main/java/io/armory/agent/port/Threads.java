package io.armory.agent.port;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// How the agent's parts run beside each other, and how they wait. Who waits by another way than
/// these cannot be stepped: in tests one thread runs at a time, and time passes, at once, when all
/// of them wait.
public interface Threads {
  /// Runs a task on a virtual thread of its own.
  Thread start(String name, Runnable task);

  /// Runs a task on a platform thread of its own.
  Thread startPlatform(String name, Runnable task);

  /// One whose waits count as waits.
  Semaphore semaphore(int permits);

  void sleep(Duration time) throws InterruptedException;

  /// @return whether it has ended
  boolean join(Thread thread, Duration most) throws InterruptedException;

  <T> T get(CompletableFuture<T> answer, Duration most)
      throws InterruptedException, ExecutionException, TimeoutException;

  /// @param thread `null`: none has begun
  static void interrupt(@Nullable Thread thread) {
    if (thread != null) {
      thread.interrupt();
    }
  }

  /// Waits for news, for so long and a second at most; all there is counts as heard then.
  static void await(Semaphore news, Duration time) throws InterruptedException {
    if (time.isPositive()) {
      var _ = news.tryAcquire(Math.min(time.toMillis() + 1, 1000), TimeUnit.MILLISECONDS);
    }
    news.drainPermits();
  }

  /// As [System#nanoTime].
  long nanos();

  /// @param name of its threads
  Timer timer(String name);

  /// Does what is due on one platform thread, which is to be held for moments only.
  interface Timer extends AutoCloseable {
    /// @return cancels it, if it has not begun
    Runnable after(Duration delay, Runnable task);

    /// Runs what may take longer on another platform thread, one that is free or a new one.
    void elsewhere(Runnable task);

    @Override
    void close();
  }
}
