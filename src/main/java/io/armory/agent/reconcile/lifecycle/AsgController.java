package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.Lifecycle;
import io.armory.agent.port.Lifecycle.GroupHealth;
import io.armory.agent.port.Lifecycle.Membership;
import io.armory.agent.port.Lifecycle.Notices;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One talk with the Auto Scaling group after the other: where the instance stands in it, then what
/// its hooks, its standby and its health call for. On a thread that may wait for AWS.
final class AsgController {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.lifecycle");

  /// While the group moves the instance about; else its answer is good for longer.
  private static final Duration WHEN_MOVING = Duration.ofSeconds(15);

  private static final Duration WHEN_SETTLED = Duration.ofMinutes(5);

  private final ReconcilerDriver loop;
  private final ReconcilerPorts parts;
  private final Lifecycle lifecycle;
  private final LifecycleHooks hooks;
  private final AsgStandby standby;
  private final ReplacementRequest replacement;
  private volatile Optional<Membership> membership = Optional.empty();
  private volatile Optional<GroupHealth> health = Optional.empty();
  private Optional<String> target = Optional.empty();
  private Instant askAt = Instant.MIN;
  private int failures;

  AsgController(
      ReconcilerDriver loop,
      ReconcilerPorts parts,
      DrainController drainer,
      Lifecycle lifecycle,
      LifecycleSettings settings) {
    this.loop = loop;
    this.parts = parts;
    this.lifecycle = lifecycle;
    this.hooks = new LifecycleHooks(loop, parts, drainer, lifecycle);
    this.standby = new AsgStandby(loop, parts, lifecycle);
    this.replacement = new ReplacementRequest(loop, parts, lifecycle, settings);
  }

  /// @param notices empty: what EC2 announces could not be read
  void talk(NodeIdentity node, HealthReport report, Optional<Notices> notices) {
    // How long ago, whatever the node's clock says.
    var now = parts.steady().instant();
    notices
        .map(Notices::targetState)
        .filter(t -> !t.equals(target))
        .ifPresent(t -> {
          target = t;
          askAt = Instant.MIN;
        });
    if (!now.isBefore(askAt)) {
      ask(node, now);
    }
    var known = membership;
    if (known.isEmpty()) {
      return;
    }
    hooks.mind(node, known.get(), report, now);
    if (standby.mind(node, known.get(), report)) {
      askAt = now;
    }
    replacement.mind(node, known.get(), report, now);
  }

  Optional<String> state() {
    return membership.map(Membership::state);
  }

  /// Whether the group ends an instance because a load balancer calls it unhealthy; not known: no.
  boolean endsTheUnready() {
    return health.filter(GroupHealth::endsTheUnready).isPresent();
  }

  List<String> lines() {
    var all = new ArrayList<String>();
    if (endsTheUnready()) {
      all.add(
          "the Auto Scaling group believes its load balancers (health check type %s): where they"
                  .formatted(String.join(",", health.orElseThrow().types()))
              + " ask for /health/ready, a node that is not ready for a while is ended");
    }
    all.addAll(hooks.lines());
    all.addAll(replacement.lines());
    return all;
  }

  /// What was known stays so while the group cannot be asked.
  private void ask(NodeIdentity node, Instant now) {
    switch (lifecycle.membership(node)) {
      case Outcome.Done<Optional<Membership>>(var found) -> {
        failures = 0;
        if (!found.map(Membership::state).equals(state())) {
          var words = found.map(m -> m.state() + " in " + m.group()).orElse("in no group");
          LOG.info("the instance is {}", words);
          loop.ask(() -> loop.core().event("lifecycle", "", "the instance is " + words, ""));
        }
        membership = found;
        // What it believed stays known while it may not be asked for.
        if (found.isPresent()
            && lifecycle.health(node, found.get().group())
                instanceof Outcome.Done<GroupHealth>(var believed)) {
          health = Optional.of(believed);
        }
        askAt = now.plus(isMoving() ? WHEN_MOVING : WHEN_SETTLED);
      }
      case Outcome.Failed<Optional<Membership>>(var failure) -> {
        if (failures++ == 0) {
          LOG.warn("{}", failure.message());
        }
        askAt = now.plus(WHEN_MOVING.multipliedBy(Math.min(failures, 8)));
      }
    }
  }

  private boolean isMoving() {
    var wanted = target.orElse("");
    return membership.filter(m -> !m.state().equals(wanted)).isPresent();
  }
}
