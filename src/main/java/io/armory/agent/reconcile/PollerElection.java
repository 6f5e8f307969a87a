package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.Lease;
import io.armory.agent.port.PollerGate;
import io.armory.agent.port.SharedRedis;
import io.armory.agent.reconcile.Election.Call;
import io.armory.agent.reconcile.Election.Standing;
import io.armory.agent.reconcile.Election.Wish;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the [Election] on a thread of its own, so that a Redis that answers slowly holds nobody up,
/// and keeps the pollers' gate open exactly as long as the lease lasts. The loop reads how it
/// stands, and says what its containers do.
final class PollerElection implements PollerDuty, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.election");

  private final SharedRedis redis;
  private final PollerGate gate;
  private final LeaseTimes times;
  private final InstantSource clock;
  private final Runnable wake;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Semaphore news = new Semaphore(0);
  private @Nullable Place wanted;
  private boolean fit;
  private boolean resigned;
  private @Nullable Duration quietSince;
  private Duration heard = Duration.ZERO;
  private final List<CompletableFuture<Outcome<String>>> resignations = new ArrayList<>();

  // The thread's own.
  private @Nullable Place place;
  private @Nullable Lease lease;
  private @Nullable Election election;
  private boolean gateOpen;
  private boolean held;
  private Duration gateFrom = Duration.ZERO;

  private final Duration began;
  private volatile Standing standing;
  private volatile boolean ending;

  /// Where a group elects.
  ///
  /// @param group of the nodes that elect one poller between them
  /// @param node what this node is called, for people
  record Place(RemoteRedis redis, String group, String node) {
    boolean isSameAs(@Nullable Place other) {
      return other != null && group.equals(other.group) && redis.isSameAs(other.redis);
    }
  }

  /// @param wake called when it stands otherwise than before
  PollerElection(
      SharedRedis redis, PollerGate gate, LeaseTimes times, InstantSource clock, Runnable wake) {
    this.redis = redis;
    this.gate = gate;
    this.times = times;
    this.clock = clock;
    this.wake = wake;
    this.began = gate.uptime();
    this.standing = nothing("it was not looked at yet");
    this.thread = Thread.ofPlatform().name("election").daemon().unstarted(this::run);
  }

  private Standing nothing(String why) {
    return new Standing(Optional.empty(), false, false, false, Duration.ZERO, times, why);
  }

  void start() {
    thread.start();
  }

  /// Whether pollers may be started, and those that run may go on.
  boolean holds() {
    return standing.holds(gate.uptime());
  }

  Standing standing() {
    return standing;
  }

  /// Nothing was heard of the lease yet, and this node may hold it from before the agent started:
  /// pollers that run are left alone. If they should not, they end by themselves.
  boolean isUndecided() {
    return !standing.isHeard() && gate.uptime().minus(began).compareTo(times.ttl()) < 0;
  }

  Duration uptime() {
    return gate.uptime();
  }

  /// What the loop knows, once a second.
  ///
  /// @param where empty: there is nothing to be elected for
  /// @param able this node could run pollers if it were elected
  /// @param quiet when it was looked at that no poller runs here; `null`: one may
  void hear(Optional<Place> where, boolean able, @Nullable Duration quiet) {
    lock.lock();
    try {
      wanted = where.orElse(null);
      fit = able;
      quietSince = quiet;
      heard = gate.uptime();
    } finally {
      lock.unlock();
    }
    news.release();
  }

  @Override
  public CompletableFuture<Outcome<String>> resign() {
    var done = new CompletableFuture<Outcome<String>>();
    lock.lock();
    try {
      resigned = true;
      resignations.add(done);
    } finally {
      lock.unlock();
    }
    news.release();
    return done;
  }

  @Override
  public void resume() {
    List<CompletableFuture<Outcome<String>>> undone;
    lock.lock();
    try {
      resigned = false;
      undone = List.copyOf(resignations);
      resignations.clear();
    } finally {
      lock.unlock();
    }
    var why = new Failure(Failure.Kind.CONFLICT, "the node went back into service meanwhile");
    undone.forEach(f -> f.complete(Outcome.failed(why)));
    news.release();
  }

  private void run() {
    while (!ending) {
      try {
        turn();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("the election met a bug and goes on", e);
        pause(Duration.ofSeconds(1));
      }
    }
  }

  private void turn() throws InterruptedException {
    var wish = wish();
    settleIn();
    var running = election;
    var asked = lease;
    if (running == null || asked == null) {
      endResignations(standing);
      await(Duration.ofSeconds(1));
      return;
    }
    var call = running.due(wish, gate.uptime());
    publish(running.standing());
    if (call.isEmpty()) {
      endResignations(standing);
      await(running.nextAt(gate.uptime()).minus(gate.uptime()));
      return;
    }
    perform(running, asked, call.get());
    publish(running.standing());
  }

  private Wish wish() {
    lock.lock();
    try {
      // A loop that says nothing cannot stop a poller.
      var isHeard = gate.uptime().minus(heard).compareTo(times.giveUp()) < 0;
      var stands = fit && !resigned && isHeard && wanted != null && isHere(wanted);
      return new Wish(stands, quietSince);
    } finally {
      lock.unlock();
    }
  }

  private boolean isHere(@Nullable Place other) {
    var here = place;
    return here == null || here.isSameAs(other);
  }

  /// Moves to where the loop wants it, once it holds nothing where it is.
  private void settleIn() {
    var to = wanted();
    var here = place;
    if ((here != null && here.isSameAs(to)) || standing.mine()) {
      return;
    }
    leave();
    if (to == null) {
      return;
    }
    switch (gate.holder(to.node())) {
      case Outcome.Failed<String>(var failure) -> standing = nothing(failure.message());
      case Outcome.Done<String>(var me) -> {
        place = to;
        election = new Election(me, times);
        lease = redis.lease(to.redis(), to.group());
      }
    }
  }

  private void leave() {
    var open = lease;
    if (open != null) {
      open.close();
      standing = nothing("it was not looked at yet");
    }
    place = null;
    lease = null;
    election = null;
  }

  private @Nullable Place wanted() {
    lock.lock();
    try {
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  private void perform(Election running, Lease asked, Call call) {
    var before = gate.uptime();
    switch (call) {
      case Call.Look _ -> {
        var state = asked.look();
        running.looked(before, gate.uptime(), state);
      }
      case Call.Acquire(var lastToken, var above) -> {
        var grant = asked.acquire(running.me(), times.ttl(), lastToken, above, clock.instant());
        running.acquired(before, gate.uptime(), grant);
      }
      case Call.Renew(var grant) -> {
        var renewal = asked.renew(grant, times.lastRenewal());
        running.renewed(before, gate.uptime(), renewal);
      }
      case Call.Release(var grant) -> running.released(gate.uptime(), asked.release(grant));
    }
  }

  /// The gate first: the pollers must not be started before it is open, and must not go on when the
  /// lease does not.
  private void publish(Standing next) {
    var now = gate.uptime();
    if (next.holds(now)) {
      if (!gateOpen || !gateFrom.equals(next.from())) {
        gateFrom = next.from();
        gateOpen = true;
        gate.open(next.from().plus(times.term()), next.from().plus(times.dead()))
            .whyFailed()
            .ifPresent(f -> LOG.error("the pollers cannot be run: {}", f.message()));
      }
    } else if (gateOpen) {
      gateOpen = false;
      var grace = times.dead().minus(times.term());
      var dead = min(now.plus(grace), next.mine() ? next.from().plus(times.dead()) : now);
      gate.open(now, dead)
          .whyFailed()
          .ifPresent(f -> LOG.error("the pollers end later: {}", f.message()));
    }
    standing = next;
    if (held != next.holds(now)) {
      held = next.holds(now);
      say(next, now);
      wake.run();
    }
  }

  private static void say(Standing next, Duration now) {
    if (next.holds(now)) {
      LOG.info(
          "this node was elected to poll, token {}",
          next.grant().map(Lease.Grant::token).orElse(0L));
    } else {
      LOG.warn(
          "this node gives up polling{}", next.problem().isEmpty() ? "" : ": " + next.problem());
    }
  }

  private void endResignations(Standing now) {
    List<CompletableFuture<Outcome<String>>> ended;
    lock.lock();
    try {
      if (resignations.isEmpty() || now.mine()) {
        return;
      }
      ended = List.copyOf(resignations);
      resignations.clear();
    } finally {
      lock.unlock();
    }
    ended.forEach(f -> f.complete(Outcome.done("this node does not poll")));
  }

  private void await(Duration time) throws InterruptedException {
    if (!time.isNegative() && !time.isZero()) {
      var _ = news.tryAcquire(Math.min(time.toMillis() + 1, 1000), TimeUnit.MILLISECONDS);
    }
    news.drainPermits();
  }

  private void pause(Duration time) {
    try {
      await(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /// Gives nothing back: an agent that comes back in time goes on as the holder, and one that does
  /// not has pollers that end by themselves.
  @Override
  public void close() {
    ending = true;
    thread.interrupt();
    var open = lease;
    if (open != null) {
      open.close();
    }
  }
}
