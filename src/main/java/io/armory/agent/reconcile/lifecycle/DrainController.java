package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Drain.Step;
import io.armory.agent.port.Supervised;
import io.armory.agent.port.Threads;
import io.armory.agent.port.Workload;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import io.armory.agent.reconcile.election.PollerDuty;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one way out of service, whoever wishes it: not ready → the poller's duty given up → work in
/// hand awaited, and the load balancers to have noticed → everything stopped, dependents first.
/// Each step is kept, so that an agent that is started anew goes on where the one before was. Waits
/// on a thread of its own; what it decides takes effect on the loop's.
public final class DrainController implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.drain");
  private static final Duration TICK = Duration.ofMillis(250);

  private static final Duration ANSWER = Duration.ofSeconds(10);

  /// A poller's lease has run out by then, whatever became of its release.
  private static final Duration RESIGNATION = Duration.ofSeconds(30);

  /// So long before the deadline whatever still runs is killed.
  private static final Duration LAST_CALL = Duration.ofSeconds(2);

  private final ReconcilerDriver loop;
  private final ReconcilerPorts parts;
  private final PollerDuty poller;
  private final Workload workload;
  private final Duration loadBalancer;
  private volatile Optional<Drain> current = Optional.empty();
  private @Nullable Thread thread;
  private volatile boolean ending;

  /// @param loadBalancer so long after the node was not ready its services are not stopped
  public DrainController(
      ReconcilerDriver loop,
      ReconcilerPorts parts,
      PollerDuty poller,
      Workload workload,
      Duration loadBalancer) {
    this.loadBalancer = loadBalancer;
    this.loop = loop;
    this.parts = parts;
    this.poller = poller;
    this.workload = workload;
  }

  /// Goes on with a drain that an agent before this one began.
  public void start() {
    loop.ask(() -> {
      current = loop.core().course().drain();
      if (current.isPresent()) {
        LOG.info("goes on with a drain: {}", current.get().why());
        // Every step may be taken twice, and the node's pollers may have come back with the
        // agent.
        var again = current.get().stops() ? current.get().step() : Step.RESIGNING;
        put(Optional.of(current.get().at(again, current.get().doing())));
        if (current.get().step() == Step.STOPPED) {
          var _ = poller.resign();
        } else {
          work();
        }
      }
    });
  }

  // ---- on the loop's thread

  /// Begins a drain, or joins the one under way: the weightier cause and the earlier end hold.
  public void begin(Drain wanted) {
    // Should the clock have been set, the one under way is moved before they are compared.
    var _ = loop.core().now();
    var before = loop.core().course().drain();
    var merged = before.map(d -> d.merged(wanted)).orElse(wanted);
    if (before.filter(merged::equals).isPresent()) {
      return;
    }
    if (before.filter(d -> d.cause() == merged.cause()).isEmpty()) {
      LOG.info("drains: {}", merged.why());
      loop.core().event("drain", "", "drain: " + merged.why(), "until " + merged.waitUntil());
    }
    put(Optional.of(merged));
    if (merged.step() != Step.STOPPED) {
      work();
    }
  }

  /// Takes the node back into service.
  void end(String why) {
    var drain = loop.core().course().drain();
    if (drain.isEmpty()) {
      return;
    }
    LOG.info("the drain is over: {}", why);
    loop.core().event("drain", "", "the drain is over", why);
    put(Optional.empty());
    if (drain.get().stops()) {
      loop.core().wishes().restartAll(loop.core().stack(), loop.core().now());
    } else {
      var orca = ActiveExecutions.endpoint(loop, "orca");
      parts.threads().start("take work", () -> orca.ifPresent(e -> workload.takeWork(e, true)));
    }
    poller.resume();
    loop.core().inputs().refresh();
  }

  private void put(Optional<Drain> now) {
    current = now;
    loop.core().course().drain(now);
  }

  private void work() {
    if (thread == null || !thread.isAlive()) {
      thread =
          parts
              .threads()
              .start("drain", new Supervised(parts.threads(), LOG, "the drain", this::next));
    }
  }

  // ---- on the drain's own thread

  private boolean next() throws InterruptedException {
    if (!isUnderWay() || ending) {
      return false;
    }
    switch (current.map(Drain::step).orElse(Step.STOPPED)) {
      case RESIGNING -> resign();
      case WAITING -> await();
      case STOPPING -> stop();
      case STOPPED -> {}
    }
    return true;
  }

  private boolean isUnderWay() {
    return current.filter(d -> d.step() != Step.STOPPED).isPresent();
  }

  private void resign() throws InterruptedException {
    say("gives up the poller's duty");
    var bound = parts.steady().instant().plus(RESIGNATION);
    var resigned = poller.resign();
    while (!resigned.isDone() && parts.steady().instant().isBefore(bound) && isTimeLeft()) {
      parts.threads().sleep(TICK);
    }
    var outcome =
        resigned.isDone() && !resigned.isCompletedExceptionally()
            ? resigned.join().whyFailed().map(f -> f.message())
            : Optional.of("not answered in time");
    outcome.ifPresent(why -> note("the poller's duty could not be given up", why));
    step(Step.WAITING, "asks what is under way");
  }

  private void await() throws InterruptedException {
    var wait = new ActiveExecutions(workload, parts.steady(), this::note);
    var isIdle = false;
    while (isTimeLeft() && current.filter(d -> d.step() == Step.WAITING).isPresent()) {
      var endpoints = onLoop(this::endpoints);
      if (endpoints.isPresent()) {
        var left = wait.under(endpoints.get());
        isIdle = left.isEmpty();
        if (isIdle && haveBalancersNoticed()) {
          break;
        }
        say("waits for " + left.orElse("the load balancers to send nothing more"));
      } else {
        say("waits to see what runs");
      }
      parts.threads().sleep(Duration.ofSeconds(1));
    }
    if (isIdle) {
      change(d -> d.step() == Step.WAITING ? d.at(Step.STOPPING, stops(wait.unknown())) : d);
    } else if (current.filter(d -> d.step() == Step.WAITING).isPresent()) {
      var why = current.map(Drain::doing).orElse("");
      note("work was cut off: the time to wait is over", why);
      change(d -> d.forced(d.doing()).at(Step.STOPPING, "stops the services: the wait is over"));
    }
  }

  private static String stops(Optional<String> unknown) {
    return "stops the services, dependents first" + unknown.map("; "::concat).orElse("");
  }

  /// A node on which nothing runs gets no requests.
  private boolean haveBalancersNoticed() {
    return isPast(d -> Optional.of(d.since().plus(loadBalancer)))
        || onLoop(() -> loop.core().standstill().isReached()).orElse(false);
  }

  private void stop() throws InterruptedException {
    var killed = false;
    while (current.filter(d -> d.step() == Step.STOPPING).isPresent()) {
      if (onLoop(() -> loop.core().standstill().isReached()).orElse(false)) {
        step(Step.STOPPED, "everything is stopped");
        note("drained", current.map(Drain::why).orElse(""));
        return;
      }
      if (!killed && isPast(d -> d.deadline().map(at -> at.minus(LAST_CALL)))) {
        killed = true;
        note("services were killed: the deadline is here", current.map(Drain::why).orElse(""));
        change(d -> d.forced("kills what still runs"));
        onLoop(loop.core().standstill()::force);
      }
      parts.threads().sleep(TICK);
    }
  }

  private boolean isTimeLeft() {
    return current.isPresent() && !isPast(d -> Optional.of(d.waitUntil()));
  }

  /// Asked on the loop's thread, which knows of a clock that was set.
  private boolean isPast(Function<Drain, Optional<Instant>> when) {
    return onLoop(
            () -> {
              var now = loop.core().now();
              return loop.core().course().drain().flatMap(when).map(at -> !now.isBefore(at));
            })
        .orElse(false);
  }

  /// What can be asked for work in hand; empty inside: nothing that runs. Empty: not known yet.
  private Optional<java.util.List<Workload.Endpoint>> endpoints() {
    return loop.core().standstill().hasSeenStack()
        ? Optional.of(
            WorkloadWatch.ASKED.stream()
                .flatMap(s -> ActiveExecutions.endpoint(loop, s).stream())
                .toList())
        : Optional.empty();
  }

  private void say(String doing) {
    if (current.filter(d -> d.doing().equals(doing)).isEmpty()) {
      change(d -> d.at(d.step(), doing));
    }
  }

  private void step(Step next, String doing) {
    change(d -> d.at(next, doing));
  }

  /// Changes the drain on the loop's thread, and waits for it.
  private void change(java.util.function.UnaryOperator<Drain> how) {
    var _ =
        onLoop(() -> {
          put(loop.core().course().drain().map(how));
          return Optional.empty();
        });
  }

  private void note(String what, String why) {
    LOG.info("{}: {}", what, why);
    loop.ask(() -> loop.core().event("drain", "", what, why));
  }

  private <T> Optional<T> onLoop(Supplier<Optional<T>> question) {
    var answer = new CompletableFuture<Optional<T>>();
    loop.ask(() -> answer.complete(question.get()));
    try {
      return parts.threads().get(answer, ANSWER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException | TimeoutException | CompletionException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    ending = true;
    Threads.interrupt(thread);
  }
}
