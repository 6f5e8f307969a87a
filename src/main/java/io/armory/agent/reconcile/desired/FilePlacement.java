package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.NodeFiles;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effects;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Puts a revision's files onto the node: of a new one before it is in force, as long as another
/// runs, so that a disk without room costs nobody the care for what runs.
final class FilePlacement {
  private static final String ABOUT = "files";
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final NodeFiles files;
  private final Effects effects;
  private final SourceProblems complaints;
  private @Nullable Revision wanted;
  private @Nullable String there;
  private @Nullable String next;
  private boolean torn;

  /// What is written last is what is there: of writes that end when another was begun since,
  /// nothing is believed.
  private long begun;

  /// By the steady clock; [Instant#MIN]: it failed since it was asked last.
  private Instant retryAt = Instant.MAX;

  FilePlacement(NodeFiles files, Effects effects, SourceProblems complaints) {
    this.files = files;
    this.effects = effects;
    this.complaints = complaints;
  }

  /// This one is in force; until its files are there, nothing is to be done for it.
  void inForce(Revision revision) {
    wanted = revision;
    torn = false;
    if (revision.id().equals(next)) {
      there = next;
      next = null;
    } else {
      there = null;
      put(revision);
    }
  }

  /// The sources gave the revision in force again.
  void stillInForce(Revision revision) {
    if (torn) {
      torn = false;
      put(revision);
    } else if (next == null && areThere()) {
      putAgain(revision);
    }
  }

  /// Whether something runs that would be left alone while this one's files are put.
  ///
  /// @param other what runs if none is in force yet, as the agent has only started
  boolean comesFirst(Revision revision, Optional<Revision> other) {
    var runs = wanted == null ? other.isPresent() : areThere();
    return runs && !revision.id().equals(there) && !revision.id().equals(next);
  }

  /// Puts the files of one that is to be in force.
  void ahead(Revision revision, Consumer<Outcome<String>> ended) {
    var write = ++begun;
    effects.add(
        new Effect.Write(
            () -> files.put(revision.files()),
            outcome -> {
              next = outcome.whyFailed().isEmpty() && write == begun ? revision.id() : null;
              torn = true;
              ended.accept(outcome);
            }));
  }

  /// What somebody removed or changed meanwhile is needed at the next start of its container.
  private void putAgain(Revision revision) {
    effects.add(
        new Effect.Write(
            () -> files.has(revision.needed()) ? Outcome.done("") : files.put(revision.files()),
            outcome -> outcome.whyFailed().ifPresent(f -> complaints.put(ABOUT, f.message()))));
  }

  private void put(Revision revision) {
    next = null;
    var write = ++begun;
    var usable = new AtomicBoolean();
    effects.add(
        new Effect.Write(
            () -> {
              var outcome = files.put(revision.files());
              usable.set(outcome instanceof Outcome.Done<String> || files.has(revision.needed()));
              return outcome;
            },
            outcome -> ended(revision, outcome, usable.get() && write == begun)));
  }

  /// @param usable all that its containers need is there: who goes back has it still, and may do so
  ///   on a disk without room for what only people read; not, where others' files came after
  private void ended(Revision revision, Outcome<String> outcome, boolean usable) {
    if (usable) {
      there = revision.id();
    }
    switch (outcome) {
      case Outcome.Done<String> _ -> complaints.settle(ABOUT);
      case Outcome.Failed<String>(var failure) -> {
        complaints.put(ABOUT, failure.message());
        retryAt = Instant.MIN;
      }
    }
  }

  /// Tries again what could not be written.
  ///
  /// @param steady by the steady clock
  void retry(Instant steady) {
    if (retryAt.equals(Instant.MIN)) {
      retryAt = steady.plus(RETRY);
    }
    var revision = wanted;
    if (revision != null && !steady.isBefore(retryAt)) {
      retryAt = Instant.MAX;
      put(revision);
    }
  }

  /// The files of the revision in force are on the node.
  boolean areThere() {
    var revision = wanted;
    return revision != null && revision.id().equals(there);
  }
}
