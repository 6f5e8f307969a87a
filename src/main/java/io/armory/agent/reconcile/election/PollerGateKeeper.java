package io.armory.agent.reconcile.election;

import io.armory.agent.port.PollerGate;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the pollers' gate open exactly as long as the lease lasts. On the election's thread.
final class PollerGateKeeper {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.election");

  private final PollerGate gate;
  private final LeaseTimes times;
  private boolean open;
  private Duration from = Duration.ZERO;

  PollerGateKeeper(PollerGate gate, LeaseTimes times) {
    this.gate = gate;
    this.times = times;
  }

  void follow(ElectionStatus standing, Duration now) {
    if (standing.holds(now)) {
      if (!open || !from.equals(standing.from())) {
        from = standing.from();
        open = true;
        open(from.plus(times.term()), from.plus(times.dead()), "the pollers cannot be run");
      }
    } else if (open) {
      open = false;
      var grace = now.plus(times.dead().minus(times.term()));
      var end = standing.mine() ? standing.from().plus(times.dead()) : now;
      open(now, end.compareTo(grace) < 0 ? end : grace, "the pollers end later");
    }
  }

  private void open(Duration term, Duration dead, String otherwise) {
    gate.open(term, dead).whyFailed().ifPresent(f -> LOG.error("{}: {}", otherwise, f.message()));
  }
}
