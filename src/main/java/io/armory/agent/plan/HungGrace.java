package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage.Bind;
import io.armory.agent.domain.stack.Storage.FileMount;
import io.armory.agent.domain.stack.Storage.ImageMount;
import io.armory.agent.domain.stack.Storage.Mount;
import io.armory.agent.domain.stack.Storage.Tmpfs;
import io.armory.agent.domain.stack.Storage.VolumeMount;
import java.time.Duration;

/// How long a container has to end that is restarted since nothing is heard of it. One that hangs
/// rarely ends by itself, and its whole grace period would be added to the outage. Whoever may have
/// something to bring to an end keeps it: a store, one that writes to the node's disk, one with
/// commands to be run before its end, and one that was given more time than is usual.
final class HungGrace {
  static final Duration SHORT = Duration.ofSeconds(3);

  /// Of a service without long work.
  private static final Duration USUAL = Duration.ofSeconds(30);

  private HungGrace() {}

  static Action.RestartContainer restart(Service service, Container c) {
    var own = Action.RestartContainer.of(service, c);
    return hasSomethingToEnd(service) || own.grace().compareTo(SHORT) <= 0
        ? own
        : new Action.RestartContainer(own.service(), own.name(), own.id(), SHORT, own.preStop());
  }

  private static boolean hasSomethingToEnd(Service service) {
    return service.stopGracePeriod().compareTo(USUAL) > 0
        || !service.preStop().isEmpty()
        || !service.container().storage().volumesFrom().isEmpty()
        || service.container().storage().mounts().stream().anyMatch(HungGrace::isWritten)
        || service.probe().map(ProbeSpec::check).filter(ProbeSpec.Check::isStore).isPresent();
  }

  private static boolean isWritten(Mount mount) {
    return switch (mount) {
      case Bind bind -> !bind.readOnly();
      case VolumeMount volume -> !volume.readOnly();
      case Tmpfs _ -> false;
      case FileMount _, ImageMount _ -> false;
    };
  }
}
