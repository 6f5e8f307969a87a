package io.armory.agent.domain;

import java.util.Optional;
import java.util.function.Function;

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

  /// @param message as [Failure#message]
  static <T> Outcome<T> failed(Failure.Kind kind, String message) {
    return failed(new Failure(kind, message));
  }

  default <U> Outcome<U> map(Function<? super T, ? extends U> function) {
    return switch (this) {
      case Done<T>(var value) -> done(function.apply(value));
      case Failed<T>(var failure) -> failed(failure);
    };
  }

  default <U> Outcome<U> flatMap(Function<? super T, Outcome<U>> function) {
    return switch (this) {
      case Done<T>(var value) -> function.apply(value);
      case Failed<T>(var failure) -> failed(failure);
    };
  }

  /// The failure, if it is one.
  default Optional<Failure> whyFailed() {
    return this instanceof Failed<T>(var failure) ? Optional.of(failure) : Optional.empty();
  }
}
