package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Hold;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RevisionEntry.End;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.NodeFiles;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effects;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where the desired state comes from and is kept: takes in what the sources say, keeps the last
/// known good revision, and collects what is wrong with any of it.
public final class DesiredState {
  /// After this long without a first reading what was begun or was good last is run meanwhile.
  private static final Duration PATIENCE = Duration.ofMillis(1500);

  /// The same where an agent before this one was in the midst of a release that it could not keep:
  /// going back would replace what it brought, and going on again all of it once more. What it left
  /// serves meanwhile.
  private static final Duration PATIENCE_MIDWAY = Duration.ofSeconds(20);

  private final RevisionArchive archive;
  private final Effects effects;

  private final SourceProblems complaints = new SourceProblems();
  private final StateDocuments documents;
  private final FilePlacement placing;
  private final KnownSources sources = new KnownSources(complaints);
  private final RevisionHistory history = new RevisionHistory();
  private final Approvals approvals;

  private volatile @Nullable Revision inForce;
  private Map<String, Map<String, String>> serviceChanges = Map.of();
  private @Nullable String wanted;
  private @Nullable Hold hold;
  private @Nullable Revision held;

  /// What the agent before this one had begun, where that is not known to be good.
  private Optional<Revision> begun = Optional.empty();

  private Instant startedAt = Instant.MAX;

  /// @param approval what lets a changed revision of the sources begin
  public DesiredState(
      Approval approval, RevisionArchive archive, NodeFiles files, Effects effects) {
    this.approvals = new Approvals(approval);
    this.archive = archive;
    this.effects = effects;
    this.documents = new StateDocuments(effects, complaints);
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
    sources.read(reading, now);
    if (!(reading.made() instanceof Sources.Ready(var revision))) {
      return standIn(rollout, now);
    }
    rejected(rollout, revision);
    inForce()
        .filter(r -> r.id().equals(revision.id()))
        .ifPresent(r -> {
          inForce = r.withRemarks(revision.resolvedEnv(), revision.warnings());
          placing.stillInForce(r);
        });
    return rollout.offer(revision, now) ? Optional.of(revision) : fallBack(rollout, now);
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

  private void rejected(Rollout rollout, Revision revision) {
    var why = rollout.rejected().get(revision.id());
    if (why != null) {
      sources.notRun(
          Failure.Kind.UNHEALTHY,
          List.of(
              new Problem(
                  "revision " + revision.id(),
                  "was rolled back: " + why,
                  "it is not tried again until it changes, or by armory-agent sync --retry")));
    }
  }

  /// What the agent before this one had begun stands in for sources that cannot be read, or not be
  /// used, as to go back would replace what it brought; else the last known good revision.
  private Optional<Revision> standIn(Rollout rollout, Instant now) {
    return hasNone()
        ? begun.filter(b -> rollout.adopt(b, now)).or(() -> fallBack(rollout, now))
        : Optional.empty();
  }

  /// The last known good revision is run where what the sources give cannot, or not yet.
  private Optional<Revision> fallBack(Rollout rollout, Instant now) {
    return hasNone() ? rollout.good().filter(g -> rollout.adopt(g, now)) : Optional.empty();
  }

  /// Nothing is in force, and the sources do not say that nothing is to run here.
  private boolean hasNone() {
    return inForce == null && !sources.isRoleless();
  }

  /// A revision is run from now on.
  public void begins(Revision revision) {
    documents.persist("begun revision", () -> archive.begin(revision));
  }

  /// The sources have not been read yet, and that takes long: the reading goes on beside what is
  /// run meanwhile.
  ///
  /// @return what was begun or was good last, if it is to be run from now on
  public Optional<Revision> unread(Rollout rollout, Instant now) {
    if (sources.readings() > 0 || inForce != null || now.isBefore(patientUntil())) {
      return Optional.empty();
    }
    var found = standIn(rollout, now);
    if (found.isPresent()) {
      var why = "have not answered yet; reading them goes on";
      sources.unread(new Problem(SourceProblems.SOURCES, why, ""), now);
    }
    return found;
  }

  /// Until when a first reading is waited for, while there is none.
  public Instant patientUntil() {
    return sources.readings() > 0 || inForce != null || startedAt.equals(Instant.MAX)
        ? Instant.MAX
        : startedAt.plus(history.isUnderWay() && begun.isEmpty() ? PATIENCE_MIDWAY : PATIENCE);
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
    return offered(reading, rollout).filter(r -> placing.comesFirst(r, rollout.good()));
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
    sources.read(reading, now);
    sources.notRun(
        failure.kind(),
        List.of(
            new Problem(
                "revision " + revision.id(),
                failure.message(),
                "what runs goes on; it is tried again with the next look at the sources")));
    return fallBack(rollout, now);
  }

  /// Tries again what could not be written.
  ///
  /// @param steady by the steady clock
  public void retry(Instant steady) {
    placing.retry(steady);
    documents.retry(steady);
  }

  /// Keeps a revision as the last known good one; the copy before it, if it could not be used, is
  /// of no concern any more.
  public void keep(Revision revision) {
    documents.persist(
        SourceProblems.KEPT,
        () -> archive.keep(revision),
        failure -> {
          if (failure.isEmpty()) {
            complaints.settle(SourceProblems.KEPT);
          }
        });
    documents.persist("revision " + revision.id(), () -> archive.remember(revision));
  }

  /// Revisions that the history has no more.
  public void forget(List<String> revisions) {
    revisions.forEach(id -> documents.persist("revision " + id, () -> archive.forget(id)));
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
    documents
        .known(archive.recall(before.revision()))
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
        reading.identity().or(sources::identity),
        reading.parameters().equals(Parameters.NONE) ? sources.parameters() : reading.parameters(),
        new Sources.Ready(wanted));
  }

  /// Takes the last known good revision out of the archive, and one that was begun after it.
  public Optional<Revision> recall() {
    var good = recalled(archive.recall());
    begun =
        history
            .last()
            .filter(e -> e.end() == End.UNDER_WAY || e.end() == End.GOOD)
            .filter(e -> good.filter(g -> g.id().equals(e.id())).isEmpty())
            .flatMap(e -> recalled(archive.begun()).filter(b -> b.id().equals(e.id())));
    return good;
  }

  private Optional<Revision> recalled(Outcome<Optional<Revision>> read) {
    read.whyFailed()
        .ifPresent(f -> effects.warn("%s: %s".formatted(SourceProblems.KEPT, f.message())));
    return documents.known(SourceProblems.KEPT, read).flatMap(kept -> kept);
  }

  public void problem(String about, String what) {
    complaints.put(about, what);
  }

  public KnownSources sources() {
    return sources;
  }

  public StateDocuments documents() {
    return documents;
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

  public void clockSet(Duration by) {
    sources.clockSet(by);
    approvals.clockSet(by);
    startedAt = startedAt.equals(Instant.MAX) ? startedAt : startedAt.plus(by);
  }

  public List<Problem> problems() {
    return complaints.all();
  }
}
