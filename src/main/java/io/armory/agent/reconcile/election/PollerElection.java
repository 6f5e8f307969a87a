package io.armory.agent.reconcile.election;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.Lease;
import io.armory.agent.port.PollerGate;
import io.armory.agent.port.SharedRedis;
import io.armory.agent.port.Supervised;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.election.Election.Call;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the [Election] on a thread of its own, so that a Redis that answers slowly holds nobody up,
/// and keeps the pollers' gate open exactly as long as the lease lasts. The loop reads how it
/// stands, and says what its containers do.
public final class PollerElection implements PollerDuty, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.election");

  private final SharedRedis redis;
  private final PollerGate gate;
  private final LeaseTimes times;
  private final InstantSource clock;
  private final Threads threads;
  private final Runnable wake;
  private @Nullable Thread thread;

  private final Candidacy candidacy = new Candidacy();
  private final Semaphore news;

  // The thread's own.
  private @Nullable Place place;
  private @Nullable Lease lease;
  private @Nullable Election election;
  private final PollerGateKeeper heldGate;
  private boolean held;

  private final Duration began;
  private volatile ElectionStatus standing;
  private volatile boolean ending;

  /// Where a group elects.
  ///
  /// @param group of the nodes that elect one poller between them
  /// @param node what this node is called, for people
  public record Place(RemoteRedis redis, String group, String node) {
    boolean isSameAs(@Nullable Place other) {
      return other != null && group.equals(other.group) && redis.isSameAs(other.redis);
    }
  }

  /// @param wake called when it stands otherwise than before
  public PollerElection(
      SharedRedis redis,
      PollerGate gate,
      LeaseTimes times,
      InstantSource clock,
      Threads threads,
      Runnable wake) {
    this.redis = redis;
    this.gate = gate;
    this.times = times;
    this.clock = clock;
    this.threads = threads;
    this.news = threads.semaphore(0);
    this.wake = wake;
    this.heldGate = new PollerGateKeeper(gate, times);
    this.began = gate.uptime();
    this.standing = nothing("it was not looked at yet");
  }

  private ElectionStatus nothing(String why) {
    return new ElectionStatus(Optional.empty(), false, false, false, Duration.ZERO, times, why);
  }

  public void start() {
    thread =
        threads.startPlatform("election", new Supervised(threads, LOG, "the election", this::turn));
  }

  /// Whether pollers may be started, and those that run may go on.
  public boolean holds() {
    return standing.holds(gate.uptime());
  }

  public ElectionStatus standing() {
    return standing;
  }

  /// Nothing was heard of the lease yet, and this node may hold it from before the agent started:
  /// pollers that run are left alone. If they should not, they end by themselves.
  public boolean isUndecided() {
    return !standing.isHeard() && gate.uptime().minus(began).compareTo(times.ttl()) < 0;
  }

  public Duration uptime() {
    return gate.uptime();
  }

  /// What the loop knows, once a second.
  ///
  /// @param where empty: there is nothing to be elected for
  /// @param able this node could run pollers if it were elected
  /// @param quiet when it was looked at that no poller runs here; `null`: one may
  public void hear(Optional<Place> where, boolean able, @Nullable Duration quiet) {
    if (where.isPresent() || candidacy.wanted() != null) {
      candidacy.hear(where, able, quiet, gate.uptime());
      news.release();
    }
  }

  @Override
  public CompletableFuture<Outcome<String>> resign() {
    var done = candidacy.resign();
    news.release();
    return done;
  }

  @Override
  public void resume() {
    candidacy.resume();
    news.release();
  }

  private boolean turn() throws InterruptedException {
    if (ending) {
      return false;
    }
    var wish = candidacy.wish(place, gate.uptime(), times.giveUp());
    settleIn();
    var running = election;
    var asked = lease;
    if (running == null || asked == null) {
      endResignations();
      // Whoever has news releases it; only a gate that failed is asked again soon.
      var _ = news.tryAcquire(candidacy.wanted() == null ? 30 : 1, TimeUnit.SECONDS);
      news.drainPermits();
      return true;
    }
    var call = running.due(wish, gate.uptime());
    publish(running.standing());
    if (call.isEmpty()) {
      endResignations();
      Threads.await(news, running.nextAt(gate.uptime()).minus(gate.uptime()));
      return true;
    }
    perform(running, asked, call.get());
    publish(running.standing());
    return true;
  }

  /// Moves to where the loop wants it, once it holds nothing where it is.
  private void settleIn() {
    var to = candidacy.wanted();
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
  private void publish(ElectionStatus next) {
    var now = gate.uptime();
    heldGate.follow(next, now);
    standing = next;
    if (held != next.holds(now)) {
      held = next.holds(now);
      say(next, now);
      wake.run();
    }
  }

  private static void say(ElectionStatus next, Duration now) {
    if (next.holds(now)) {
      LOG.info(
          "this node was elected to poll, token {}",
          next.grant().map(Lease.Grant::token).orElse(0L));
    } else {
      LOG.warn(
          "this node gives up polling{}", next.problem().isEmpty() ? "" : ": " + next.problem());
    }
  }

  private void endResignations() {
    if (!standing.mine()) {
      candidacy.isNotMine();
    }
  }

  /// Gives nothing back: an agent that comes back in time goes on as the holder, and one that does
  /// not has pollers that end by themselves.
  @Override
  public void close() {
    ending = true;
    Threads.interrupt(thread);
    var open = lease;
    if (open != null) {
      open.close();
    }
  }
}
