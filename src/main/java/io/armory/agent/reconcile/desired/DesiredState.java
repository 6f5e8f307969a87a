package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Hold;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.NodeFiles;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effects;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where the desired state comes from and is kept: takes in what the sources say, keeps the last
/// known good revision, and collects what is wrong with any of it.
public final class DesiredState {
  /// After this long without a first reading the last known good revision is run meanwhile.
  private static final Duration PATIENCE = Duration.ofMillis(1500);

  /// The same where an agent before this one was in the midst of a release: going back would
  /// replace what it brought, and going on again all of it once more. What it left serves
  /// meanwhile.
  private static final Duration PATIENCE_MIDWAY = Duration.ofSeconds(20);

  private static final Duration WRITE_AGAIN = Duration.ofSeconds(5);

  private final RevisionArchive archive;
  private final Effects effects;

  private final SourceProblems complaints = new SourceProblems();
  private final FilePlacement placing;
  private final Staleness staleness = new Staleness();
  private final RevisionHistory history = new RevisionHistory();
  private final Approvals approvals;

  private volatile Parameters parameters = Parameters.NONE;
  private volatile @Nullable Revision inForce;
  private Map<String, Map<String, String>> serviceChanges = Map.of();
  private @Nullable NodeIdentity identity;

  /// What could not be written, by document.
  private final Map<String, Supplier<Outcome<String>>> unwritten = new LinkedHashMap<>();

  /// By the steady clock.
  private Instant writeAgainAt = Instant.MIN;

  private long begun;
  private long readings;
  private Failure.@Nullable Kind refusal;
  private boolean roleless;
  private @Nullable String wanted;
  private @Nullable Hold hold;
  private @Nullable Revision held;
  private @Nullable CachedNodeFacts kept;
  private Instant startedAt = Instant.MAX;

  /// @param approval what lets a changed revision of the sources begin
  public DesiredState(
      Approval approval, RevisionArchive archive, NodeFiles files, Effects effects) {
    this.approvals = new Approvals(approval);
    this.archive = archive;
    this.effects = effects;
    this.placing = new FilePlacement(files, effects, complaints);
  }

  public void start(Instant now) {
    startedAt = now;
    effects.add(new Effect.FollowSources());
  }

  /// Asks for the sources to be read now.
  public void refresh() {
    effects.add(new Effect.ReadSources());
  }

  /// Takes in a reading.
  ///
  /// @return the revision to be run from now on, if that changes
  public Optional<Revision> read(Sources.Reading reading, Rollout rollout, Instant now) {
    readings++;
    if (reading.made() instanceof Sources.Unreadable) {
      reading.identity().ifPresent(i -> identity = identity == null ? i : i.withRoleKept(identity));
    } else {
      reading.identity().ifPresent(i -> identity = i);
    }
    return switch (reading.made()) {
      case Sources.Ready(var revision) -> {
        fresh(reading, now);
        rejected(rollout, revision);
        inForce()
            .filter(r -> r.id().equals(revision.id()))
            .ifPresent(r -> {
              inForce = r.withRemarks(revision.resolvedEnv(), revision.warnings());
              placing.stillInForce(r);
            });
        yield rollout.offer(revision, now) ? Optional.of(revision) : fallBack(rollout, now);
      }
      case Sources.Refused(var wrong, var noRole) -> {
        var before = parameters;
        fresh(reading, now);
        if (reading.parameters().equals(Parameters.NONE)) {
          // One that cannot be used keeps all from being read: those before it are still in force.
          parameters = new Parameters(before.variables(), before.files(), before.settings(), wrong);
        }
        complaints.put(SourceProblems.REVISION, wrong);
        refusal = Failure.Kind.INVALID;
        roleless = noRole;
        yield fallBack(rollout, now);
      }
      case Sources.Unreadable(var problem) -> {
        staleness.unreadable(now);
        complaints.put(SourceProblems.SOURCES, List.of(problem));
        yield fallBack(rollout, now);
      }
    };
  }

  /// Takes in a reading whose revision waits to be begun.
  public void waits(Sources.Reading reading, Instant now) {
    readings++;
    reading.identity().ifPresent(i -> identity = i);
    fresh(reading, now);
  }

  /// What waited begins: its reading is counted when it is taken in.
  public void waitsNoLonger() {
    readings--;
  }

  /// The last known good revision, if it is to be run while another one waits.
  public Optional<Revision> meanwhile(Rollout rollout, Instant now) {
    return fallBack(rollout, now);
  }

  /// What the sources give, if it is one that may be begun.
  public static Optional<Revision> offered(Sources.Reading reading, Rollout rollout) {
    return reading.made() instanceof Sources.Ready(var revision)
            && !rollout.rejected().containsKey(revision.id())
        ? Optional.of(revision)
        : Optional.empty();
  }

  private void fresh(Sources.Reading reading, Instant now) {
    parameters = reading.parameters();
    staleness.read(now);
    refusal = null;
    roleless = false;
    complaints.settle(SourceProblems.SOURCES);
    complaints.put(SourceProblems.REVISION, reading.parameters().problems());
  }

  private void rejected(Rollout rollout, Revision revision) {
    var why = rollout.rejected().get(revision.id());
    if (why != null) {
      complaints.put(
          SourceProblems.REVISION,
          List.of(
              new Problem(
                  "revision " + revision.id(),
                  "was rolled back: " + why,
                  "it is not tried again until it changes, or by armory-agent sync --retry")));
      refusal = Failure.Kind.UNHEALTHY;
    }
  }

  /// The last known good revision stands in for sources that cannot be read, or not be used; not
  /// for sources that say that nothing is to run here.
  private Optional<Revision> fallBack(Rollout rollout, Instant now) {
    return inForce != null || roleless
        ? Optional.empty()
        : rollout.good().filter(g -> rollout.adopt(g, now));
  }

  /// The sources have not been read yet, and that takes long: the reading goes on beside what is
  /// run meanwhile.
  ///
  /// @return the last known good revision, if it is to be run from now on
  public Optional<Revision> unread(Rollout rollout, Instant now) {
    if (readings > 0 || inForce != null || now.isBefore(patientUntil())) {
      return Optional.empty();
    }
    var found = fallBack(rollout, now);
    if (found.isPresent()) {
      staleness.unreadable(now);
      complaints.put(SourceProblems.SOURCES, "have not answered yet; reading them goes on");
    }
    return found;
  }

  /// Until when a first reading is waited for, while there is none.
  public Instant patientUntil() {
    return readings > 0 || inForce != null || startedAt.equals(Instant.MAX)
        ? Instant.MAX
        : startedAt.plus(history.isUnderWay() ? PATIENCE_MIDWAY : PATIENCE);
  }

  /// Makes a revision the one in force, and puts its files onto the node.
  ///
  /// @param good the last known good one
  public void inForce(Revision revision, Optional<Revision> good) {
    var earlier = Stream.concat(good.stream(), inForce().stream()).toList();
    serviceChanges = RevisionDiff.ofServices(revision, earlier);
    inForce = revision;
    placing.inForce(revision);
  }

  /// A revision of the sources that is to be run next, and whose files are to be put before that.
  public Optional<Revision> next(Sources.Reading reading, Rollout rollout) {
    return reading.made() instanceof Sources.Ready(var revision)
            && !rollout.rejected().containsKey(revision.id())
            && placing.comesFirst(revision, rollout.good())
        ? Optional.of(revision)
        : Optional.empty();
  }

  public void putAhead(Revision revision, Consumer<Outcome<String>> ended) {
    placing.ahead(revision, ended);
  }

  /// Takes in a reading whose revision cannot be run, as its files cannot be put: the next reading
  /// may find room.
  ///
  /// @return the revision to be run meanwhile, if that changes
  public Optional<Revision> unplaced(
      Sources.Reading reading, Revision revision, Rollout rollout, Failure failure, Instant now) {
    readings++;
    reading.identity().ifPresent(i -> identity = i);
    fresh(reading, now);
    complaints.put(
        SourceProblems.REVISION,
        List.of(
            new Problem(
                "revision " + revision.id(),
                failure.message(),
                "what runs goes on; it is tried again with the next look at the sources")));
    refusal = failure.kind();
    return fallBack(rollout, now);
  }

  /// Tries again what could not be written.
  ///
  /// @param steady by the steady clock
  public void retry(Instant steady) {
    placing.retry(steady);
    writeAgain(steady);
  }

  /// Keeps a revision as the last known good one; the copy before it, if it could not be used, is
  /// of no concern any more.
  public void keep(Revision revision) {
    persist(
        SourceProblems.KEPT,
        () -> archive.keep(revision),
        failure -> {
          if (failure.isEmpty()) {
            complaints.settle(SourceProblems.KEPT);
          }
        });
    persist("revision " + revision.id(), () -> archive.remember(revision));
  }

  /// Revisions that the history has no more.
  public void forget(List<String> revisions) {
    revisions.forEach(id -> persist("revision " + id, () -> archive.forget(id)));
  }

  /// An operator's revision is run in the place of what the sources say.
  public void hold(Hold by, Revision revision) {
    hold = by;
    held = revision;
  }

  public void release() {
    hold = null;
    held = null;
  }

  public Optional<Hold> hold() {
    return Optional.ofNullable(hold);
  }

  /// Takes up a hold from before this process, if what it holds is still kept.
  public void recalled(Hold before) {
    known("state", archive.recall(before.revision()))
        .flatMap(kept -> kept)
        .ifPresentOrElse(
            revision -> hold(before, revision),
            () ->
                problem(
                    "revision " + before.revision(),
                    "was held by %s and is not kept any more; the sources are followed"
                        .formatted(before.by())));
  }

  /// A reading, with the revision that is held in the place of the sources' own.
  public Sources.Reading held(Sources.Reading reading) {
    if (reading.made() instanceof Sources.Ready(var given)) {
      wanted = given.id();
    }
    var wanted = held;
    if (wanted == null) {
      return reading;
    }
    var isRun = inForce().filter(r -> r.id().equals(wanted.id())).isPresent();
    if (isRun && !(reading.made() instanceof Sources.Ready)) {
      return reading;
    }
    return new Sources.Reading(
        reading.identity().or(this::identity),
        reading.parameters().equals(Parameters.NONE) ? parameters : reading.parameters(),
        new Sources.Ready(wanted));
  }

  /// Takes the last known good revision out of the archive.
  public Optional<Revision> recall() {
    var read = archive.recall();
    read.whyFailed()
        .ifPresent(f -> effects.warn("%s: %s".formatted(SourceProblems.KEPT, f.message())));
    return known(SourceProblems.KEPT, read).flatMap(good -> good);
  }

  /// Writes a document of the state in order, off the core's thread. A failure becomes a problem of
  /// the report, and it is tried again until it is written or there is a newer one: what a full
  /// disk kept from being written must not rule the next process.
  public void persist(String document, Supplier<Outcome<String>> write) {
    persist(document, write, _ -> {});
  }

  /// As the other.
  ///
  /// @param ended told why it could not be written at first; empty: it was
  public void persist(
      String document, Supplier<Outcome<String>> write, Consumer<Optional<Failure>> ended) {
    write(
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
    write(document, write, ended);
  }

  private void write(
      String document, Supplier<Outcome<String>> write, Consumer<Optional<Failure>> ended) {
    unwritten.remove(document);
    effects.add(
        new Effect.Write(
            write,
            outcome -> {
              var failure = outcome.whyFailed();
              if (failure.isPresent()) {
                problem("state", failure.get().message());
              } else if (unwritten.isEmpty()) {
                complaints.settle("state");
              }
              ended.accept(failure);
            }));
  }

  private void writeAgain(Instant steady) {
    if (unwritten.isEmpty() || steady.isBefore(writeAgainAt)) {
      return;
    }
    writeAgainAt = steady.plus(WRITE_AGAIN);
    Map.copyOf(unwritten).forEach(this::persist);
  }

  /// What could be read; a failure becomes a problem of the report.
  public <T> Optional<T> known(String about, Outcome<T> read) {
    return switch (read) {
      case Outcome.Done<T>(var value) -> Optional.of(value);
      case Outcome.Failed<T>(var failure) -> {
        problem(about, failure.message());
        yield Optional.empty();
      }
    };
  }

  public void problem(String about, String what) {
    complaints.put(about, what);
  }

  public RevisionHistory history() {
    return history;
  }

  public Approvals approvals() {
    return approvals;
  }

  /// The revision that the sources gave last, whether or not it is run; empty: none since the
  /// agent's start.
  public Optional<String> wanted() {
    return Optional.ofNullable(wanted);
  }

  public SourceProblems complaints() {
    return complaints;
  }

  public Optional<Revision> inForce() {
    return Optional.ofNullable(inForce);
  }

  /// As [RevisionDiff#ofServices], of the one in force.
  public Map<String, Map<String, String>> serviceChanges() {
    return serviceChanges;
  }

  public boolean filesReady() {
    return placing.areThere();
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

  /// A reading begins.
  public void begins() {
    begun++;
  }

  /// How many readings came in, each in its turn.
  public long readings() {
    return readings;
  }

  public Optional<Instant> staleSince() {
    return staleness.since();
  }

  private boolean isStale() {
    return staleness.since().isPresent();
  }

  /// The sources were read and name no role that there is.
  public boolean isRoleless() {
    return roleless;
  }

  /// What is known of the node from before this process.
  public void recalled(CachedNodeFacts facts) {
    kept = facts;
    identity = facts.identityAsKept();
    parameters = facts.parameters();
    roleless = facts.roleless();
    staleness.readBefore(facts.readAt());
  }

  public void clockSet(Duration by) {
    staleness.clockSet(by);
    approvals.clockSet(by);
    startedAt = startedAt.equals(Instant.MAX) ? startedAt : startedAt.plus(by);
  }

  /// The facts, if they are to be kept: fresh ones that are not kept yet.
  public Optional<CachedNodeFacts> factsToKeep() {
    var at = staleness.lastRead();
    if (isStale() || identity == null || at.isEmpty() || (refusal != null && !roleless)) {
      return Optional.empty();
    }
    var facts = CachedNodeFacts.of(identity, parameters, roleless, at.get());
    if (kept != null && facts.isKeptBy(kept)) {
      return Optional.empty();
    }
    kept = facts;
    return Optional.of(facts);
  }

  /// As [SourceProblems#news].
  public Optional<List<Problem>> news() {
    return complaints.news(isStale());
  }

  /// Of what kind the reason is that what the sources give is not run; empty: it is, or they could
  /// not be read.
  public Optional<Failure.Kind> refusal() {
    return Optional.ofNullable(refusal);
  }

  /// What is wrong with the sources as they are now; empty: they gave a revision.
  public List<Problem> revisionProblems() {
    return complaints.of(SourceProblems.REVISION);
  }

  public List<Problem> problems() {
    return complaints.all();
  }
}
