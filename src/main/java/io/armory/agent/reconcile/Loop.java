package io.armory.agent.reconcile;

import io.armory.agent.domain.HealthReport;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Revision;
import io.armory.agent.domain.Stack;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The reconcile loop, one named thread: something wakes it, it looks, plans, launches the next
/// safe steps, and publishes what it knows. It never blocks on Docker, AWS or a probe, and it
/// cannot throw: whatever a pass does wrong is reported and the next pass begins.
public final class Loop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final Duration PUBLISH_EVERY = Duration.ofSeconds(2);

  private final LoopParts parts;
  private final Mailbox mailbox = new Mailbox();
  private final LoopState state;
  private final Chronicle chronicle;
  private final Revisions revisions;
  private final Inbox inbox;
  private final Planning planning;
  private final Standstill standstill;
  private final Reporter reporter;
  private final List<Pledge> pledges = new ArrayList<>();
  private final Thread thread;
  private volatile Snapshot published;
  private @Nullable AutoCloseable watch;
  private volatile boolean ending;
  private Instant thoughtAt = Instant.MIN;

  /// @param nanos of [System#nanoTime] when it was made
  private record Snapshot(HealthReport report, long nanos) {
    static Snapshot of(HealthReport report) {
      return new Snapshot(report, System.nanoTime());
    }
  }

  public Loop(LoopParts parts) {
    this.parts = parts;
    this.state = LoopState.of(parts, mailbox);
    this.chronicle = new Chronicle(state, mailbox);
    this.revisions = new Revisions(state, mailbox);
    this.inbox = new Inbox(state, chronicle, revisions);
    this.planning = new Planning(state);
    this.standstill = new Standstill(state);
    this.reporter = new Reporter(parts.settings(), now());
    this.published = Snapshot.of(reporter.initial(now()));
    state.time().whenSet(reporter::clockSet);
    state.time().whenSet(by -> pledges.replaceAll(p -> p.clockSet(by)));
    this.thread = Thread.ofPlatform().name("reconcile").unstarted(this::run);
  }

  public void start() {
    state.recall();
    watch =
        parts
            .engine()
            .watch(
                parts.settings().project(),
                event -> mailbox.accept(new Message.EngineSpoke(event)));
    state.inputs().start(now());
    state.group().start();
    thread.start();
  }

  /// The newest snapshot, at most two seconds old while the loop works.
  public HealthReport report() {
    return published.report;
  }

  /// The instant of the newest snapshot, and what has passed since: its age is the same whatever
  /// the node's clock is set to meanwhile.
  public InstantSource clock() {
    return () -> {
      var newest = published;
      return newest.report.at().plusNanos(System.nanoTime() - newest.nanos);
    };
  }

  /// This node's part in the election of the group's poller.
  public PollerDuty poller() {
    return state.group().duty();
  }

  Parameters parameters() {
    return state.inputs().parameters();
  }

  Optional<Revision> revision() {
    return state.inputs().inForce();
  }

  /// Hands a task to the loop's thread.
  void ask(String what, Runnable task) {
    mailbox.accept(new Message.Asked(what, task));
  }

  /// Has the loop's thread answer what changes nothing: no reason for it to think.
  void wonder(Runnable answer) {
    mailbox.accept(new Message.Wondered(answer));
  }

  private void run() {
    while (!ending) {
      try {
        pass();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("the reconcile loop met a bug and goes on", e);
        state.inputs().problem("agent", "bug: " + e);
      }
    }
  }

  private void pass() throws InterruptedException {
    mailbox.await(untilNext());
    var stirred = false;
    for (var message = mailbox.next(); message != null; message = mailbox.next()) {
      stirred |= inbox.handle(message, () -> Calm.holds(published.report, thoughtAt, now()));
    }
    var now = now();
    if (!stirred && now.isBefore(nextAt(now))) {
      return;
    }
    var last = published.report;
    var waited = !stirred && pledges.isEmpty() && now.isBefore(nextRepair(now));
    if (waited && Calm.holds(last, thoughtAt, now)) {
      look();
      published = Snapshot.of(last.stillSo(now));
    } else {
      think();
    }
    parts.heartbeat().run();
  }

  private void think() {
    var began = System.nanoTime();
    state.inputs().retry();
    state.inputs().unread(state.rollout(), now()).ifPresent(revisions::adopt);
    look();
    planning.act();
    publish();
    parts.telemetry().reconciled(Duration.ofNanos(System.nanoTime() - began));
  }

  private Duration untilNext() {
    var now = now();
    var wait = Duration.between(now, nextAt(now));
    return wait.isNegative() ? Duration.ZERO : wait.plusMillis(1);
  }

  private Instant nextAt(Instant now) {
    var last = published.report.at();
    // One in the future: the clock was set back.
    return last.isAfter(now) ? now : min(last.plus(PUBLISH_EVERY), nextDeed(now));
  }

  /// When there is something to be done whatever is heard until then.
  private Instant nextDeed(Instant now) {
    var next = min(nextRepair(now), state.looker().nextAt(state.eyes().isBlind(), now));
    return min(next, state.inputs().patientUntil());
  }

  private Instant nextRepair(Instant now) {
    return min(state.hands().backoffs().nextEnd(now), state.eyes().deaths().nextEnd(now));
  }

  private void look() {
    if (state.looker().isDue(state.eyes().isBlind(), now())) {
      state.group().lookBegins();
      state.looker().begin(state.hands().beginLook(), state.inputs().inForce());
    }
  }

  private void publish() {
    var now = now();
    thoughtAt = now;
    var wishes = state.wishes();
    if (wishes.isMaintenanceOver(now)) {
      event("operator", "", "maintenance ended", "its time is over");
      wishes.maintain(Optional.empty());
    }
    var made = reporter.report(state.facts(planning.plan()), now);
    var report = made.report();
    published = Snapshot.of(report);
    var backoffs = state.hands().backoffs();
    state.group().tell(report, revisions.settled(), backoffs::attempts, now);
    made.turns().forEach(t -> chronicle.turned(t, now));
    var unsettled = planning.unsettled();
    for (var s : report.services()) {
      if (s.isUp() && !unsettled.contains(s.name())) {
        backoffs.well(s.name(), s.since(), now);
      }
    }
    if (planning.isAnyPaused()) {
      state.rollout().unseen(now);
    }
    revisions.judge(report, planning.isConverged(), now);
    // One that looks at the time may move them all.
    List.copyOf(pledges).stream().filter(p -> p.check(report)).forEach(pledges::remove);
    planning.forgetDoneRestarts(report);
  }

  // ---- for the desk and the drain, on the loop's thread

  Standstill standstill() {
    return standstill;
  }

  Optional<String> address(String service) {
    return state.eyes().address(stack(), service);
  }

  Course course() {
    return state.course();
  }

  Wishes wishes() {
    return state.wishes();
  }

  Inputs inputs() {
    return state.inputs();
  }

  Rollout rollout() {
    return state.rollout();
  }

  Stack stack() {
    return state.stack();
  }

  Instant now() {
    return state.now();
  }

  /// What was kept of revisions that failed. From any thread.
  Evidences evidence() {
    return state.history().evidence();
  }

  boolean isPlanNew() {
    return planning.isNew();
  }

  Duration rolloutTimeout() {
    return parts.settings().rolloutTimeout();
  }

  void event(String kind, String subject, String what, String why) {
    state.event(kind, subject, what, why);
  }

  void pledge(Pledge pledge) {
    pledges.add(pledge);
  }

  void forgetBackoff(String service) {
    state.hands().backoffs().forget(service);
  }

  void pullAgain() {
    state.hands().pullAgain();
    rollout().tryAnew();
  }

  /// An operator wants what was rejected tried again.
  void tryRejectedAgain() {
    if (rollout().forgive()) {
      inputs().persist(() -> state.memory().keepRejected(rollout().rejected()));
    }
  }

  private static Instant min(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }

  /// Ends the loop and touches no container, except that the engine is given back the restarting of
  /// those that run: the stack is never left without somebody to restart it.
  @Override
  public void close() {
    ending = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
      var w = watch;
      if (w != null) {
        w.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.debug("closing the event stream", e);
    }
    state.inputs().close();
    state.prober().close();
    state.group().close();
    Handover.giveBack(parts.engine(), stack(), state.eyes().observed(), state.intents());
  }
}
