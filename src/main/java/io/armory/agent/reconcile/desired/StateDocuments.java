package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effects;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What the agent keeps for the one after it: written in order, off the core's thread. A failure
/// becomes a problem of the report. Owned by the loop's thread.
public final class StateDocuments {
  private static final Duration WRITE_AGAIN = Duration.ofSeconds(5);
  private static final String STATE = "state";

  private final Effects effects;
  private final SourceProblems complaints;

  /// What could not be written, by document.
  private final Map<String, Supplier<Outcome<String>>> unwritten = new LinkedHashMap<>();

  /// By the steady clock.
  private Instant writeAgainAt = Instant.MIN;

  StateDocuments(Effects effects, SourceProblems complaints) {
    this.effects = effects;
    this.complaints = complaints;
  }

  /// Writes a document; what could not be written is tried again until it is, or there is a newer
  /// one: what a full disk kept from being written must not rule the next process.
  public void persist(String document, Supplier<Outcome<String>> write) {
    persist(document, write, _ -> {});
  }

  /// As the other.
  ///
  /// @param ended told why it could not be written at first; empty: it was
  public void persist(
      String document, Supplier<Outcome<String>> write, Consumer<Optional<Failure>> ended) {
    persistNow(
        document,
        write,
        failure -> {
          if (failure.isPresent()) {
            unwritten.put(document, write);
          }
          ended.accept(failure);
        });
  }

  /// Writes what holds only if it can be kept: it is not tried again.
  ///
  /// @param ended told why it could not be written; empty: it was
  public void persistNow(
      String document, Supplier<Outcome<String>> write, Consumer<Optional<Failure>> ended) {
    unwritten.remove(document);
    effects.add(
        new Effect.Write(
            write,
            outcome -> {
              var failure = outcome.whyFailed();
              if (failure.isPresent()) {
                complaints.put(STATE, failure.get().message());
              } else if (unwritten.isEmpty()) {
                complaints.settle(STATE);
              }
              ended.accept(failure);
            }));
  }

  /// Tries again what could not be written.
  ///
  /// @param steady by the steady clock
  void retry(Instant steady) {
    if (unwritten.isEmpty() || steady.isBefore(writeAgainAt)) {
      return;
    }
    writeAgainAt = steady.plus(WRITE_AGAIN);
    Map.copyOf(unwritten).forEach(this::persist);
  }

  /// What could be read.
  public <T> Optional<T> known(Outcome<T> read) {
    return known(STATE, read);
  }

  <T> Optional<T> known(String about, Outcome<T> read) {
    return switch (read) {
      case Outcome.Done<T>(var value) -> Optional.of(value);
      case Outcome.Failed<T>(var failure) -> {
        complaints.put(about, failure.message());
        yield Optional.empty();
      }
    };
  }
}
