package io.armory.agent.domain;

/// What came of an action: a failure is a value, so that one service's cannot end the care of
/// another.
public sealed interface Outcome<T> {

  record Done<T>(T value) implements Outcome<T> {}

  record Failed<T>(Failure failure) implements Outcome<T> {}

  static <T> Outcome<T> done(T value) {
    return new Done<>(value);
  }

  static <T> Outcome<T> failed(Failure failure) {
    return new Failed<>(failure);
  }
}
