package io.armory.agent.adapter.docker.http;

import io.armory.agent.domain.Failure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Runs each call on a virtual thread of its own and abandons it at its deadline, because a client
/// of a stopped engine may wait for ever. An abandoned thread is interrupted, which closes its
/// socket; should it live on even so, it keeps its permit, so that the number of lost threads has a
/// bound.
public final class DeadlineCalls {
  private final Semaphore permits;
  private final int limit;

  public DeadlineCalls(int limit) {
    this.limit = limit;
    this.permits = new Semaphore(limit);
  }

  public interface Call<T extends @Nullable Object> {
    T run() throws EngineException;
  }

  /// When to give up: a fixed time after the last sign of life.
  public static final class Patience {
    private final Duration limit;
    private volatile long since = System.nanoTime();

    public Patience(Duration limit) {
      this.limit = limit;
    }

    public void signOfLife() {
      since = System.nanoTime();
    }

    long leftNanos() {
      return limit.toNanos() - (System.nanoTime() - since);
    }

    @Override
    public String toString() {
      return limit.toSeconds() > 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
    }
  }

  public <T> T within(Patience patience, Call<T> call) throws EngineException {
    acquire(patience);
    var result = new CompletableFuture<T>();
    var thread =
        Thread.ofVirtual()
            .name("engine-call")
            .start(() -> {
              try {
                result.complete(call.run());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              } finally {
                permits.release();
              }
            });
    try {
      return await(result, patience);
    } catch (EngineException e) {
      thread.interrupt();
      throw e;
    }
  }

  private void acquire(Patience patience) throws EngineException {
    try {
      if (!permits.tryAcquire(patience.leftNanos(), TimeUnit.NANOSECONDS)) {
        throw new EngineException(
            Failure.Kind.TIMEOUT, limit + " calls wait for an engine that does not answer");
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static <T> T await(CompletableFuture<T> result, Patience patience)
      throws EngineException {
    while (true) {
      try {
        return result.get(Math.max(0, patience.leftNanos()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (patience.leftNanos() <= 0) {
          throw new EngineException(
              Failure.Kind.TIMEOUT, "the engine did not answer within " + patience);
        }
      } catch (ExecutionException e) {
        throw cause(e);
      } catch (InterruptedException e) {
        throw interrupted();
      }
    }
  }

  private static EngineException cause(ExecutionException e) {
    return switch (e.getCause()) {
      case EngineException known -> known;
      case Error error -> throw error;
      case null, default -> throw new IllegalStateException(e.getCause());
    };
  }

  private static EngineException interrupted() {
    Thread.currentThread().interrupt();
    return new EngineException(Failure.Kind.TIMEOUT, "interrupted");
  }
}
