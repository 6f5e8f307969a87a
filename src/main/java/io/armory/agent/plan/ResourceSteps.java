package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Networking.Attachment;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.ObservedNetwork;
import io.armory.agent.domain.stack.Observation.ObservedVolume;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Volume;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Networks and volumes: made when missing, reported when they drift. A network is made anew for a
/// changed definition; a volume never is.
final class ResourceSteps {
  private final ObservedSlots view;
  private final PlanBuilder draft;
  private final Set<String> missingNetworks = new HashSet<>();
  private final Set<String> foreignNetworks = new HashSet<>();
  private final Set<String> keptNetworks = new HashSet<>();
  private final Set<String> missingVolumes = new HashSet<>();
  private final Map<String, String> unknownReasons = new HashMap<>();

  ResourceSteps(ObservedSlots view, PlanBuilder draft) {
    this.view = view;
    this.draft = draft;
  }

  void plan() {
    new TreeMap<>(view.situation.desired().networks()).values().forEach(this::network);
    new TreeMap<>(view.situation.desired().volumes()).values().forEach(this::volume);
  }

  /// What a service's container cannot be created without yet; empty: all is there.
  Optional<String> missingFor(Service service) {
    var networks =
        service.container().networking().attachments().stream()
            .map(Attachment::network)
            .filter(missingNetworks::contains)
            .map(n -> waitsFor("network " + n))
            .findFirst();
    return networks.or(() ->
        service.container().storage().mounts().stream()
            .filter(io.armory.agent.domain.stack.Storage.VolumeMount.class::isInstance)
            .map(m -> ((io.armory.agent.domain.stack.Storage.VolumeMount) m).volume())
            .filter(v -> v != null && missingVolumes.contains(v))
            .map(v -> waitsFor("volume " + v))
            .findFirst());
  }

  /// With why it could not be made, where it could not: the service's own line is what people read.
  private String waitsFor(String subject) {
    return view.situation
        .delay(subject)
        .map(PlanInput.Delay::why)
        .or(() -> Optional.ofNullable(unknownReasons.get(subject)))
        .map(why -> "waits for " + subject + ": " + why)
        .orElse("waits for " + subject);
  }

  /// The network a container can be put onto; empty: it is still to come, or not ours to use.
  Optional<ObservedNetwork> usable(String key) {
    return missingNetworks.contains(key)
        ? Optional.empty()
        : Optional.ofNullable(view.situation.desired().networks().get(key)).flatMap(this::observed);
  }

  /// A container that is on it stays there: another owner's network has the name, or the network
  /// cannot be read, or not yet be replaced.
  boolean isLeftAlone(String key) {
    return foreignNetworks.contains(key) || keptNetworks.contains(key);
  }

  private void network(Network network) {
    var subject = "network " + network.key();
    var found = observed(network);
    if (isUnknown(Thing.NETWORK, network.name(), subject)) {
      missingNetworks.add(network.key());
      keptNetworks.add(network.key());
    } else if (found.isEmpty()) {
      missingNetworks.add(network.key());
      if (network.external()) {
        draft.waitFor(
            subject,
            "external network %s does not exist; create it with: docker network create %s"
                .formatted(network.name(), network.name()));
      } else {
        draft.step(
            new Action.CreateNetwork(view.situation.desired().project(), network),
            "it does not exist");
      }
    } else if (!network.external()) {
      existing(network, subject, found.get());
    }
  }

  private void existing(Network network, String subject, ObservedNetwork found) {
    var project = view.situation.desired().project();
    if (found.project().filter(project::equals).isEmpty()) {
      missingNetworks.add(network.key());
      foreignNetworks.add(network.key());
      draft.waitFor(
          subject,
          "network %s exists but is not of project %s; remove it, or declare it external"
              .formatted(found.name(), project));
    } else if (found
        .definitionHash()
        .filter(h -> !h.equals(network.definitionHash()))
        .isPresent()) {
      if (found.others().isEmpty()) {
        missingNetworks.add(network.key());
        replace(network, subject, found);
      } else {
        draft.notice(
            subject,
            "its definition changed, but container %s of another owner is on it, so it is kept as it is; take that off with: docker network disconnect %s %s"
                .formatted(found.others().getFirst(), found.name(), found.others().getFirst()));
      }
    }
  }

  /// The containers stay and keep running: they are taken off the old network, and the repair of
  /// missing connections puts them onto the new one. All leave at once or none does, and no crash's
  /// backoff delays one of them: meanwhile nothing on it can talk.
  private void replace(Network network, String subject, ObservedNetwork found) {
    var connected =
        view.situation.observed().containers().stream()
            .filter(c -> isOn(c, found))
            .filter(c -> c.state() != State.REMOVING && c.state() != State.DEAD)
            .sorted(Comparator.comparing(Container::name))
            .toList();
    if (!view.situation.isTried(network)) {
      // What is on the old one stays, and is mended, for as long as that takes.
      keptNetworks.add(network.key());
      draft.step(
          new Action.TryNetwork(view.situation.desired().project(), network, found.id()),
          "its definition changed: the new one is tried before the old one goes");
      return;
    }
    var busy =
        connected.stream()
            .map(Container::service)
            .filter(s -> view.situation.busy().contains(s))
            .findFirst();
    var unknown = connected.stream().filter(view::isUnknown).findFirst();
    if (connected.isEmpty()) {
      draft.step(
          new Action.RemoveNetwork(network.key(), found.name(), found.id()),
          "its definition changed");
    } else if (unknown.isPresent()) {
      draft.waitFor(
          subject, "to be made anew; container %s cannot be read".formatted(unknown.get().name()));
    } else if (busy.isPresent()) {
      draft.waitFor(subject, "to be made anew; an action is under way for " + busy.get());
    } else {
      for (Container c : connected) {
        draft.stepNow(
            new Action.DisconnectNetwork(c.service(), c.name(), c.id(), found.name(), found.id()),
            "the definition of network " + network.key() + " changed");
      }
      draft.waitFor(subject, "waits for its containers to leave it");
    }
  }

  /// Some engines give the network's name for its ID, or none before the start.
  private static boolean isOn(Container c, ObservedNetwork network) {
    var end = c.networks().get(network.name());
    return end != null
        && (end.networkId().isEmpty()
            || end.networkId().equals(network.id())
            || end.networkId().equals(network.name()));
  }

  private void volume(Volume volume) {
    var subject = "volume " + volume.key();
    var found = observed(volume);
    if (isUnknown(Thing.VOLUME, volume.name(), subject)) {
      missingVolumes.add(volume.key());
    } else if (found.isEmpty()) {
      missingVolumes.add(volume.key());
      if (volume.external()) {
        draft.waitFor(
            subject,
            "external volume %s does not exist; create it with: docker volume create %s"
                .formatted(volume.name(), volume.name()));
      } else {
        draft.step(
            new Action.CreateVolume(view.situation.desired().project(), volume),
            "it does not exist");
      }
    } else if (!volume.external()) {
      found.get().definitionHash().stream()
          .filter(h -> !h.equals(volume.definitionHash()))
          .forEach(h ->
              draft.notice(
                  subject,
                  "its definition changed, but volume %s is kept as it is: it holds data"
                      .formatted(volume.name())));
    }
  }

  private boolean isUnknown(Thing thing, String name, String subject) {
    var unknown = view.situation.observed().unknown(thing, name);
    unknown.ifPresent(u -> unknownReasons.put(subject, u.describe()));
    return unknown.isPresent();
  }

  /// Of several that have its name, the one that is ours by its labels.
  private Optional<ObservedNetwork> observed(Network network) {
    var project = Optional.of(view.situation.desired().project());
    var key = Optional.of(network.key());
    var hash = Optional.of(network.definitionHash());
    return view.situation.observed().networks().stream()
        .filter(n -> n.name().equals(network.name()))
        .min(
            Comparator.comparing((ObservedNetwork n) -> !n.project().equals(project))
                .thenComparing(n -> !n.key().equals(key))
                .thenComparing(n -> !n.definitionHash().equals(hash))
                .thenComparing(ObservedNetwork::id));
  }

  private Optional<ObservedVolume> observed(Volume volume) {
    return view.situation.observed().volumes().stream()
        .filter(v -> v.name().equals(volume.name()))
        .findFirst();
  }
}
