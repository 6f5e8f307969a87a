package io.armory.agent.app;

import io.armory.agent.adapter.aws.GroupLifecycle;
import io.armory.agent.adapter.files.NodeHost;
import io.armory.agent.adapter.probe.SpinnakerWork;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import io.armory.agent.reconcile.election.PollerDuty;
import io.armory.agent.reconcile.lifecycle.DrainController;
import io.armory.agent.reconcile.lifecycle.LifecyclePoller;
import io.armory.agent.reconcile.lifecycle.LifecycleSettings;
import io.armory.agent.reconcile.lifecycle.WorkloadWatch;
import io.armory.agent.sources.NodeSources;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Wires the node's way into service and out of it: the drain, and on AWS the watch over what the
/// group and EC2 have in mind.
final class NodeLifecycle implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(5);

  /// It only reads what is known, but for a new container.
  private static final Duration WORK_EVERY = Duration.ofSeconds(15);

  private final DrainController drainer;
  private final WorkloadWatch work;
  private final @Nullable GroupLifecycle group;
  private final @Nullable LifecyclePoller watch;

  NodeLifecycle(
      ReconcilerDriver loop,
      ReconcilerPorts parts,
      NodeSources sources,
      AgentConfig config,
      PollerDuty poller) {
    var workload = new SpinnakerWork();
    drainer = new DrainController(loop, parts, poller, workload, config.drain().loadBalancer());
    work = new WorkloadWatch(loop, parts, workload, WORK_EVERY);
    group = sources.aws().map(GroupLifecycle::new).orElse(null);
    watch =
        Optional.ofNullable(group)
            .map(g -> new LifecyclePoller(loop, parts, drainer, g, settings(config)))
            .orElse(null);
  }

  private static LifecycleSettings settings(AgentConfig config) {
    return new LifecycleSettings(
        EVERY,
        config.drain().timeout(),
        config.drain().onRebalance(),
        config.health().asg().report(),
        config.health().asg().grace(),
        NodeHost::booted);
  }

  DrainController drainer() {
    return drainer;
  }

  void start() {
    drainer.start();
    work.start();
    if (watch != null) {
      watch.start();
    }
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
    work.close();
    drainer.close();
    if (group != null) {
      group.close();
    }
  }
}
