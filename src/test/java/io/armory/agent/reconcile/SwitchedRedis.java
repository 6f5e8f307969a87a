package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Lease;
import io.armory.agent.port.PollerGate;
import io.armory.agent.port.SharedRedis;
import io.armory.agent.port.TurnStore;
import io.armory.agent.reconcile.shared.ClusterPorts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A shared Redis that goes and comes as a test says, on a node alone: nobody is elected, and there
/// are no turns. One at the host `nowhere` never answers.
final class SwitchedRedis implements SharedRedis, PollerGate {
  volatile boolean isAway;

  ClusterPorts ports() {
    return new ClusterPorts(this, this, Optional.empty(), Optional.empty());
  }

  static Revision using(RemoteRedis redis, Revision r) {
    return new Revision(
        r.id(),
        r.role(),
        r.stack(),
        r.files(),
        r.composeYaml(),
        r.resolvedEnv(),
        r.warnings(),
        Optional.of(redis),
        Map.of());
  }

  @Override
  public Outcome<RedisAnswer> ask(RemoteRedis redis) {
    return isAway || redis.host().equals("nowhere")
        ? Outcome.failed(Failure.Kind.UNREACHABLE, redis.address() + " does not answer")
        : Outcome.done(new RedisAnswer(Duration.ofMillis(1), "7.0.15", List.of()));
  }

  @Override
  public TurnStore turns(RemoteRedis redis, String group) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Lease lease(RemoteRedis redis, String group) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Duration uptime() {
    return Duration.ZERO;
  }

  @Override
  public Outcome<String> open(Duration term, Duration dead) {
    return Outcome.done("");
  }

  @Override
  public Outcome<String> holder(String node) {
    return Outcome.done(node);
  }

  @Override
  public void close() {}
}
