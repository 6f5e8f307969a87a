package io.armory.agent.backup;

import io.armory.agent.backup.RestoreRecord.Step;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.port.Control;
import io.armory.agent.port.Control.RestoreRequest;
import io.armory.agent.port.DataContainers;
import io.armory.agent.port.EventLog;
import io.armory.agent.port.Front50;
import io.armory.agent.port.RedisKeys;
import io.armory.agent.port.StateStore;
import io.armory.agent.port.Threads;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts an archive back, one at a time. All of it is read, and made into the stores' own files,
/// before anything is stopped; then it is renames. What was there is kept aside, in the same
/// volume. What is under way is kept on the disk before it begins: whoever starts next puts the
/// former state back, or starts the new one where that is in its place already.
public final class Restore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.restore");
  private static final Duration AGAIN = Duration.ofSeconds(10);
  private static final Duration A_MOMENT = Duration.ofSeconds(1);
  private static final Failure TOO_EARLY =
      new Failure(Kind.TRANSIENT, "the agent has not seen enough yet");
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

  /// Tells that the data is as it is to be before it starts the services: one that does not come up
  /// is a matter of its own.
  private void mend(Control desk, RestoreRecord left) {
    var services = new ServiceOrders(desk, parts.threads(), line -> LOG.info("{}", line));
    try {
      for (var why = whyLeft(services, left); why.isPresent(); why = whyLeft(services, left)) {
        parts.problems().accept(List.of(unmended(why.get().message())));
        parts.threads().sleep(why.get().equals(TOO_EARLY) ? A_MOMENT : AGAIN);
      }
      parts.problems().accept(List.of());
      event(
          left.end() == Step.COMPLETED
              ? "interrupted restore completed"
              : "interrupted restore undone",
          "of " + left.from());
      RestoreEnd.start(parts.state(), services, left);
      busy.set(false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Failure> whyLeft(ServiceOrders services, RestoreRecord left) {
    var node = parts.stores().get();
    return node.isEmpty() || services.desk().report().undecided()
        ? Optional.of(TOO_EARLY)
        : end(node.get(), services).place(left).whyFailed();
  }

  private RestoreEnd end(NodeStores node, ServiceOrders services) {
    return new RestoreEnd(parts.state(), new StoreVolumes(parts.data(), node), services);
  }

  private static Problem unmended(String why) {
    return new Problem(
        "restore",
        "one was interrupted, and is not undone yet: " + why,
        "it is tried again; nothing of it is lost");
  }

  // ---------------------------------------------------------------- a new one

  public CompletableFuture<Outcome<String>> begin(
      Control desk, RestoreRequest request, Consumer<String> progress) {
    if (!busy.compareAndSet(false, true)) {
      return CompletableFuture.completedFuture(
          Outcome.failed(Kind.CONFLICT, "another restore is under way; see armory-agent status"));
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
                        Kind.TRANSIENT, "the agent ends; its next start puts everything back"));
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
      return Outcome.failed(Kind.INVALID, request.archive() + " is not a name of an archive");
    }
    if (desk.report().lifecycle().drain().isPresent()) {
      return Outcome.failed(Kind.CONFLICT, "the node is drained; armory-agent start first");
    }
    var node = parts.stores().get();
    if (node.isEmpty()) {
      return Outcome.failed(Kind.NOT_FOUND, "no revision yet: " + desk.report().ready().reason());
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
    return carriedOut(
        desk, node.get(), new Job(request, new Archive.Checked(archive, manifest), what), progress);
  }

  private record Job(RestoreRequest request, Archive.Checked archive, RestorePlan plan) {}

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
      var put = swapped(new ServiceOrders(desk, parts.threads(), progress), node, job);
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

  private Outcome<String> swapped(ServiceOrders services, NodeStores node, Job job) {
    var stores = job.plan().stores();
    var begun =
        new RestoreRecord(
            Step.LOADING,
            "before-restore-" + STAMP.format(parts.clock().instant()),
            job.request().from(),
            stores.stream().map(LocalStore::service).toList(),
            List.of());
    var volumes = new StoreVolumes(parts.data(), node);
    StoreSwap.Undoing undoing = (left, words, why) -> undone(services, node, left, words, why);
    return new StoreSwap(parts.state(), volumes, services, undoing)
        .run(stores, job.archive(), begun);
  }

  private Outcome<String> undone(
      ServiceOrders services,
      NodeStores node,
      RestoreRecord left,
      String words,
      Outcome<String> why) {
    var failure = why.whyFailed().orElseThrow();
    services.progress().accept("failed: " + failure.message());
    left.keep(parts.state()).whyFailed().ifPresent(f -> LOG.warn("{}", f.message()));
    var back = end(node, services).place(left);
    event("restore failed", failure.message());
    if (back.whyFailed().isPresent()) {
      mending = parts.threads().start("restore-undo", () -> mend(services.desk(), left));
      return Outcome.failed(
          failure.kind(),
          "not restored: %s; and the former state is not back yet, which is tried again: %s"
              .formatted(failure.message(), back.whyFailed().get().message()));
    }
    RestoreEnd.start(parts.state(), services, left);
    return Outcome.failed(failure.saying("not restored; " + words));
  }

  private void event(String what, String why) {
    parts.events().append(new AgentEvent(parts.clock().instant(), "operator", "", what, why, null));
  }

  @Override
  public void close() {
    Threads.interrupt(mending);
  }
}
