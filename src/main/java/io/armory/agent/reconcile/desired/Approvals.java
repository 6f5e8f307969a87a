package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Approval.Given;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Which changed revision of the sources waits to be approved, and which was let through last. One
/// that was needs no more until the sources give another: not after a restart of the agent, nor to
/// be tried again. Owned by the loop's thread.
public final class Approvals {
  private static final Duration PULL_AGAIN = Duration.ofMinutes(5);

  private final Approval mode;
  private Optional<Given> passed = Optional.empty();
  private @Nullable Waiting waiting;
  private Optional<Kept> before = Optional.empty();

  /// A revision that waits.
  ///
  /// @param instead of which it would run
  /// @param changes what it would change, one line each, without a secret
  /// @param images how far its images are, in words
  /// @param pullAt when they are to be pulled again; [Instant#MAX]: not
  public record Waiting(
      Revision revision,
      String instead,
      Instant since,
      List<String> changes,
      String images,
      Instant pullAt) {}

  /// What is kept over a restart of the agent.
  ///
  /// @param passed by nobody: it needed none
  /// @param waits empty: nothing did
  public record Kept(Optional<Given> passed, Optional<String> waits, Instant since) {}

  Approvals(Approval mode) {
    this.mode = mode;
  }

  /// What the agent before this one kept.
  public void recalled(Kept kept) {
    passed = kept.passed();
    before = Optional.of(kept);
  }

  public Kept kept() {
    var waits = waiting;
    return new Kept(
        passed,
        Optional.ofNullable(waits).map(w -> w.revision().id()),
        waits == null ? Instant.EPOCH : waits.since());
  }

  /// Whether a revision may begin without being approved now.
  public boolean begins(String revision, Instant now) {
    return hasPassed(revision)
        || switch (mode) {
          case Approval.Auto _ -> true;
          case Approval.Manual _ -> false;
          case Approval.Window(var hours) -> hours.isOpen(now);
        };
  }

  private boolean hasPassed(String revision) {
    return passed.filter(p -> p.revision().equals(revision)).isPresent();
  }

  /// A revision is let through.
  ///
  /// @return whether that is news
  public boolean passes(Given by) {
    waiting = null;
    if (hasPassed(by.revision()) && by.by().isEmpty()) {
      return false;
    }
    passed = Optional.of(by);
    return true;
  }

  /// By whom what was let through last was approved; empty: it needed nobody.
  public Optional<Given> given() {
    return passed.filter(p -> !p.by().isEmpty());
  }

  public void nothingWaits() {
    waiting = null;
  }

  /// Whether it is another one than that which waits, or another one is in force now.
  public boolean isNews(Revision revision, String instead) {
    var w = waiting;
    return w == null || !w.revision().id().equals(revision.id()) || !w.instead().equals(instead);
  }

  /// @return whether it is another one than before, also before the agent was restarted
  public boolean waits(Revision revision, String instead, List<String> changes, Instant now) {
    var id = revision.id();
    var known = kept().waits().isPresent() ? Optional.of(kept()) : before;
    before = Optional.empty();
    var since = known.filter(k -> k.waits().equals(Optional.of(id))).map(Kept::since);
    waiting = new Waiting(revision, instead, since.orElse(now), List.copyOf(changes), "", now);
    passed = Optional.empty();
    return since.isEmpty();
  }

  public Optional<Waiting> waiting() {
    return Optional.ofNullable(waiting);
  }

  /// The revision whose images are to be pulled now: asked once each time.
  public Optional<Revision> toPull(Instant now) {
    var w = waiting;
    if (w == null || now.isBefore(w.pullAt())) {
      return Optional.empty();
    }
    waiting = with(w, "its images are being pulled", Instant.MAX);
    return Optional.of(w.revision());
  }

  public void pulled(String revision, Outcome<String> outcome, Instant now) {
    var w = waiting;
    if (w != null && w.revision().id().equals(revision)) {
      waiting =
          outcome
              .whyFailed()
              .map(f ->
                  with(w, "not all of its images are here: " + f.message(), now.plus(PULL_AGAIN)))
              .orElseGet(() -> with(w, "its images are here", Instant.MAX));
    }
  }

  private static Waiting with(Waiting w, String images, Instant pullAt) {
    return new Waiting(w.revision(), w.instead(), w.since(), w.changes(), images, pullAt);
  }

  /// What lets a revision that may not begin now do so, in words.
  public String awaits(Instant now) {
    var opens = opens(now);
    return mode instanceof Approval.Window(var hours) && opens.isPresent()
        ? "until %s; armory-agent approve begins it now".formatted(hours.shown(opens.get(), now))
        : "for approval: armory-agent approve";
  }

  /// When what waits begins by itself; empty: it does not.
  public Optional<Instant> opens(Instant now) {
    return mode instanceof Approval.Window(var hours) ? hours.opens(now) : Optional.empty();
  }

  /// When there is something to be done whatever is heard until then.
  public Instant nextAt(Instant now) {
    var w = waiting;
    if (w == null) {
      return Instant.MAX;
    }
    var opens = opens(now).orElse(Instant.MAX);
    return opens.isBefore(w.pullAt()) ? opens : w.pullAt();
  }

  void clockSet(Duration by) {
    var w = waiting;
    if (w != null) {
      waiting =
          new Waiting(
              w.revision(), w.instead(), w.since().plus(by), w.changes(), w.images(), w.pullAt());
    }
  }
}
