package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the desired state comes from and is kept: takes in what the sources say, keeps the last
/// known good revision, and collects what is wrong with any of it.
final class Inputs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");

  /// After this long without a first reading the last known good revision is run meanwhile.
  private static final Duration PATIENCE = Duration.ofMillis(1500);

  private final LoopParts parts;
  private final SourceReader reader;
  private final StateWriter writer;

  private final Complaints complaints = new Complaints();
  private final Placing placing;
  private final Staleness staleness = new Staleness();

  private volatile Parameters parameters = Parameters.NONE;
  private volatile @Nullable Revision inForce;
  private @Nullable NodeIdentity identity;
  private long readings;
  private Failure.@Nullable Kind refusal;
  private boolean roleless;
  private @Nullable KnownFacts kept;
  private Instant startedAt = Instant.MAX;

  Inputs(LoopParts parts, Consumer<Message> mailbox) {
    this.parts = parts;
    this.writer = new StateWriter(mailbox);
    this.placing = new Placing(parts, writer, complaints);
    this.reader =
        new SourceReader(parts.sources(), parts.settings().pollEvery(), this::parameters, mailbox);
  }

  void start(Instant now) {
    startedAt = now;
    reader.start();
  }

  /// Asks for the sources to be read now.
  void refresh() {
    reader.refresh();
  }

  /// Takes in a reading.
  ///
  /// @return the revision to be run from now on, if that changes
  Optional<Revision> read(Sources.Reading reading, Rollout rollout, Instant now) {
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
        inForce().filter(r -> r.id().equals(revision.id())).ifPresent(placing::stillInForce);
        yield rollout.offer(revision, now) ? Optional.of(revision) : fallBack(rollout, now);
      }
      case Sources.Refused(var wrong, var noRole) -> {
        var before = parameters;
        fresh(reading, now);
        if (reading.parameters().equals(Parameters.NONE)) {
          // One that cannot be used keeps all from being read: those before it are still in force.
          parameters = new Parameters(before.variables(), before.files(), before.settings(), wrong);
        }
        complaints.put(Complaints.REVISION, wrong);
        refusal = Failure.Kind.INVALID;
        roleless = noRole;
        yield fallBack(rollout, now);
      }
      case Sources.Unreadable(var problem) -> {
        staleness.unreadable(now);
        complaints.put(Complaints.SOURCES, List.of(problem));
        yield fallBack(rollout, now);
      }
    };
  }

  private void fresh(Sources.Reading reading, Instant now) {
    parameters = reading.parameters();
    staleness.read(now);
    refusal = null;
    roleless = false;
    complaints.settle(Complaints.SOURCES);
    complaints.put(Complaints.REVISION, reading.parameters().problems());
  }

  private void rejected(Rollout rollout, Revision revision) {
    var why = rollout.rejected().get(revision.id());
    if (why != null) {
      complaints.put(
          Complaints.REVISION,
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
  Optional<Revision> unread(Rollout rollout, Instant now) {
    if (readings > 0 || inForce != null || now.isBefore(patientUntil())) {
      return Optional.empty();
    }
    var found = fallBack(rollout, now);
    if (found.isPresent()) {
      staleness.unreadable(now);
      complaints.put(Complaints.SOURCES, "have not answered yet; reading them goes on");
    }
    return found;
  }

  /// Until when a first reading is waited for, while there is none.
  Instant patientUntil() {
    return readings > 0 || inForce != null || startedAt.equals(Instant.MAX)
        ? Instant.MAX
        : startedAt.plus(PATIENCE);
  }

  /// Makes a revision the one in force, and puts its files onto the node.
  void inForce(Revision revision) {
    inForce = revision;
    placing.inForce(revision);
  }

  /// A revision of the sources that is to be run next, and whose files are to be put before that.
  Optional<Revision> next(Sources.Reading reading, Rollout rollout) {
    return reading.made() instanceof Sources.Ready(var revision)
            && !rollout.rejected().containsKey(revision.id())
            && placing.comesFirst(revision, rollout.good())
        ? Optional.of(revision)
        : Optional.empty();
  }

  void putAhead(Revision revision, Consumer<Outcome<String>> ended) {
    placing.ahead(revision, ended);
  }

  /// Takes in a reading whose revision cannot be run, as its files cannot be put: the next reading
  /// may find room.
  ///
  /// @return the revision to be run meanwhile, if that changes
  Optional<Revision> unplaced(
      Sources.Reading reading, Revision revision, Rollout rollout, Failure failure, Instant now) {
    readings++;
    reading.identity().ifPresent(i -> identity = i);
    fresh(reading, now);
    complaints.put(
        Complaints.REVISION,
        List.of(
            new Problem(
                "revision " + revision.id(),
                failure.message(),
                "what runs goes on; it is tried again with the next look at the sources")));
    refusal = failure.kind();
    return fallBack(rollout, now);
  }

  /// Tries again what could not be written.
  void retry() {
    placing.retry();
  }

  /// Keeps a revision as the last known good one; the copy before it, if it could not be used, is
  /// of no concern any more.
  void keep(Revision revision) {
    persist(() -> parts.archive().keep(revision), () -> complaints.settle(Complaints.KEPT));
  }

  /// Takes the last known good revision out of the archive.
  Optional<Revision> recall() {
    var read = parts.archive().recall();
    read.whyFailed().ifPresent(f -> LOG.warn("{}: {}", Complaints.KEPT, f.message()));
    return known(Complaints.KEPT, read).flatMap(good -> good);
  }

  /// Writes state in order, off the loop's thread; a failure becomes a problem of the report.
  void persist(Supplier<Outcome<String>> write) {
    persist(write, () -> {});
  }

  private void persist(Supplier<Outcome<String>> write, Runnable done) {
    writer.write(
        write,
        outcome ->
            outcome
                .whyFailed()
                .ifPresentOrElse(
                    f -> problem("state", f.message()),
                    () -> {
                      complaints.settle("state");
                      done.run();
                    }));
  }

  /// What could be read; a failure becomes a problem of the report.
  <T> Optional<T> known(String about, Outcome<T> read) {
    return switch (read) {
      case Outcome.Done<T>(var value) -> Optional.of(value);
      case Outcome.Failed<T>(var failure) -> {
        problem(about, failure.message());
        yield Optional.empty();
      }
    };
  }

  void problem(String about, String what) {
    complaints.put(about, what);
  }

  Complaints complaints() {
    return complaints;
  }

  Optional<Revision> inForce() {
    return Optional.ofNullable(inForce);
  }

  boolean filesReady() {
    return placing.areThere();
  }

  Parameters parameters() {
    return parameters;
  }

  Optional<NodeIdentity> identity() {
    return Optional.ofNullable(identity);
  }

  /// How many readings began: one that begins later sees what is in the sources now.
  long begun() {
    return reader.begun();
  }

  /// How many readings came in, each in its turn.
  long readings() {
    return readings;
  }

  Optional<Instant> staleSince() {
    return staleness.since();
  }

  private boolean isStale() {
    return staleness.since().isPresent();
  }

  /// The sources were read and name no role that there is.
  boolean isRoleless() {
    return roleless;
  }

  /// What is known of the node from before this process.
  void recalled(KnownFacts facts) {
    kept = facts;
    identity = facts.identityAsKept();
    parameters = facts.parameters();
    roleless = facts.roleless();
    staleness.readBefore(facts.readAt());
  }

  void clockSet(Duration by) {
    staleness.clockSet(by);
    startedAt = startedAt.equals(Instant.MAX) ? startedAt : startedAt.plus(by);
  }

  /// The facts, if they are to be kept: fresh ones that are not kept yet.
  Optional<KnownFacts> factsToKeep() {
    var at = staleness.lastRead();
    if (isStale() || identity == null || at.isEmpty() || (refusal != null && !roleless)) {
      return Optional.empty();
    }
    var facts = KnownFacts.of(identity, parameters, roleless, at.get());
    if (kept != null && facts.isKeptBy(kept)) {
      return Optional.empty();
    }
    kept = facts;
    return Optional.of(facts);
  }

  /// As [Complaints#news].
  Optional<List<Problem>> news() {
    return complaints.news(isStale());
  }

  /// Of what kind the reason is that what the sources give is not run; empty: it is, or they could
  /// not be read.
  Optional<Failure.Kind> refusal() {
    return Optional.ofNullable(refusal);
  }

  /// What is wrong with the sources as they are now; empty: they gave a revision.
  List<Problem> revisionProblems() {
    return complaints.of(Complaints.REVISION);
  }

  List<Problem> problems() {
    return complaints.all();
  }

  @Override
  public void close() {
    reader.close();
    writer.close();
  }
}
