package io.armory.agent.reconcile.driver;

import io.armory.agent.port.Threads;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The JVM's threads and its time.
public final class SystemThreads implements Threads {
  @Override
  public Thread start(String name, Runnable task) {
    return Thread.ofVirtual().name(name).start(task);
  }

  @Override
  public Thread startPlatform(String name, Runnable task) {
    return Thread.ofPlatform().name(name).start(task);
  }

  @Override
  public Semaphore semaphore(int permits) {
    return new Semaphore(permits);
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    Thread.sleep(time);
  }

  @Override
  public boolean join(Thread thread, Duration most) throws InterruptedException {
    return thread.join(most);
  }

  @Override
  public <T> T get(CompletableFuture<T> answer, Duration most)
      throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(most.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Timer timer(String name) {
    return new SystemTimer(name);
  }

  private static final class SystemTimer implements Timer {
    private static final Duration IDLE = Duration.ofSeconds(10);

    private final ScheduledExecutorService due;
    private final ExecutorService others;

    SystemTimer(String name) {
      due =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().name(name + "-timer").daemon().factory());
      others =
          new ThreadPoolExecutor(
              0,
              Integer.MAX_VALUE,
              IDLE.toSeconds(),
              TimeUnit.SECONDS,
              new SynchronousQueue<>(),
              Thread.ofPlatform().name(name).daemon().factory());
    }

    @Override
    public Runnable after(Duration delay, Runnable task) {
      if (due.isShutdown()) {
        return () -> {};
      }
      var next = due.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> next.cancel(false);
    }

    @Override
    public void elsewhere(Runnable task) {
      others.execute(task);
    }

    @Override
    public void close() {
      due.shutdownNow();
      others.shutdownNow();
    }
  }
}
