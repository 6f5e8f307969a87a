package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import io.armory.agent.domain.stack.Networking.Attachment;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.ObservedNetwork;
import io.armory.agent.domain.stack.Service;

/// What the right container needs whether it runs or not. Each says whether it planned something.
record CommonSteps(ObservedSlots view, PlanBuilder draft, ResourceSteps resources) {
  /// There is one restarter: before the first start already, or a container that crashes at once
  /// would be the engine's for good.
  boolean takeOver(Service service, Container c) {
    if (c.restartPolicy().equals(RestartPolicy.NO.name()) || c.restartPolicy().isEmpty()) {
      return false;
    }
    draft.stepNow(
        new Action.SetRestartPolicy(service.name(), c.name(), c.id(), RestartPolicy.NO),
        "the agent restarts it, not the engine");
    return true;
  }

  boolean rename(Slot slot, Container c) {
    var canonical = view.canonicalName(slot.service(), slot.number());
    if (c.name().equals(canonical) || !view.isNameFree(canonical)) {
      return false;
    }
    draft.stepNow(
        new Action.RenameContainer(slot.service().name(), c.name(), c.id(), canonical),
        "its predecessor is gone");
    return true;
  }

  /// Puts it onto the networks it should be on and is not. One that does not run is not started
  /// before: the engine refuses one whose network was made anew, and starts one without any.
  boolean connect(Service service, Container c) {
    for (var attachment : service.container().networking().attachments()) {
      if (connect(service, c, attachment)) {
        return true;
      }
    }
    return false;
  }

  private boolean connect(Service service, Container c, Attachment attachment) {
    var network = view.situation.desired().networks().get(attachment.network());
    if (network == null) {
      return false;
    }
    var end = c.networks().get(network.name());
    var there = resources.usable(network.key());
    if (there.isEmpty()) {
      var stays = end != null && resources.isLeftAlone(network.key());
      if (c.running() || stays) {
        return false;
      }
      draft.waitFor(service.name(), "waits for network " + network.key());
      return true;
    }
    if (end == null) {
      draft.stepNow(
          new Action.ConnectNetwork(
              service, c.number(), c.name(), c.id(), network.name(), there.get().id(), attachment),
          "it is not connected to it");
      return true;
    }
    var isThere = isThere(end.networkId());
    if (isAnother(end.networkId(), there.get()) && (!c.running() || isThere)) {
      // A network that is gone is known by no ID any more. The engine looks for the end by the
      // name of the network that it is told, which the new one has, too.
      var from = isThere ? end.networkId() : there.get().id();
      draft.stepNow(
          new Action.DisconnectNetwork(service.name(), c.name(), c.id(), network.name(), from),
          isThere
              ? "it is on another network of that name"
              : "network " + network.key() + " was made anew");
      return true;
    }
    return false;
  }

  private boolean isThere(String networkId) {
    return view.situation.observed().networks().stream().anyMatch(n -> n.id().equals(networkId));
  }

  /// Some engines give the network's name for its ID.
  private static boolean isAnother(String id, ObservedNetwork there) {
    return !id.isEmpty() && !id.equals(there.id()) && !id.equals(there.name());
  }
}
