package io.armory.agent.adapter.docker;

import io.armory.agent.adapter.docker.http.DeadlineCalls.Call;
import io.armory.agent.adapter.docker.http.EngineException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// While a container stands still for its names to be set, no other call that sets up a network
/// gets in between: the engine takes them one after the other, each for a second on a slow machine.
/// A courtesy, not a guard: whoever has waited long enough goes on, as an engine may never end
/// another's call.
final class NetworkTurn {
  private final ReadWriteLock turns = new ReentrantReadWriteLock(true);
  private final Duration most;

  /// @param most how long anybody waits for his turn
  NetworkTurn(Duration most) {
    this.most = most;
  }

  /// Beside others.
  <T> T among(Call<T> call) throws EngineException {
    return within(turns.readLock(), call);
  }

  /// Beside no other.
  <T> T alone(Call<T> call) throws EngineException {
    return within(turns.writeLock(), call);
  }

  private <T> T within(Lock lock, Call<T> call) throws EngineException {
    var isTurn = isGot(lock);
    try {
      return call.run();
    } finally {
      if (isTurn) {
        lock.unlock();
      }
    }
  }

  private boolean isGot(Lock lock) {
    try {
      return lock.tryLock(most.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
