package io.armory.agent.adapter.redis;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Problem;

/// A failure on its way to the adapter's door.
final class RedisException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  /// @param message the whole sentence
  RedisException(Failure.Kind kind, String message) {
    super(message);
    this.failure = new Failure(kind, Problem.oneLine(message));
  }

  Failure failure() {
    return failure;
  }
}
