package io.armory.agent.backup;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.ServiceReport.State;
import io.armory.agent.port.Control;
import io.armory.agent.port.Control.RestoreRequest;
import io.armory.agent.port.DataContainers;
import io.armory.agent.port.EventLog;
import io.armory.agent.port.Front50;
import io.armory.agent.port.RedisKeys;
import io.armory.agent.port.StateStore;
import io.armory.agent.port.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts an archive back, one at a time. All of it is read, and made into the stores' own files,
/// before anything is stopped; then it is renames. What was there is kept aside, in the same
/// volume. What is under way is kept on the disk before it begins: whoever starts next puts the
/// former state back, or starts the new one where that is in its place already.
public final class Restore implements Control.Restoring, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.restore");
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final Duration AGAIN = Duration.ofSeconds(10);
  private static final String BY = "restore";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /// What it works with.
  ///
  /// @param incoming where archives are put that it may be told to restore
  /// @param stores those of this node as they are now; empty: that is not known yet
  /// @param problems told what keeps an interrupted one from being undone
  public record Parts(
      Path incoming,
      Supplier<Optional<NodeStores>> stores,
      DataContainers data,
      Front50 front50,
      RedisKeys keys,
      StateStore state,
      EventLog events,
      InstantSource clock,
      Threads threads,
      Consumer<List<Problem>> problems) {}

  private final Parts parts;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile @Nullable Thread mending;

  public Restore(Parts parts) {
    this.parts = parts;
  }

  // ---------------------------------------------------------------- what an earlier process left

  /// Ends what was interrupted.
  ///
  /// @param desk by which services are stopped and started
  public void start(Control desk) {
    switch (RestoreRecord.kept(parts.state())) {
      case Outcome.Done<Optional<RestoreRecord>>(var kept) ->
          kept.ifPresent(left -> {
            busy.set(true);
            mending = parts.threads().start("restore-undo", () -> mend(desk, left));
          });
      case Outcome.Failed<Optional<RestoreRecord>>(var failure) -> {
        LOG.error("{}", failure.message());
        parts.problems().accept(List.of(unmended(failure.message())));
      }
    }
  }

  private void mend(Control desk, RestoreRecord left) {
    try {
      for (var why = "the agent has not seen enough yet"; !why.isEmpty(); ) {
        parts.problems().accept(List.of(unmended(why)));
        parts.threads().sleep(AGAIN.dividedBy(10));
        why = mended(desk, left);
        if (!why.isEmpty()) {
          parts.threads().sleep(AGAIN);
        }
      }
      parts.problems().accept(List.of());
      event(
          left.swapped() ? "interrupted restore completed" : "interrupted restore undone",
          "of " + left.from());
      busy.set(false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return why not; empty: it is done
  private String mended(Control desk, RestoreRecord left) throws InterruptedException {
    var node = parts.stores().get();
    if (node.isEmpty() || desk.report().undecided()) {
      return "the agent has not seen enough yet";
    }
    Consumer<String> log = line -> LOG.info("{}", line);
    var ended =
        left.swapped() ? completed(desk, node.get(), left, log) : undo(desk, node.get(), left, log);
    return ended.whyFailed().map(Failure::message).orElse("");
  }

  private static Problem unmended(String why) {
    return new Problem(
        "restore",
        "one was interrupted, and is not undone yet: " + why,
        "it is tried again; nothing of it is lost");
  }

  // ---------------------------------------------------------------- a new one

  @Override
  public CompletableFuture<Outcome<String>> begin(
      Control desk, RestoreRequest request, Consumer<String> progress) {
    if (!busy.compareAndSet(false, true)) {
      return CompletableFuture.completedFuture(
          Outcome.failed(
              new Failure(Kind.CONFLICT, "another restore is under way; see armory-agent status")));
    }
    var answer = new CompletableFuture<Outcome<String>>();
    parts
        .threads()
        .start(
            "restore",
            () -> {
              try {
                answer.complete(restored(desk, request, progress));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                answer.complete(
                    Outcome.failed(
                        new Failure(
                            Kind.TRANSIENT,
                            "the agent ends; its next start puts everything back")));
              } catch (RuntimeException | Error e) {
                LOG.error("a restore met a bug", e);
                answer.completeExceptionally(e);
              } finally {
                // One that could not be undone yet goes on.
                busy.set(mending != null && mending.isAlive());
              }
            });
    return answer;
  }

  private Outcome<String> restored(Control desk, RestoreRequest request, Consumer<String> progress)
      throws InterruptedException {
    var archive = parts.incoming().resolve(request.archive()).normalize();
    if (!parts.incoming().equals(archive.getParent())) {
      return failed(Kind.INVALID, request.archive() + " is not a name of an archive");
    }
    if (desk.report().lifecycle().drain().isPresent()) {
      return failed(Kind.CONFLICT, "the node is drained; armory-agent start first");
    }
    var node = parts.stores().get();
    if (node.isEmpty()) {
      return failed(Kind.NOT_FOUND, "no revision yet: " + desk.report().ready().reason());
    }
    progress.accept("checking the backup");
    var backup = Archive.verified(archive, request.from());
    if (!(backup instanceof Outcome.Done<BackupManifest>(var manifest))) {
      return backup.map(_ -> "");
    }
    var plan = RestorePlan.of(manifest, node.get(), request.otherStack());
    if (!(plan instanceof Outcome.Done<RestorePlan>(var what))) {
      return plan.map(_ -> "");
    }
    progress.accept(
        "of stack %s, %s, by agent %s on %s"
            .formatted(
                manifest.stack(), manifest.at(), manifest.agentVersion(), manifest.instance()));
    return carriedOut(desk, node.get(), new Job(request, archive, what), progress);
  }

  private record Job(RestoreRequest request, Path archive, RestorePlan plan) {}

  private Outcome<String> carriedOut(
      Control desk, NodeStores node, Job job, Consumer<String> progress)
      throws InterruptedException {
    var over =
        new CarryOver(parts.front50(), parts.keys(), job.archive(), job.request().overwrite());
    // All that may be refused is, before anything is changed.
    if (job.plan().objects()) {
      var fits = over.objectsFit(node);
      if (fits.whyFailed().isPresent()) {
        return fits;
      }
    }
    if (job.plan().orca()) {
      var fits = node.remote().map(over::keysFit).orElseGet(() -> Outcome.done(""));
      if (fits.whyFailed().isPresent()) {
        return fits;
      }
    }
    var told = new ArrayList<String>();
    if (!job.plan().stores().isEmpty()) {
      var put = new Swap(desk, node, job, progress).run();
      if (!(put instanceof Outcome.Done<String>(var words))) {
        return put;
      }
      told.add(words);
    }
    if (job.plan().orca()) {
      var keys = over.keys(node.remote().orElseThrow(), progress);
      if (keys.whyFailed().isPresent()) {
        return keys;
      }
      keys.map(told::add);
    }
    if (job.plan().objects()) {
      var objects = over.objects(parts.stores().get().orElse(node), progress);
      if (objects.whyFailed().isPresent()) {
        return objects;
      }
      objects.map(told::add);
    }
    event("restored", "from " + job.request().from() + ", asked for by " + job.request().by());
    return Outcome.done("restored: " + String.join("; ", told));
  }

  // ---------------------------------------------------------------- the node's own stores

  /// One archive's way into the volumes.
  private final class Swap {
    private final Control desk;
    private final NodeStores node;
    private final Job job;
    private final Consumer<String> progress;
    private final String aside;

    Swap(Control desk, NodeStores node, Job job, Consumer<String> progress) {
      this.desk = desk;
      this.node = node;
      this.job = job;
      this.progress = progress;
      this.aside = "before-restore-" + STAMP.format(parts.clock().instant());
    }

    Outcome<String> run() throws InterruptedException {
      var services = job.plan().stores().stream().map(LocalStore::service).toList();
      var begun = new RestoreRecord(aside, job.request().from(), services, List.of(), false);
      var kept = begun.keep(parts.state());
      if (kept.whyFailed().isPresent()) {
        return kept.map(_ -> "");
      }
      var prepared = eachStore(this::prepared);
      if (prepared.whyFailed().isPresent()) {
        return undone(begun, "nothing was stopped or changed: ", prepared);
      }
      var stopping = begun.stopping(running(desk));
      var put =
          stopping
              .keep(parts.state())
              .flatMap(_ -> order(desk.stop(stopping.stopped(), BY, progress)))
              .flatMap(_ -> eachStore(store -> run(store, store.swap(aside))))
              .flatMap(_ -> stopping.afterSwap().keep(parts.state()))
              .flatMap(_ -> order(desk.start(stopping.stopped(), BY, progress)));
      if (put.whyFailed().isPresent()) {
        return undone(stopping, "the former state was put back: ", put);
      }
      return completed(desk, node, stopping.afterSwap(), progress)
          .map(former -> String.join(", ", services) + keptWords(former));
    }

    private Outcome<String> prepared(LocalStore store) {
      var container = node.container(store).orElseThrow();
      progress.accept(store.service() + ": loading it beside the old one");
      var name = assistant(node, store);
      return parts
          .data()
          .assistant(container.id(), name)
          .flatMap(_ -> parts.data().run(name, store.begin()))
          .flatMap(directory -> handedOver(store, name, directory))
          .flatMap(_ -> parts.data().run(name, store.load()))
          .map(words -> {
            progress.accept(store.service() + ": " + words);
            return words;
          });
    }

    private Outcome<String> handedOver(LocalStore store, String name, String directory) {
      var file = job.archive().resolveSibling(store.part());
      try {
        return Archive.extract(job.archive(), store.part(), file)
            .flatMap(f -> parts.data().put(name, directory, store.part(), f));
      } finally {
        remove(file);
      }
    }

    private Outcome<String> run(LocalStore store, String script) {
      return parts.data().run(assistant(node, store), script);
    }

    private Outcome<String> eachStore(Function<LocalStore, Outcome<String>> f) {
      var told = new ArrayList<String>();
      for (var store : job.plan().stores()) {
        switch (f.apply(store)) {
          case Outcome.Done<String>(var words) -> told.add(words);
          case Outcome.Failed<String>(var failure) -> {
            return Outcome.failed(failure.saying(store.service() + ": "));
          }
        }
      }
      return Outcome.done(String.join("\n", told).strip());
    }

    private Outcome<String> undone(RestoreRecord left, String words, Outcome<String> why)
        throws InterruptedException {
      var failure = why.whyFailed().orElseThrow();
      progress.accept("failed: " + failure.message());
      left.keep(parts.state()).whyFailed().ifPresent(f -> LOG.warn("{}", f.message()));
      var back = undo(desk, node, left, progress);
      event("restore failed", failure.message());
      if (back.whyFailed().isPresent()) {
        mending = parts.threads().start("restore-undo", () -> mend(desk, left));
        return failed(
            failure.kind(),
            "not restored: %s; and the former state is not back yet, which is tried again: %s"
                .formatted(failure.message(), back.whyFailed().get().message()));
      }
      return Outcome.failed(failure.saying("not restored; " + words));
    }
  }

  private static String keptWords(String former) {
    return former.isEmpty()
        ? ""
        : "; what was there is kept in the volumes, in "
            + former.lines().reduce((a, b) -> a + " and " + b).orElse("");
  }

  /// Puts back whatever was put aside, and starts what was stopped. May be done again from any
  /// point.
  private Outcome<String> undo(
      Control desk, NodeStores node, RestoreRecord left, Consumer<String> progress) {
    if (!left.stopped().isEmpty()) {
      var stopped = order(desk.stop(left.stopped(), BY, progress));
      if (stopped.whyFailed().isPresent()) {
        return stopped;
      }
    }
    return assisted(node, left, store -> store.back(left.aside()))
        .flatMap(_ -> started(desk, left, progress));
  }

  /// Starts what is in its place, and keeps what was.
  ///
  /// @return where that is, in each of the volumes
  private Outcome<String> completed(
      Control desk, NodeStores node, RestoreRecord left, Consumer<String> progress) {
    return assisted(node, left, store -> store.done(left.aside()))
        .flatMap(where -> started(desk, left, progress).map(_ -> where));
  }

  private Outcome<String> assisted(
      NodeStores node, RestoreRecord left, Function<LocalStore, String> script) {
    var told = new ArrayList<String>();
    for (var store : left.localStores()) {
      var container = node.container(store);
      if (container.isEmpty()) {
        return failed(Kind.NOT_FOUND, store.service() + " has no container yet");
      }
      var name = assistant(node, store);
      var ran =
          parts
              .data()
              .assistant(container.get().id(), name)
              .flatMap(_ -> parts.data().run(name, script.apply(store)))
              .map(told::add);
      parts.data().dismiss(name);
      if (ran.whyFailed().isPresent()) {
        return ran.map(_ -> "");
      }
    }
    return Outcome.done(String.join("\n", told).strip());
  }

  /// The data is as it is to be: the next process has nothing to do, whatever becomes of the start.
  private Outcome<String> started(Control desk, RestoreRecord left, Consumer<String> progress) {
    var forgotten = RestoreRecord.forget(parts.state());
    if (forgotten.whyFailed().isPresent() || left.stopped().isEmpty()) {
      return forgotten;
    }
    order(desk.start(left.stopped(), BY, progress))
        .whyFailed()
        .ifPresent(f -> progress.accept("not all services are up: " + f.message()));
    return Outcome.done("");
  }

  private static String assistant(NodeStores node, LocalStore store) {
    return node.project() + "-restore-" + store.service();
  }

  /// What was stopped by somebody stays so, and what another node runs.
  private static List<String> running(Control desk) {
    return desk.report().services().stream()
        .filter(s -> s.state() != State.STOPPED && s.state() != State.STANDBY)
        .map(s -> s.name())
        .sorted()
        .toList();
  }

  private Outcome<String> order(CompletableFuture<Outcome<String>> ordered) {
    try {
      return parts.threads().get(ordered, PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed(Kind.TRANSIENT, "the agent ends");
    } catch (ExecutionException | TimeoutException e) {
      return failed(Kind.TIMEOUT, "it did not end: " + e.getMessage());
    }
  }

  private void event(String what, String why) {
    parts.events().append(new AgentEvent(parts.clock().instant(), "operator", "", what, why, null));
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} is left: {}", file, e.getMessage());
    }
  }

  private static <T> Outcome<T> failed(Kind kind, String message) {
    return Outcome.failed(new Failure(kind, message));
  }

  @Override
  public void close() {
    Threads.interrupt(mending);
  }
}
