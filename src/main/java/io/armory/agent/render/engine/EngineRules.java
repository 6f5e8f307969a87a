package io.armory.agent.render.engine;

import io.armory.agent.domain.EngineAbilities;
import io.armory.agent.domain.stack.Stack;
import java.util.ArrayList;
import java.util.List;

/// Walks all settings of a stack.
public final class EngineRules {
  private EngineRules() {}

  /// In the order of services, then of networks and volumes.
  public static List<Fault> faults(Stack stack, EngineAbilities engine) {
    var all = new ArrayList<Fault>();
    for (var service : stack.services().values()) {
      var faults = new Faults("services", service.name(), engine, all);
      var container = service.container();
      CommandRules.check(container, faults);
      CapabilityRules.check(container.security(), faults);
      NamespaceRules.check(container, faults);
      LimitRules.check(container.resources(), faults);
      DeviceRules.check(container.resources(), faults);
      LoggingRules.check(container.logging(), faults);
      NetworkingRules.check(container.networking(), faults);
      MountRules.check(container.storage(), faults);
    }
    for (var network : stack.networks().values()) {
      ResourceRules.check(network, new Faults("networks", network.key(), engine, all));
    }
    for (var volume : stack.volumes().values()) {
      ResourceRules.check(volume, new Faults("volumes", volume.key(), engine, all));
    }
    return all;
  }
}
