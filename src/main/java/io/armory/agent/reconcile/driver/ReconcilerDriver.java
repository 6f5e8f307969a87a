package io.armory.agent.reconcile.driver;

import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Message;
import io.armory.agent.reconcile.Reconciler;
import io.armory.agent.reconcile.desired.RevisionHistory;
import io.armory.agent.reconcile.election.PollerDuty;
import io.armory.agent.reconcile.evidence.FailureEvidence;
import io.armory.agent.reconcile.shared.ClusterState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Drives the core on one named thread: hands it what happened and the time, begins what it wants
/// done, and publishes what it knows. The thread never blocks on Docker, AWS or a probe, and cannot
/// end by a bug: whatever a pass does wrong is reported and the next pass begins.
public final class ReconcilerDriver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");

  private final ReconcilerPorts parts;
  private final Threads threads;
  private final Mailbox mailbox;
  private final NodeTime time;
  private final ClusterState group;
  private final Reconciler core;
  private final EffectRunner effects;
  private @Nullable Thread thread;
  private volatile Snapshot published;
  private @Nullable AutoCloseable watch;
  private volatile boolean ending;

  /// @param nanos of [Threads#nanos] when it was made
  private record Snapshot(HealthReport report, long nanos) {}

  public ReconcilerDriver(ReconcilerPorts parts) {
    this.parts = parts;
    this.threads = parts.threads();
    this.mailbox = new Mailbox(threads);
    this.time = new NodeTime(parts.clock(), parts.steady());
    this.group = new ClusterState(parts.shared(), mailbox, parts.clock(), threads);
    this.core = new Reconciler(parts.core(), group, time.read());
    this.effects = new EffectRunner(parts, mailbox, core::parameters);
    this.published = snapshot(core.report());
  }

  private Snapshot snapshot(HealthReport report) {
    return new Snapshot(report, threads.nanos());
  }

  public void start() {
    perform(core.begin(time.read()));
    watch =
        parts
            .engine()
            .watch(
                parts.settings().project(),
                event -> mailbox.accept(new Message.EngineSpoke(event)));
    group.start();
    thread = threads.startPlatform("reconcile", this::run);
  }

  /// The core, for a task of [#ask] or [#wonder]: it belongs to the driver's thread.
  public Reconciler core() {
    return core;
  }

  /// The newest report, at most two seconds old while the core works.
  public HealthReport report() {
    return published.report;
  }

  /// The instant of the newest report, and what has passed since: its age is the same whatever the
  /// node's clock is set to meanwhile.
  public InstantSource clock() {
    return () -> {
      var newest = published;
      return newest.report.at().plusNanos(threads.nanos() - newest.nanos);
    };
  }

  /// This node's part in the election of the group's poller.
  public PollerDuty poller() {
    return group.duty();
  }

  /// From any thread, as are the next two.
  public Parameters parameters() {
    return core.parameters();
  }

  /// Its entries may be read from any thread.
  public RevisionHistory history() {
    return core.inputs().history();
  }

  public Optional<Revision> revision() {
    return core.revision();
  }

  /// What was kept of revisions that failed.
  public FailureEvidence evidence() {
    return core.evidence();
  }

  /// Hands a task to the core's thread.
  public void ask(Runnable task) {
    mailbox.accept(new Message.Asked(task));
  }

  /// As [#ask]; if the task meets a bug, that is the answer, and nobody waits for another.
  public void ask(CompletableFuture<?> answer, Runnable task) {
    ask(() -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        answer.completeExceptionally(e);
        throw e;
      }
    });
  }

  /// Has the core's thread answer what changes nothing: no reason for it to think.
  public void wonder(Runnable answer) {
    mailbox.accept(new Message.Wondered(answer));
  }

  private void run() {
    while (!ending) {
      try {
        mailbox.await(core.untilWake().plusMillis(1));
      } catch (InterruptedException e) {
        return;
      }
      for (var message = mailbox.next(); message != null; message = mailbox.next()) {
        var next = message;
        guarded(() -> core.handle(next, time.read()));
      }
      var began = threads.nanos();
      if (guarded(() -> core.advance(time.read()))) {
        parts.telemetry().reconciled(Duration.ofNanos(threads.nanos() - began));
      }
      parts.heartbeat().run();
    }
  }

  /// @return whether it made a whole pass
  private boolean guarded(Supplier<List<Effect>> step) {
    try {
      return perform(step.get());
    } catch (RuntimeException | Error e) {
      LOG.error("the reconcile loop met a bug and goes on", e);
      core.bug(e);
      return false;
    }
  }

  private boolean perform(List<Effect> wanted) {
    var passed = false;
    for (var effect : wanted) {
      if (effect instanceof Effect.Publish(var report, var planned)) {
        published = snapshot(report);
        passed |= planned;
      } else {
        perform(effect);
      }
    }
    return passed;
  }

  /// One that cannot be begun keeps no other from being.
  private void perform(Effect effect) {
    try {
      effects.perform(effect);
    } catch (RuntimeException | Error e) {
      LOG.error("the reconcile loop met a bug and goes on", e);
      core.bug(e);
    }
  }

  /// Ends the loop and touches no container, except that the engine is given back the restarting of
  /// those that run: the stack is never left without somebody to restart it.
  @Override
  public void close() {
    ending = true;
    var running = thread;
    try {
      if (running != null) {
        running.interrupt();
        threads.join(running, Duration.ofSeconds(5));
      }
      var w = watch;
      if (w != null) {
        w.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.debug("closing the event stream", e);
    }
    effects.close();
    group.close();
    new RestartPolicyHandover(parts.engine(), threads)
        .giveBack(core.stack(), core.observed(), core.intents());
  }
}
