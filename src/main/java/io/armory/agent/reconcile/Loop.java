package io.armory.agent.reconcile;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.HealthReport;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Observation;
import io.armory.agent.domain.Observation.Observed;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Plan;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Revision;
import io.armory.agent.domain.ServiceReport;
import io.armory.agent.domain.Stack;
import io.armory.agent.plan.Planner;
import io.armory.agent.plan.Situation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The reconcile loop, one named thread: something wakes it, it looks, plans, launches the next
/// safe steps, and publishes what it knows. It never blocks on Docker, AWS or a probe, and it
/// cannot throw: whatever a pass does wrong is reported and the next pass begins.
public final class Loop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final Duration PUBLISH_EVERY = Duration.ofSeconds(2);

  private static final Set<Observation.State> ACTIVE =
      Set.of(Observation.State.RUNNING, Observation.State.PAUSED, Observation.State.RESTARTING);

  private final LoopParts parts;
  private final BlockingQueue<Message> mailbox = new LinkedBlockingQueue<>();
  private final Eyes eyes;
  private final Hands hands;
  private final Prober prober;
  private final Rollout rollout;
  private final PostStarts postStarts = new PostStarts();
  private final ServiceHistory history = new ServiceHistory();
  private final Memory memory;
  private final Reporter reporter;
  private final Inputs inputs;
  private final Wishes wishes;
  private final Course course;
  private final Looker looker;
  private final Group group;
  private final List<Pledge> pledges = new ArrayList<>();
  private volatile Snapshot published;
  private final Thread thread;

  private Plan plan = new Plan(List.of(), List.of(), List.of());
  private boolean planned;
  private @Nullable AutoCloseable watch;
  private volatile boolean ending;

  /// @param nanos of [System#nanoTime] when it was made
  private record Snapshot(HealthReport report, long nanos) {
    static Snapshot of(HealthReport report) {
      return new Snapshot(report, System.nanoTime());
    }
  }

  public Loop(LoopParts parts) {
    this.parts = parts;
    this.prober = new Prober(parts.probe(), mailbox::add, parts.clock());
    this.eyes = new Eyes(prober, postStarts);
    this.hands =
        new Hands(new Crew(parts.engine(), mailbox::add), parts.events(), parts.settings());
    this.rollout = new Rollout(parts.settings().rolloutTimeout());
    this.memory = new Memory(parts.state());
    this.inputs = new Inputs(parts, mailbox::add);
    this.wishes = new Wishes(memory, inputs);
    this.course = new Course(memory, inputs);
    this.looker = new Looker(parts, mailbox::add);
    this.group = new Group(parts.shared(), mailbox::add, parts.clock());
    this.reporter = new Reporter(parts.settings(), parts.clock().instant());
    this.published = Snapshot.of(reporter.initial(parts.clock().instant()));
    this.thread = Thread.ofPlatform().name("reconcile").unstarted(this::run);
  }

  public void start() {
    recall();
    watch =
        parts
            .engine()
            .watch(
                parts.settings().project(), event -> mailbox.add(new Message.EngineSpoke(event)));
    inputs.start();
    group.start();
    thread.start();
  }

  /// The newest snapshot, at most two seconds old while the loop works.
  public HealthReport report() {
    return published.report;
  }

  /// The instant of the newest snapshot, and what has passed since: its age is the same whatever the
  /// node's clock is set to meanwhile.
  public InstantSource clock() {
    return () -> {
      var newest = published;
      return newest.report.at().plusNanos(System.nanoTime() - newest.nanos);
    };
  }

  Parameters parameters() {
    return inputs.parameters();
  }

  Optional<Revision> revision() {
    return inputs.inForce();
  }

  /// Hands a task to the loop's thread.
  void ask(String what, Runnable task) {
    mailbox.add(new Message.Asked(what, task));
  }

  private void recall() {
    wishes.recall();
    inputs.known("state", memory.postStarts()).ifPresent(postStarts::recalled);
    course.recall();
    inputs.known("state", memory.rejected()).ifPresent(rollout::rejectedBefore);
    inputs.known("state", memory.facts()).flatMap(kept -> kept).ifPresent(inputs::recalled);
    inputs
        .known("last known good revision", parts.archive().recall())
        .flatMap(good -> good)
        .ifPresent(rollout::knownGood);
  }

  private void run() {
    while (!ending) {
      try {
        pass();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("the reconcile loop met a bug and goes on", e);
        inputs.problem("agent", "bug: " + e);
      }
    }
  }

  private void pass() throws InterruptedException {
    var message = mailbox.poll(untilNext().toMillis(), TimeUnit.MILLISECONDS);
    var stirred = message == null;
    while (message != null) {
      stirred |= handle(message);
      message = mailbox.poll();
    }
    if (!stirred && untilNext().isPositive()) {
      return;
    }
    var began = System.nanoTime();
    inputs.retry(now());
    look();
    act();
    publish();
    parts.telemetry().reconciled(Duration.ofNanos(System.nanoTime() - began));
    parts.heartbeat().run();
  }

  private Duration untilNext() {
    var now = now();
    var next = min(published.report.at().plus(PUBLISH_EVERY), hands.backoffs().nextEnd(now));
    next = min(next, looker.nextAt(eyes.isBlind(), now));
    var wait = Duration.between(now, next);
    if (wait.compareTo(PUBLISH_EVERY) > 0) {
      // The clock was set back.
      return PUBLISH_EVERY;
    }
    return wait.isNegative() ? Duration.ZERO : wait.plusMillis(1);
  }

  /// @return whether there is a reason to plan and to publish: a probe that only confirms is none
  private boolean handle(Message message) {
    var now = now();
    switch (message) {
      case Message.EngineSpoke(var event) -> {
        var id = event.containerId();
        var ours = event.action().equals("destroy") ? hands.removes(id) : hands.touches(id);
        eyes.heard(event, ours, hands.latestLook(), now);
        looker.want();
      }
      case Message.Looked(var sequence, var observation, var seen) -> {
        looker.looked(seen, now);
        notice(observation);
        eyes.looked(sequence, observation, now);
        hands.looked(sequence);
        eyes.aim(stack());
        group.looked(
            eyes.isBlind() ? Optional.empty() : eyes.observed(),
            stack(),
            hands.busySince(eyes.sequence()),
            now);
      }
      case Message.Acted acted -> {
        hands.ended(acted, now);
        parts
            .telemetry()
            .acted(acted.step().action(), acted.outcome().whyFailed().isEmpty(), acted.took());
        if (acted.step().action() instanceof Action.RunHooks run
            && acted.outcome() instanceof Outcome.Done) {
          postStarts.done(run);
          inputs.persist(() -> memory.keepPostStarts(postStarts.all()));
        }
        failed(acted, now);
        looker.want();
      }
      case Message.Progressed(var subject, var line) -> hands.progressed(subject, line);
      case Message.Probed probed -> {
        parts.telemetry().probed(eyes.serviceOf(probed.containerId()), probed.result());
        var turned = eyes.probed(probed, stack(), now);
        if (turned) {
          looker.want();
          group.suspect();
        }
        return turned;
      }
      case Message.LogsRead(var service, var at, var lines) -> history.logs(service, at, lines);
      case Message.SourcesRead(var reading) -> {
        // A node on its way out takes no new revision: it goes on with what it has.
        if (!course.isDraining() || inputs.inForce().isEmpty()) {
          inputs.read(reading, rollout, now).ifPresent(this::adopt);
        }
        inputs.factsToKeep().ifPresent(f -> inputs.persist(() -> memory.keepFacts(f)));
        inputs.news().ifPresent(this::tell);
      }
      case Message.RedisAsked asked -> {
        var wasOut = group.isRedisOut();
        var news = group.heard(asked, now);
        for (var line : news) {
          LOG.warn("{}", line);
          event("redis", asked.redis().address(), line, "");
        }
        return wasOut != group.isRedisOut() || !news.isEmpty();
      }
      case Message.Asked(_, var task) -> task.run();
    }
    return true;
  }

  private void tell(List<Problem> wrong) {
    if (wrong.isEmpty()) {
      LOG.info("the sources are in order again");
      event("sources", "", "the sources are in order again", "");
    }
    var what =
        inputs.staleSince().isPresent()
            ? "the sources cannot be read: "
            : inputs.isRefused() ? "nothing is touched: " : "";
    for (var problem : wrong) {
      LOG.error("{}{}", what, problem.line());
      event("sources", problem.where(), problem.what(), problem.todo());
    }
  }

  private void adopt(Revision revision) {
    revision.warnings().forEach(w -> LOG.warn("{}: {}", revision, w));
    event("revision", "", "rolling out " + revision, "the sources changed");
    hands.forgetPulls();
    hands.trouble().forget();
    // What a failed definition has to wait for says nothing about the next one.
    hands.backoffs().forgetAll();
    history.retain(revision.stack().services().keySet());
    inputs.inForce(revision);
    eyes.aim(revision.stack());
    group.aim(revision, now());
    looker.want();
  }

  private void look() {
    if (looker.isDue(eyes.isBlind(), now())) {
      group.lookBegins();
      looker.begin(hands.beginLook(), inputs.inForce());
    }
  }

  private void act() {
    var observed = eyes.observed();
    planned = false;
    if (observed.isEmpty()
        || eyes.isBlind()
        || eyes.isInDoubt()
        || inputs.inForce().isEmpty()
        || !looker.lookedFor(inputs.inForce().map(Revision::id))
        || !inputs.filesReady()) {
      return;
    }
    var situation = situation(observed.get());
    plan = course.fit(Planner.plan(situation), situation);
    planned = true;
    for (var step : plan.steps()) {
      hands.launch(step, now());
      if (isRepair(step)) {
        history.restarted(step.action().subject(), now());
      }
    }
  }

  private Situation situation(Observed observed) {
    var busy = new HashSet<>(hands.busySince(eyes.sequence()));
    busy.addAll(group.undecided(stack()));
    var standby = group.standby(stack());
    standby.keySet().removeAll(group.undecided(stack()));
    return new Situation(
        stack(),
        observed,
        eyes.health(stack()),
        busy,
        intents(),
        hands.backoffs().delays(now()),
        eyes.deaths().all(),
        rollout.since(),
        postStarts.all(),
        hands.pulled(),
        standby,
        group.shared(),
        now());
  }

  private void publish() {
    var now = now();
    if (wishes.isMaintenanceOver(now)) {
      event("operator", "", "maintenance ended", "its time is over");
      wishes.maintain(Optional.empty());
    }
    var made = reporter.report(facts(), published.report, now);
    var report = made.report();
    published = Snapshot.of(report);
    group.tell(report, settled(), hands.backoffs()::attempts, now);
    made.turns().forEach(t -> turned(t, now));
    for (var s : report.services()) {
      if (s.isUp()) {
        hands.backoffs().well(s.name(), s.since(), now);
      }
    }
    judge(report, now);
    pledges.removeIf(p -> p.check(report));
    forgetDoneRestarts(report);
  }

  /// The revision to be elected for: a new one may name another Redis, by mistake.
  private Optional<Revision> settled() {
    return rollout.isProven() || !rollout.hasGood() ? inputs.inForce() : rollout.good();
  }

  private LoopFacts facts() {
    return new LoopFacts(
        eyes,
        hands,
        rollout,
        history,
        inputs,
        intents(),
        plan,
        stack(),
        looker.host(),
        wishes.maintenance(),
        course.report(rollout.hopeless()),
        group);
  }

  private void turned(Reporter.Turn turn, Instant now) {
    if (turn.to() != ServiceReport.State.STARTING) {
      LOG.info("{}: {} ({})", turn.service(), word(turn.to()), turn.reason());
    }
    event("state", turn.service(), word(turn.from()) + " → " + word(turn.to()), turn.reason());
    if (turn.to() == ServiceReport.State.DOWN) {
      failure(turn.service(), turn.reason(), now);
    }
  }

  private void judge(HealthReport report, Instant now) {
    var stack = stack();
    if (eyes.observed().isEmpty()
        || eyes.isBlind()
        || inputs.inForce().isEmpty()
        || course.isDraining()) {
      return;
    }
    var attempts = new HashMap<String, Integer>();
    stack.services().keySet().forEach(s -> attempts.put(s, hands.backoffs().attempts(s)));
    var outage =
        Optional.of("the remote Redis is out")
            .filter(o -> group.isRedisOut() && rollout.keepsRedis());
    // An empty plan of the revision before says nothing about this one.
    var converged = planned && nothingRequiredIsLeft() && hands.isIdle() && looker.isSettled();
    switch (rollout.judge(report.services(), converged, hands.pulls(), outage, attempts, now)) {
      case Rollout.Verdict.Undecided _ -> {}
      case Rollout.Verdict.Proven(var revision) -> {
        event("revision", "", revision + " is healthy", "rollout ended");
        LOG.info("{} is healthy", revision);
        inputs.keep(revision);
      }
      case Rollout.Verdict.Failed(var revision, var why, var backTo) -> {
        var what =
            backTo
                .map(b -> revision + " failed, going back to " + b)
                .orElse(revision + " is not healthy, and there is none to go back to");
        LOG.error("{}: {}", what, why);
        event("revision", "", what, why);
        backTo.ifPresent(b -> {
          inputs.persist(() -> memory.keepRejected(rollout.rejected()));
          adopt(b);
        });
      }
    }
  }

  /// A service that does not count for readiness does not hold a revision back either.
  private boolean nothingRequiredIsLeft() {
    var services = stack().services();
    return Stream.concat(
            plan.steps().stream().map(s -> s.action().subject()),
            plan.waits().stream().map(Plan.Wait::service))
        .allMatch(subject -> services.containsKey(subject) && services.get(subject).optional());
  }

  private void notice(Observation observation) {
    var blind = observation instanceof Observation.Unavailable;
    if (blind != eyes.isBlind()) {
      if (observation instanceof Observation.Unavailable(_, var reason)) {
        LOG.error("the engine cannot be read: {}", reason);
        event("engine", "", "the engine cannot be read", reason);
      } else {
        LOG.info("the engine can be read again");
        event("engine", "", "the engine can be read again", "");
      }
    }
  }

  private void failed(Message.Acted acted, Instant now) {
    acted
        .outcome()
        .whyFailed()
        .filter(f -> f.kind() != Failure.Kind.CONFLICT)
        .filter(f -> f.kind() != Failure.Kind.NOT_FOUND)
        .filter(f -> stack().services().containsKey(acted.step().action().subject()))
        .ifPresent(f -> {
          history.failed(acted.step().action().subject(), f.message(), now);
          if (f.kind() == Failure.Kind.INVALID) {
            rollout.refused(acted.step().action().subject(), f.message());
          }
        });
  }

  private void failure(String service, String what, Instant now) {
    history.failed(service, what, now);
    eyes.observed().stream()
        .flatMap(o -> o.containers().stream())
        .filter(c -> c.service().equals(service))
        .findFirst()
        .ifPresent(c ->
            Thread.ofVirtual()
                .name("logs " + service)
                .start(() -> {
                  if (parts.engine().lastLogLines(c.id(), 10)
                      instanceof Outcome.Done<List<String>>(var lines)) {
                    mailbox.add(new Message.LogsRead(service, now, lines));
                  }
                }));
  }

  private void forgetDoneRestarts(HealthReport report) {
    if (wishes.intents().restarts().isEmpty()) {
      return;
    }
    var busy = new HashSet<>(hands.busySince(eyes.sequence()));
    plan.steps().forEach(s -> busy.add(s.action().subject()));
    plan.waits().forEach(w -> busy.add(w.service()));
    var up =
        report.services().stream()
            .filter(ServiceReport::isUp)
            .map(ServiceReport::name)
            .collect(Collectors.toSet());
    wishes.forgetRestarts(s -> up.contains(s) && !busy.contains(s));
  }

  /// This node's part in the election of the group's poller.
  public PollerDuty poller() {
    return group.duty();
  }

  // ---- for the desk, on the loop's thread

  /// What is to be done beside the revision.
  private Intents intents() {
    return course.intents(wishes.intents(), stack());
  }

  /// Enough is known of the stack to say what runs of it.
  boolean hasSeenStack() {
    return eyes.observed().isPresent() && (inputs.inForce().isPresent() || inputs.readings() > 0);
  }

  /// Enough is known, and the engine answers: services can be stopped.
  boolean canStop() {
    return hasSeenStack() && !eyes.isBlind();
  }

  Optional<String> address(String service) {
    return eyes.address(stack(), service);
  }

  /// Empty: not known. Whatever of the revision runs or is about to counts.
  Optional<Boolean> isAllStopped() {
    if (!hasSeenStack() || eyes.isBlind()) {
      return Optional.empty();
    }
    return Optional.of(!hands.isActingOn(stack().services().keySet()) && active().isEmpty());
  }

  private List<Observation.Container> active() {
    return eyes.observed().stream()
        .flatMap(o -> o.containers().stream())
        .filter(c -> stack().services().containsKey(c.service()))
        .filter(c -> ACTIVE.contains(c.state()))
        .toList();
  }

  /// Past every plan and every grace period: for when there is no time left.
  Optional<Boolean> killAll() {
    for (var c : active()) {
      Thread.ofVirtual()
          .name("kill " + c.name())
          .start(() ->
              parts
                  .engine()
                  .execute(
                      new Action.StopContainer(
                          c.service(), c.name(), c.id(), Duration.ZERO, List.of()),
                      line -> {}));
    }
    return Optional.of(true);
  }

  Course course() {
    return course;
  }

  Wishes wishes() {
    return wishes;
  }

  void pledge(Pledge pledge) {
    pledges.add(pledge);
  }

  void forgetBackoff(String service) {
    hands.backoffs().forget(service);
  }

  void pullAgain() {
    hands.pullAgain();
    rollout.tryAnew();
  }

  Inputs inputs() {
    return inputs;
  }

  Rollout rollout() {
    return rollout;
  }

  void event(String kind, String subject, String what, String why) {
    parts.events().append(new AgentEvent(now(), kind, subject, what, why, null));
  }

  Stack stack() {
    return inputs
        .inForce()
        .map(Revision::stack)
        .orElseGet(() -> Stack.none(parts.settings().project()));
  }

  Instant now() {
    return parts.clock().instant();
  }

  private static boolean isRepair(Plan.Step step) {
    return switch (step.action()) {
      case Action.RestartContainer _ -> true;
      case Action.StartContainer _ -> !step.cause().equals("it was never started");
      default -> false;
    };
  }

  private static String word(ServiceReport.State state) {
    return state.name().toLowerCase(java.util.Locale.ROOT);
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
    inputs.close();
    prober.close();
    group.close();
    Handover.giveBack(parts.engine(), stack(), eyes.observed(), intents());
  }
}
