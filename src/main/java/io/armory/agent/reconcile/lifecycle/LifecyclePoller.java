package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ScheduledEvent;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.Lifecycle;
import io.armory.agent.port.Lifecycle.Notices;
import io.armory.agent.port.Supervised;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens to what EC2 and the Auto Scaling group have in mind for the instance, and answers them.
/// What EC2 announces is read every few seconds from the instance's own metadata; the group's API,
/// which may be slow, is talked to beside that, so that no call can delay a Spot notice.
public final class LifecyclePoller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.lifecycle");

  /// Readings in a row that must not call for a drain any more before it is ended.
  private static final int CALM = 3;

  /// Failures in a row before it is said that EC2 cannot be heard.
  private static final int DEAF = 3;

  private final ReconcilerDriver loop;
  private final ReconcilerPorts parts;
  private final DrainController drainer;
  private final Lifecycle lifecycle;
  private final LifecycleSettings settings;
  private final Ec2Notices announced;
  private final AsgController group;
  private @Nullable Thread thread;
  private CompletableFuture<Void> talk = CompletableFuture.completedFuture(null);
  private volatile int calm;
  private List<ScheduledEvent> scheduled = List.of();
  private int failures;

  /// @param lifecycle asked on threads of this watch alone
  public LifecyclePoller(
      ReconcilerDriver loop,
      ReconcilerPorts parts,
      DrainController drainer,
      Lifecycle lifecycle,
      LifecycleSettings settings) {
    this.loop = loop;
    this.parts = parts;
    this.drainer = drainer;
    this.lifecycle = lifecycle;
    this.settings = settings;
    this.announced = new Ec2Notices(settings);
    this.group = new AsgController(loop, parts, drainer, lifecycle, settings);
  }

  public void start() {
    var threads = parts.threads();
    thread =
        threads.start(
            "lifecycle",
            new Supervised(
                threads,
                LOG,
                "watching the lifecycle",
                settings.every(),
                () -> {
                  tick();
                  threads.sleep(settings.every());
                  return true;
                }));
  }

  private void tick() {
    var report = loop.report();
    switch (lifecycle.notices()) {
      case Outcome.Failed<Notices>(var failure) -> {
        if (++failures == DEAF) {
          LOG.warn("cannot hear what EC2 has in mind for this instance: {}", failure.message());
        }
        talk(report, Optional.empty());
      }
      case Outcome.Done<Notices>(var notices) -> {
        if (failures >= DEAF) {
          LOG.info("EC2 can be heard again");
        }
        failures = 0;
        heed(notices, report);
        talk(report, Optional.of(notices));
      }
    }
    tell();
  }

  private void heed(Notices notices, HealthReport report) {
    var instance = DrainCommands.instance(report.node().identity());
    var now = parts.clock().instant();
    var wanted = announced.drain(notices, instance, GroupSeat.of(report, now), now);
    tellNews(announced.scheduled());
    // Before its stack is known, whether the node is alone is not either.
    var calmNow = wanted.isPresent() || report.revision().isEmpty() ? 0 : calm + 1;
    calm = calmNow;
    loop.ask(() -> {
      var drain = loop.core().course().drain();
      var foreign =
          drain
              .filter(d -> !d.instance().isEmpty() && !instance.isEmpty())
              .filter(d -> !d.instance().equals(instance));
      if (foreign.isPresent()) {
        drainer.end("it was begun on " + foreign.get().instance() + ", this is another instance");
      } else if (wanted.isPresent()) {
        if (!loop.core().course().isOverruled(wanted.get())) {
          drainer.begin(wanted.get());
        }
      } else if (drain.filter(d -> isOver(d, notices)).isPresent()) {
        drainer.end("nothing is announced any more: " + drain.get().why());
      }
    });
  }

  private void tellNews(List<ScheduledEvent> now) {
    var before = scheduled;
    if (now.equals(before)) {
      return;
    }
    scheduled = now;
    loop.ask(() -> {
      now.stream()
          .filter(e -> !before.contains(e))
          .forEach(e -> loop.core().event("lifecycle", "", e.words(), e.description()));
      before.stream()
          .filter(e -> now.stream().noneMatch(n -> n.id().equals(e.id())))
          .forEach(e -> loop.core().event("lifecycle", "", "over or cancelled: " + e.words(), ""));
      loop.core().course().scheduled(now);
    });
  }

  /// An instance is taken out of the warm pool because it is needed: it does not wait.
  private boolean isOver(Drain drain, Notices notices) {
    var needed =
        drain.cause() == Drain.Cause.WARM_POOL
            && notices.targetState().filter("InService"::equals).isPresent();
    return switch (drain.cause()) {
      case OPERATOR, SHUTDOWN -> false;
      case REBALANCE, SCHEDULED, WARM_POOL, TERMINATION, SPOT -> needed || calm >= CALM;
    };
  }

  /// One talk at a time.
  private void talk(HealthReport report, Optional<Notices> notices) {
    Optional<NodeIdentity> node =
        report.node().identity().filter(n -> n.fact(NodeIdentity.INSTANCE_ID).isPresent());
    if (node.isEmpty() || !talk.isDone()) {
      return;
    }
    talk =
        CompletableFuture.runAsync(
                () -> group.talk(node.get(), report, notices),
                task -> parts.threads().start("group", task))
            .exceptionally(e -> {
              LOG.error("talking to the Auto Scaling group met a bug", e);
              return null;
            });
  }

  private void tell() {
    List<String> lines = new ArrayList<>(announced.lines());
    lines.addAll(group.lines());
    var state = group.state();
    var ends = group.endsTheUnready();
    loop.ask(() -> loop.core().course().heard(state, lines, ends));
  }

  @Override
  public void close() {
    Threads.interrupt(thread);
  }
}
