package io.armory.agent.adapter.docker.http;

import io.armory.agent.domain.Failure;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The session in use. Whatever shows that the engine went away drops it; the next call opens a new
/// one and agrees on the version anew, as the engine may have been upgraded.
public final class Sessions implements AutoCloseable {
  private final Path socket;
  private final ReentrantLock opening = new ReentrantLock();
  private volatile @Nullable Session current;
  private volatile boolean wasOpen;
  private volatile boolean closed;

  public Sessions(Path socket) {
    this.socket = socket;
  }

  public interface Call<T extends @Nullable Object> {
    T run(Session session) throws EngineException;
  }

  /// Whether an engine was ever met: then a call that breaks off may have met an old socket.
  public boolean wasOpen() {
    return wasOpen;
  }

  /// Runs a call in the current session, and drops the session when the engine broke off.
  public <T extends @Nullable Object> T use(Call<T> call) throws EngineException {
    var session = current();
    while (!session.enter()) {
      session = current();
    }
    try {
      return call.run(session);
    } catch (EngineException e) {
      if (e.kind() == Failure.Kind.UNREACHABLE) {
        drop(session);
      }
      throw e;
    } finally {
      session.leave();
    }
  }

  private Session current() throws EngineException {
    var session = current;
    if (session != null) {
      return session;
    }
    try {
      opening.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException(Failure.Kind.TIMEOUT, "interrupted");
    }
    try {
      if (closed) {
        throw new EngineException(Failure.Kind.UNREACHABLE, "the engine client is closed");
      }
      session = current;
      if (session == null) {
        session = Session.open(socket);
        current = session;
        wasOpen = true;
      }
      return session;
    } finally {
      opening.unlock();
    }
  }

  /// Forgets this session unless another has taken its place already.
  private void drop(@Nullable Session session) {
    if (session != null && current == session) {
      current = null;
      session.retire();
    }
  }

  /// The engine may have gone away without a word.
  public void dropCurrent() {
    drop(current);
  }

  @Override
  public void close() {
    closed = true;
    dropCurrent();
  }
}
