package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.FakeSharedRedis;
import io.armory.agent.reconcile.shared.ClusterPorts;
import java.util.Map;
import java.util.Optional;

/// A shared Redis that goes and comes as a test says, on a node alone: nobody is elected, and there
/// are no turns. One at the host `nowhere` never answers.
final class SwitchedRedis extends FakeSharedRedis {
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
        : super.ask(redis);
  }
}
