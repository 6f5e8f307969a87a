package io.armory.agent.reconcile;

import io.armory.agent.port.Threads;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Threads of which one runs at a time, the test's own among them, in a time that passes at once
/// when all of them wait. Who waits hands over to the first, in the order in which they began to,
/// whose wait is over: a run is the same each time, however busy the machine is. With a seed, whose
/// turn it is is drawn, and who is done waiting may be held up for a moment: another order that
/// threads may take, the same for the same seed.
public final class SteppedThreads implements Threads, InstantSource {
  private static final Instant BEGIN = Instant.parse("2026-01-31T12:00:00Z");
  private static final Duration EVER = Duration.ofNanos(Long.MAX_VALUE);

  /// Turns in one moment.
  private static final int MOST_AT_ONCE = 100_000;

  private final List<Wait> waits = new ArrayList<>();
  private final Optional<Random> chance;
  private long now;
  private int atOnce;
  private @Nullable Thread ended;

  public SteppedThreads() {
    chance = Optional.empty();
  }

  public SteppedThreads(long seed) {
    chance = Optional.of(new Random(seed));
  }

  /// Until its thread may run again.
  private static final class Wait {
    final Thread thread;
    final BooleanSupplier over;
    final long from;
    final long until;
    private volatile boolean interrupted;
    private volatile boolean handedOver;

    /// @param from when it may be over at the earliest
    /// @param until when it is over at the latest
    Wait(Thread thread, BooleanSupplier over, long from, long until) {
      this.thread = thread;
      this.over = over;
      this.from = from;
      this.until = Math.max(from, until);
    }

    /// Asks in the order opposite to that of [#park], so that no interrupt is missed.
    boolean isOver(long now) {
      return thread.isInterrupted()
          || interrupted
          || (from <= now && (until <= now || over.getAsBoolean()));
    }

    void park() {
      while (!handedOver) {
        if (thread.isInterrupted()) {
          interrupted = true;
          Thread.interrupted();
        }
        LockSupport.park(this);
      }
      if (interrupted) {
        thread.interrupt();
      }
    }

    void end() {
      handedOver = true;
      LockSupport.unpark(thread);
    }

    long next(long now) {
      return from > now ? from : until;
    }
  }

  /// Mostly none, and seldom long.
  private long heldUp() {
    if (chance.isEmpty()) {
      return 0;
    }
    var luck = chance.get().nextInt(1000);
    var most = luck < 800 ? 0 : luck < 990 ? 20_000_000 : 250_000_000;
    return most == 0 ? 0 : chance.get().nextInt(most);
  }

  @Override
  public Instant instant() {
    return BEGIN.plusNanos(now);
  }

  @Override
  public long nanos() {
    return now;
  }

  /// @return whether it is so, before the time is over
  private boolean await(BooleanSupplier over, Duration most) throws InterruptedException {
    var thread = Thread.currentThread();
    if (!thread.isInterrupted() && !over.getAsBoolean()) {
      var until = most.compareTo(EVER.minusNanos(now)) < 0 ? now + most.toNanos() : EVER.toNanos();
      var wait = new Wait(thread, over, now + heldUp(), until);
      waits.add(wait);
      handOver();
      wait.park();
      bury();
    }
    if (atOnce > MOST_AT_ONCE) {
      atOnce = 0;
      throw new AssertionError("threads wake each other without end");
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return over.getAsBoolean();
  }

  private void handOver() {
    var isEndless = ++atOnce > MOST_AT_ONCE;
    var ready = ready(isEndless);
    while (ready.isEmpty()) {
      atOnce = 0;
      now = waits.stream().mapToLong(w -> w.next(now)).min().orElseThrow();
      ready = ready(false);
    }
    var next = ready.get(chance.isEmpty() ? 0 : chance.get().nextInt(ready.size()));
    waits.remove(next);
    next.end();
  }

  private List<Wait> ready(boolean isEndless) {
    return waits.stream().filter(w -> isEndless ? !w.thread.isVirtual() : w.isOver(now)).toList();
  }

  /// A thread that has handed over for good is dead for whoever asks.
  private void bury() {
    var dead = ended;
    ended = null;
    if (dead != null) {
      var interrupted = Thread.interrupted();
      try {
        dead.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public Thread start(String name, Runnable task) {
    var begin = new CompletableFuture<Wait>();
    var thread =
        Thread.ofVirtual()
            .name(name)
            .start(() -> {
              begin.join().park();
              bury();
              try {
                task.run();
              } finally {
                ended = Thread.currentThread();
                handOver();
              }
            });
    var wait = new Wait(thread, () -> true, now + heldUp(), now);
    waits.add(wait);
    begin.complete(wait);
    return thread;
  }

  @Override
  public Thread startPlatform(String name, Runnable task) {
    return start(name, task);
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    await(() -> false, time);
  }

  @Override
  public boolean join(Thread thread, Duration most) throws InterruptedException {
    return await(() -> !thread.isAlive(), most);
  }

  @Override
  public <T> T get(CompletableFuture<T> answer, Duration most)
      throws InterruptedException, ExecutionException, TimeoutException {
    await(answer::isDone, most);
    return answer.get(0, TimeUnit.SECONDS);
  }

  @Override
  public Semaphore semaphore(int permits) {
    return new SteppedSemaphore(permits);
  }

  @Override
  public Timer timer(String name) {
    return new Timer() {
      private boolean closed;

      @Override
      public Runnable after(Duration delay, Runnable task) {
        var cancelled = new boolean[1];
        start(
            name,
            () -> {
              try {
                await(() -> cancelled[0] || closed, delay);
              } catch (InterruptedException e) {
                return;
              }
              if (!cancelled[0] && !closed) {
                task.run();
              }
            });
        return () -> cancelled[0] = true;
      }

      @Override
      public void elsewhere(Runnable task) {
        start(name, task);
      }

      @Override
      public void close() {
        closed = true;
      }
    };
  }

  /// Ends all threads but the test's.
  public void close() {
    waits.forEach(w -> w.thread.interrupt());
    try {
      await(() -> waits.size() == 1, Duration.ofMinutes(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("serial")
  private final class SteppedSemaphore extends Semaphore {
    SteppedSemaphore(int permits) {
      super(permits);
    }

    @Override
    public boolean tryAcquire(long most, TimeUnit unit) throws InterruptedException {
      return await(() -> availablePermits() > 0, Duration.of(most, unit.toChronoUnit()))
          && tryAcquire();
    }

    @Override
    public void acquire() throws InterruptedException {
      tryAcquire(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    @Override
    public void acquireUninterruptibly() {
      var interrupted = false;
      while (!tryAcquire()) {
        try {
          acquire();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
