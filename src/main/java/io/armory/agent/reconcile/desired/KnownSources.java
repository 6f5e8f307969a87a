package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is known of the sources: who the node is and its parameters, as they were read last, since
/// when nothing can be read, and why what they give is not run. Owned by the loop's thread.
public final class KnownSources {
  private final SourceProblems complaints;
  private final Staleness staleness = new Staleness();
  private volatile Parameters parameters = Parameters.NONE;
  private @Nullable NodeIdentity identity;
  private long begun;
  private long readings;
  private Failure.@Nullable Kind refusal;
  private boolean roleless;
  private @Nullable CachedNodeFacts kept;

  KnownSources(SourceProblems complaints) {
    this.complaints = complaints;
  }

  /// A reading begins.
  public void begins() {
    begun++;
  }

  /// Takes in a reading.
  public void read(Sources.Reading reading, Instant now) {
    readings++;
    var known = identity;
    reading
        .identity()
        .ifPresent(i ->
            identity =
                known != null && reading.made() instanceof Sources.Unreadable
                    ? i.withRoleKept(known)
                    : i);
    switch (reading.made()) {
      case Sources.Ready _ -> fresh(reading, now);
      case Sources.Refused(var wrong, var noRole) -> {
        var before = parameters;
        fresh(reading, now);
        if (reading.parameters().equals(Parameters.NONE)) {
          // One that cannot be used keeps all from being read: those before it are still in force.
          parameters = new Parameters(before.variables(), before.files(), before.settings(), wrong);
        }
        notRun(Failure.Kind.INVALID, wrong);
        roleless = noRole;
      }
      case Sources.Unreadable(var problem) -> unread(problem, now);
    }
  }

  private void fresh(Sources.Reading reading, Instant now) {
    parameters = reading.parameters();
    staleness.read(now);
    refusal = null;
    roleless = false;
    complaints.settle(SourceProblems.SOURCES);
    complaints.put(SourceProblems.REVISION, reading.parameters().problems());
  }

  void unread(Problem problem, Instant now) {
    staleness.unreadable(now);
    complaints.put(SourceProblems.SOURCES, List.of(problem));
  }

  /// What they gave last is not run.
  void notRun(Failure.Kind kind, List<Problem> why) {
    refusal = kind;
    complaints.put(SourceProblems.REVISION, why);
  }

  /// What waited begins: its reading is counted when it is taken in again.
  public void waitsNoLonger() {
    readings--;
  }

  public Parameters parameters() {
    return parameters;
  }

  public Optional<NodeIdentity> identity() {
    return Optional.ofNullable(identity);
  }

  /// How many readings began: one that begins later sees what is in the sources now.
  public long begun() {
    return begun;
  }

  /// How many readings came in, each in its turn.
  public long readings() {
    return readings;
  }

  public Optional<Instant> staleSince() {
    return staleness.since();
  }

  /// They were read and name no role that there is.
  public boolean isRoleless() {
    return roleless;
  }

  /// Of what kind the reason is that what they give is not run; empty: it is, or they could not be
  /// read.
  public Optional<Failure.Kind> refusal() {
    return Optional.ofNullable(refusal);
  }

  /// What is wrong with them as they are now; empty: they gave a revision.
  public List<Problem> problems() {
    return complaints.of(SourceProblems.REVISION);
  }

  /// As [SourceProblems#news].
  public Optional<List<Problem>> news() {
    return complaints.news(staleSince().isPresent());
  }

  /// What is known of the node from before this process.
  public void recalled(CachedNodeFacts facts) {
    kept = facts;
    identity = facts.identityAsKept();
    parameters = facts.parameters();
    roleless = facts.roleless();
    staleness.readBefore(facts.readAt());
  }

  /// The facts, if they are to be kept: fresh ones that are not kept yet.
  public Optional<CachedNodeFacts> factsToKeep() {
    var at = staleness.lastRead();
    if (staleSince().isPresent()
        || identity == null
        || at.isEmpty()
        || (refusal != null && !roleless)) {
      return Optional.empty();
    }
    var facts = CachedNodeFacts.of(identity, parameters, roleless, at.get());
    if (kept != null && facts.isKeptBy(kept)) {
      return Optional.empty();
    }
    kept = facts;
    return Optional.of(facts);
  }

  void clockSet(Duration by) {
    staleness.clockSet(by);
  }
}
