package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the desired state comes from and is kept: reads the sources at their pace on a thread of
/// its own, puts a revision's files onto the node, keeps the last known good one, and collects what
/// is wrong with any of it.
final class Inputs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final LoopParts parts;
  private final Consumer<Message> mailbox;
  private final Semaphore refresh = new Semaphore(0);
  private final Thread reader = Thread.ofVirtual().name("sources").unstarted(this::readForever);
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("state-writer").factory());

  /// Problems by what they are about; the last word on each.
  private final Map<String, List<Problem>> problems = new LinkedHashMap<>();

  private volatile Parameters parameters = Parameters.NONE;
  private volatile @Nullable Revision inForce;
  private @Nullable NodeIdentity identity;
  private @Nullable String filesOf;
  private @Nullable Instant staleSince;
  private @Nullable Instant lastRead;
  private Instant filesRetryAt = Instant.MAX;
  private long readings;
  private boolean refused;
  private boolean rolledBack;
  private final AtomicLong begun = new AtomicLong();
  private boolean roleless;
  private @Nullable KnownFacts kept;
  private List<Problem> said = List.of();
  private boolean saidStale;

  Inputs(LoopParts parts, Consumer<Message> mailbox) {
    this.parts = parts;
    this.mailbox = mailbox;
  }

  void start() {
    reader.start();
  }

  /// Asks for the sources to be read now.
  void refresh() {
    refresh.release();
  }

  private void readForever() {
    var failures = 0;
    try {
      while (true) {
        refresh.drainPermits();
        begun.incrementAndGet();
        var reading = readOnce();
        mailbox.accept(new Message.SourcesRead(reading));
        failures = isInVain(reading.made()) ? failures + 1 : 0;
        var pause = failures > 0 ? retryPause(failures) : parts.settings().pollEvery();
        var jittered = (long) (pause.toMillis() * ThreadLocalRandom.current().nextDouble(0.9, 1.1));
        var _ = refresh.tryAcquire(jittered, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// A bug in a source is said and tried again; it must not end the reading for good.
  private Sources.Reading readOnce() {
    try {
      return parts.sources().read();
    } catch (RuntimeException e) {
      LOG.error("reading the sources met a bug", e);
      return new Sources.Reading(
          Optional.empty(),
          parameters,
          new Sources.Unreadable(new Problem("agent", "bug while reading the sources: " + e, "")));
    }
  }

  /// A node that nobody has given a role yet is about to get one.
  private static boolean isInVain(Sources.Made made) {
    return switch (made) {
      case Sources.Unreadable _ -> true;
      case Sources.Refused(_, var roleless) -> roleless;
      case Sources.Ready _ -> false;
    };
  }

  /// What cannot be read is tried again soon, then at the usual pace.
  private Duration retryPause(int failures) {
    var pause = RETRY.multipliedBy(1L << Math.min(failures - 1, 10));
    var usual = parts.settings().pollEvery();
    return pause.compareTo(usual) < 0 ? pause : usual;
  }

  /// Takes in a reading.
  ///
  /// @return the revision to be run from now on, if that changes
  Optional<Revision> read(Sources.Reading reading, Rollout rollout, Instant now) {
    readings++;
    if (!(reading.made() instanceof Sources.Unreadable) || identity == null) {
      reading.identity().ifPresent(i -> identity = i);
    }
    return switch (reading.made()) {
      case Sources.Ready(var revision) -> {
        fresh(reading, now);
        rejected(rollout, revision);
        yield rollout.offer(revision, now) ? Optional.of(revision) : fallBack(rollout, now);
      }
      case Sources.Refused(var wrong, var noRole) -> {
        var before = parameters;
        fresh(reading, now);
        if (reading.parameters().equals(Parameters.NONE)) {
          // One that cannot be used keeps all from being read: those before it are still in force.
          parameters = new Parameters(before.variables(), before.files(), before.settings(), wrong);
        }
        problems.put("revision", wrong);
        refused = true;
        roleless = noRole;
        yield fallBack(rollout, now);
      }
      case Sources.Unreadable(var problem) -> {
        if (staleSince == null) {
          staleSince = lastRead == null ? now : lastRead;
        }
        problems.put("sources", List.of(problem));
        yield fallBack(rollout, now);
      }
    };
  }

  private void fresh(Sources.Reading reading, Instant now) {
    parameters = reading.parameters();
    staleSince = null;
    refused = false;
    rolledBack = false;
    roleless = false;
    lastRead = now;
    problems.remove("sources");
    problems.put("revision", reading.parameters().problems());
  }

  private void rejected(Rollout rollout, Revision revision) {
    var why = rollout.rejected().get(revision.id());
    if (why != null) {
      problems.put(
          "revision",
          List.of(
              new Problem(
                  "revision " + revision.id(),
                  "was rolled back: " + why,
                  "it is not tried again until it changes")));
      refused = true;
      rolledBack = true;
    }
  }

  private Optional<Revision> fallBack(Rollout rollout, Instant now) {
    return inForce != null ? Optional.empty() : rollout.good().filter(g -> rollout.offer(g, now));
  }

  /// Makes a revision the one in force, and puts its files onto the node.
  void inForce(Revision revision) {
    inForce = revision;
    filesOf = null;
    putFiles(revision);
  }

  private void putFiles(Revision revision) {
    writer.execute(() -> {
      var outcome = guarded(() -> parts.files().put(revision.files()));
      mailbox.accept(new Message.Asked("files are there", () -> filesPut(revision, outcome)));
    });
  }

  private void filesPut(Revision revision, Outcome<String> outcome) {
    switch (outcome) {
      case Outcome.Done<String> _ -> {
        problems.remove("files");
        filesOf = revision.id();
      }
      case Outcome.Failed<String>(var failure) -> {
        problem("files", failure.message());
        filesRetryAt = parts.clock().instant().plus(RETRY);
      }
    }
  }

  /// Tries again what could not be written.
  void retry(Instant now) {
    var revision = inForce;
    if (revision != null && !now.isBefore(filesRetryAt)) {
      filesRetryAt = Instant.MAX;
      putFiles(revision);
    }
  }

  void keep(Revision revision) {
    persist(() -> parts.archive().keep(revision));
  }

  /// Writes state in order, off the loop's thread; a failure becomes a problem of the report.
  void persist(Supplier<Outcome<String>> write) {
    writer.execute(() -> {
      var outcome = guarded(write);
      mailbox.accept(
          new Message.Asked(
              "state is written",
              () ->
                  outcome
                      .whyFailed()
                      .ifPresentOrElse(
                          f -> problem("state", f.message()), () -> problems.remove("state"))));
    });
  }

  private static Outcome<String> guarded(Supplier<Outcome<String>> write) {
    try {
      return write.get();
    } catch (RuntimeException e) {
      LOG.error("writing met a bug", e);
      return Outcome.failed(new Failure(Failure.Kind.TRANSIENT, "bug while writing: " + e));
    }
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
    problems.put(about, List.of(new Problem(about, what, "")));
  }

  Optional<Revision> inForce() {
    return Optional.ofNullable(inForce);
  }

  boolean filesReady() {
    var revision = inForce;
    return revision != null && revision.id().equals(filesOf);
  }

  Parameters parameters() {
    return parameters;
  }

  Optional<NodeIdentity> identity() {
    return Optional.ofNullable(identity);
  }

  /// How many readings began: one that begins later sees what is in the sources now.
  long begun() {
    return begun.get();
  }

  /// How many readings came in, each in its turn.
  long readings() {
    return readings;
  }

  Optional<Instant> staleSince() {
    return Optional.ofNullable(staleSince);
  }

  /// The sources were read and name no role that there is.
  boolean isRoleless() {
    return roleless;
  }

  /// What is known of the node from before this process.
  void recalled(KnownFacts facts) {
    kept = facts;
    identity = facts.identity();
    parameters = facts.parameters();
    lastRead = facts.readAt();
  }

  /// The facts, if they are to be kept: fresh ones that are not kept yet.
  Optional<KnownFacts> factsToKeep() {
    var at = lastRead;
    if (staleSince != null || identity == null || at == null || refused) {
      return Optional.empty();
    }
    var facts = KnownFacts.of(identity, parameters, at);
    if (kept != null && facts.isKeptBy(kept)) {
      return Optional.empty();
    }
    kept = facts;
    return Optional.of(facts);
  }

  /// What is wrong with the sources, when that is news; empty inside: nothing any more. A source
  /// that cannot be read has new words each time: that it cannot is news once.
  Optional<List<Problem>> news() {
    var stale = staleSince != null;
    var wrong = stale ? problems.getOrDefault("sources", List.of()) : revisionProblems();
    if (stale ? saidStale : !saidStale && wrong.equals(said)) {
      return Optional.empty();
    }
    saidStale = stale;
    said = wrong;
    return Optional.of(wrong);
  }

  /// The sources were read and gave no revision that may be run.
  boolean isRefused() {
    return refused;
  }

  /// What the sources gave was tried before and rolled back.
  boolean isRolledBack() {
    return rolledBack;
  }

  /// What is wrong with the sources as they are now; empty: they gave a revision.
  List<Problem> revisionProblems() {
    return problems.getOrDefault("revision", List.of());
  }

  List<Problem> problems() {
    var all = new ArrayList<Problem>();
    problems.values().forEach(all::addAll);
    return all;
  }

  @Override
  public void close() {
    reader.interrupt();
    writer.shutdown();
    try {
      var _ = writer.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
