package io.armory.agent.reconcile;

import io.armory.agent.domain.Approval.Given;
import io.armory.agent.domain.Hold;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.BackupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.reconcile.ReconcilerClock.Tick;
import io.armory.agent.reconcile.desired.Approvals.Waiting;
import io.armory.agent.reconcile.desired.DesiredState;
import io.armory.agent.reconcile.desired.Rollout;
import io.armory.agent.reconcile.evidence.FailureEvidence;
import io.armory.agent.reconcile.intent.DrainState;
import io.armory.agent.reconcile.intent.OperatorIntents;
import io.armory.agent.reconcile.intent.PendingCommand;
import io.armory.agent.reconcile.report.NodeReport;
import io.armory.agent.reconcile.report.ReportReuse;
import io.armory.agent.reconcile.shared.ClusterState;
import io.armory.agent.reconcile.shared.GroupTurn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// The core: what happened goes in as a [Message] with the moment it is handled in, what is to be
/// done comes out as [Effect]s. It has no thread, reads no clock and writes no log, so that a whole
/// node can be stepped through any order of events. Between two messages nothing changes but the
/// time, which [#advance] brings; [#untilWake] says when that is due.
///
/// All of it belongs to one thread at a time, but for what is said to be readable from any.
public final class Reconciler {
  private static final Duration PUBLISH_EVERY = Duration.ofSeconds(2);

  private final ReconcilerState state;
  private final EventRecorder chronicle;
  private final RolloutController revisions;
  private final ApprovalGate approval;
  private final MessageHandler inbox;
  private final PlanDispatcher planning;
  private final StackStop standstill;
  private final NodeReport reporter;
  private final List<PendingCommand> pledges = new ArrayList<>();
  private HealthReport published;
  private boolean stirred;
  private Instant thoughtAt = Instant.MIN;

  /// What those beside the loop have to say, by who says it. It changes nothing else.
  private final Map<String, List<Problem>> asides = new TreeMap<>();

  private Optional<BackupReport> backup = Optional.empty();

  /// @param group what it shares with other nodes
  /// @param begin the moment in which the agent starts
  public Reconciler(CorePorts ports, ClusterState group, Tick begin) {
    this.state = ReconcilerState.of(ports, group, begin);
    this.chronicle = new EventRecorder(state);
    this.revisions = new RolloutController(state);
    this.approval = new ApprovalGate(state);
    this.inbox = new MessageHandler(state, chronicle, revisions, approval, () -> report().ready());
    this.planning = new PlanDispatcher(state);
    this.standstill = new StackStop(state);
    this.reporter = new NodeReport(ports.settings(), now());
    this.published = reporter.initial(now());
    state.time().whenSet(reporter::clockSet);
    state.time().whenSet(by -> pledges.replaceAll(p -> p.clockSet(by)));
  }

  /// Takes up what the agent before this one kept. Once, before anything else.
  public List<Effect> begin(Tick tick) {
    state.time().advance(tick);
    state.recall();
    state.inputs().start(now());
    return state.effects().drain();
  }

  /// Takes in what happened. [#advance] follows, after this message or after others that came with
  /// it.
  public List<Effect> handle(Message message, Tick tick) {
    state.time().advance(tick);
    stirred |= inbox.handle(message, () -> ReportReuse.holds(published, thoughtAt, now()));
    return state.effects().drain();
  }

  /// Does what is due at this moment: looks, plans, launches the next safe steps, and reports.
  public List<Effect> advance(Tick tick) {
    state.time().advance(tick);
    var now = now();
    if (!stirred && now.isBefore(nextAt(now))) {
      return state.effects().drain();
    }
    var waited = !stirred && pledges.isEmpty() && now.isBefore(nextRepair(now));
    stirred = false;
    if (waited && ReportReuse.holds(published, thoughtAt, now)) {
      look();
      report(published.stillSo(now), false);
    } else {
      think();
    }
    return state.effects().drain();
  }

  /// How long after the last moment it was told of time alone makes [#advance] due.
  public Duration untilWake() {
    var wait = Duration.between(now(), nextAt(now()));
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  /// The newest report.
  public HealthReport report() {
    return published;
  }

  /// What it met was a bug: the next message finds it as it is.
  public void bug(Throwable bug) {
    state.inputs().problem("agent", "bug: " + bug);
  }

  private void report(HealthReport report, boolean planned) {
    published = report;
    state.effects().add(new Effect.Publish(report, planned));
  }

  private void think() {
    state.inputs().retry(state.time().steady());
    state.inputs().unread(state.rollout(), now()).ifPresent(revisions::adopt);
    inbox.turns(now());
    look();
    revisions.imagesAre(now());
    planning.act();
    publish();
  }

  private Instant nextAt(Instant now) {
    var last = published.at();
    // One in the future: the clock was set back.
    return last.isAfter(now) ? now : min(last.plus(PUBLISH_EVERY), nextDeed(now));
  }

  /// When there is something to be done whatever is heard until then.
  private Instant nextDeed(Instant now) {
    var next = min(nextRepair(now), state.looker().nextAt(state.eyes().isBlind(), now));
    next = min(next, unthought(state.inputs().approvals().nextAt(now)));
    return min(
        min(next, unthought(state.inputs().patientUntil())),
        unthought(state.group().turns().nextAt()));
  }

  /// What was thought of in its time, and is waited for all the same, comes up at the usual pace.
  private Instant unthought(Instant due) {
    return thoughtAt.isBefore(due) ? due : Instant.MAX;
  }

  private Instant nextRepair(Instant now) {
    return min(state.hands().backoffs().nextEnd(now), state.eyes().deaths().nextEnd(now));
  }

  private void look() {
    if (state.looker().isDue(state.eyes().isBlind(), now())) {
      state.group().lookBegins();
      state
          .looker()
          .begin(state.hands().beginLook(), state.inputs().inForce(), state.rollout().good());
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
    var said = made.report().alsoSaying(asides.values().stream().flatMap(List::stream).toList());
    var report = backup.map(said::with).orElse(said);
    report(report, true);
    var backoffs = state.hands().backoffs();
    state.group().tell(report, revisions.settled(), backoffs::attempts, now);
    forgiveLifted();
    state.group().turns().tell(report, state.turnFacts(), now);
    state
        .group()
        .turns()
        .news()
        .forEach(e -> {
          state.effects().info(e.what() + ": " + e.why());
          state.effects().event(e);
        });
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
    pledges.replaceAll(p -> p.looked(report));
    // One that looks at the time may move them all.
    List.copyOf(pledges).stream()
        .filter(p -> p.check(report, this::answer))
        .forEach(pledges::remove);
    planning.forgetDoneRestarts(report);
  }

  // ---- for the operators' commands and the drain, in a message of their own

  /// What somebody beside the loop cannot do now.
  ///
  /// @param who says it, instead of what he said before
  public void aside(String who, List<Problem> problems) {
    asides.put(who, problems);
  }

  /// How the agent's own backups fare.
  public void backup(BackupReport report) {
    backup = Optional.of(report);
  }

  public Intents intents() {
    return state.intents();
  }

  public Optional<Observed> observed() {
    return state.eyes().observed();
  }

  public Optional<Revision> revision() {
    return state.inputs().inForce();
  }

  public Parameters parameters() {
    return state.inputs().sources().parameters();
  }

  public StackStop standstill() {
    return standstill;
  }

  public Optional<String> address(String service) {
    return state.eyes().address(stack(), service);
  }

  public DrainState course() {
    return state.course();
  }

  public OperatorIntents wishes() {
    return state.wishes();
  }

  public DesiredState inputs() {
    return state.inputs();
  }

  public Rollout rollout() {
    return state.rollout();
  }

  public Stack stack() {
    return state.stack();
  }

  public Instant now() {
    return state.now();
  }

  /// What was kept of revisions that failed. From any thread.
  public FailureEvidence evidence() {
    return state.history().evidence();
  }

  public boolean isPlanNew() {
    return planning.isNew();
  }

  public Duration rolloutTimeout() {
    return state.parts().settings().rolloutTimeout();
  }

  public void event(String kind, String subject, String what, String why) {
    state.event(kind, subject, what, why);
  }

  /// Answers a command, after what it brought.
  public <T> void answer(CompletableFuture<T> future, T value) {
    answer(() -> future.complete(value));
  }

  private void answer(Runnable answer) {
    state.effects().add(new Effect.Answer(answer));
  }

  public void hold(Hold hold, Revision revision) {
    revisions.hold(hold, revision);
  }

  public void release() {
    revisions.release();
  }

  /// Lets the revision through that waits for approval.
  public void approve(Revision revision, String by) {
    approval.approve(new Given(revision.id(), turns().signed(by), now()));
  }

  /// The revision that waits for approval.
  public Optional<Revision> awaits() {
    return inputs().approvals().waiting().map(Waiting::revision);
  }

  /// What a revision of the sources would wait for before it begins; empty: for no approval.
  public Optional<String> wouldWait(Revision revision) {
    return approval.wouldWait(revision, now());
  }

  public void pledge(PendingCommand pledge) {
    pledges.add(pledge);
  }

  public void forgetBackoff(String service) {
    state.hands().backoffs().forget(service);
  }

  public void pullAgain() {
    state.hands().pullAgain();
    rollout().tryAnew();
  }

  private void forgiveLifted() {
    var lifted = state.group().turns().lifted().stream().filter(rollout()::forgive).toList();
    if (!lifted.isEmpty()) {
      state
          .documents()
          .persist("rejected", () -> state.memory().keepRejected(rollout().rejected()));
      inputs().refresh();
    }
  }

  /// This node's changes in turn with its group's.
  public GroupTurn turns() {
    return state.group().turns();
  }

  /// An operator wants what was rejected tried again.
  public void tryRejectedAgain() {
    state.group().turns().lift(rollout().refrained());
    if (rollout().forgive()) {
      state
          .documents()
          .persist("rejected", () -> state.memory().keepRejected(rollout().rejected()));
    }
  }

  private static Instant min(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }
}
