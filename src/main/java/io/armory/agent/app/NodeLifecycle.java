package io.armory.agent.app;

import io.armory.agent.adapter.aws.GroupLifecycle;
import io.armory.agent.adapter.probe.SpinnakerWork;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.reconcile.Drainer;
import io.armory.agent.reconcile.LifecycleSettings;
import io.armory.agent.reconcile.LifecycleWatch;
import io.armory.agent.reconcile.Loop;
import io.armory.agent.reconcile.LoopParts;
import io.armory.agent.reconcile.PollerDuty;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Wires the node's way into service and out of it: the drain, and on AWS the watch over what the
/// group and EC2 have in mind.
final class NodeLifecycle implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(5);

  private final Drainer drainer;
  private final @Nullable GroupLifecycle group;
  private final @Nullable LifecycleWatch watch;

  NodeLifecycle(
      Loop loop, LoopParts parts, NodeSources sources, AgentConfig config, PollerDuty poller) {
    drainer = new Drainer(loop, parts, poller, new SpinnakerWork(), config.drain().loadBalancer());
    group = sources.aws().map(GroupLifecycle::new).orElse(null);
    watch =
        Optional.ofNullable(group)
            .map(g -> new LifecycleWatch(loop, parts, drainer, g, settings(config)))
            .orElse(null);
  }

  private static LifecycleSettings settings(AgentConfig config) {
    return new LifecycleSettings(
        EVERY,
        config.drain().timeout(),
        config.drain().onRebalance(),
        config.health().asg().report(),
        config.health().asg().grace());
  }

  Drainer drainer() {
    return drainer;
  }

  void start() {
    drainer.start();
    if (watch != null) {
      watch.start();
    }
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
    drainer.close();
    if (group != null) {
      group.close();
    }
  }
}
