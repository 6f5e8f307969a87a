package io.armory.agent.plan;

import io.armory.agent.domain.Death;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Networking.Attachment;
import io.armory.agent.domain.stack.Networking.Mode;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// `order: start-first`: a successor starts beside the one that serves, without the names by which
/// its peers find the service. It takes them over when it is healthy; its predecessor loses them,
/// keeps its addresses, and is stopped when no peer can remember these any more. Who runs and who
/// has the names is read off the engine, so that it continues wherever it was interrupted.
final class SideBySide {
  /// A JVM remembers for 30 s where a name led to.
  static final Duration REMEMBERED = Duration.ofSeconds(35);

  /// Engines give an address to another only after all others.
  private static final Duration MOMENT = Duration.ofSeconds(10);

  private static final long MEBIBYTE = 1024 * 1024;

  private final ObservedSlots view;
  private final PlanInput situation;
  private final PlanBuilder draft;

  SideBySide(ObservedSlots view, PlanBuilder draft) {
    this.view = view;
    this.situation = view.situation;
    this.draft = draft;
  }

  /// Why a successor cannot run beside its predecessor, as its service wants it; empty: it can.
  Optional<String> hindrance(Service service, Container successor, Container predecessor) {
    return exclusive(service)
        .or(() -> serves(predecessor) ? Optional.empty() : Optional.of("it does not serve"))
        .or(() -> wasTried(successor) ? Optional.empty() : noRoom(service));
  }

  /// Once it has run beside it, going on is better than taking down who serves.
  private boolean wasTried(Container successor) {
    return situation.isLater(successor.startedAt(), situation.rolloutSince());
  }

  private Optional<String> noRoom(Service service) {
    var limit = service.container().resources().memory();
    var free = situation.beside().freeMemory();
    if (limit == null || limit <= free) {
      return Optional.empty();
    }
    var needs = "it needs %d MiB of memory, and ".formatted(limit / MEBIBYTE);
    return Optional.of(
        needs
            + (free == 0
                ? "how much is available is not known"
                : free / MEBIBYTE + " are available"));
  }

  /// What a service has that is for one container alone.
  private Optional<String> exclusive(Service service) {
    var spec = service.container();
    var networking = spec.networking();
    if (!canMoveNames()) {
      return Optional.of(situation.observed().engine().name() + " moves no names");
    }
    if (!(networking.mode() instanceof Mode.Project) || networking.attachments().isEmpty()) {
      return Optional.of("it is on no network of the stack");
    }
    if (!networking.ports().isEmpty()) {
      return Optional.of("it publishes a port");
    }
    if (networking.macAddress() != null
        || networking.attachments().stream().anyMatch(SideBySide::isFixed)) {
      return Optional.of("it has a fixed address");
    }
    if (service.elected()) {
      return Optional.of("it is for one node alone");
    }
    if (!spec.storage().volumesFrom().isEmpty()
        || spec.storage().mounts().stream().anyMatch(SideBySide::isWritable)) {
      return Optional.of("it writes a volume");
    }
    if (Service.isOneShot(situation.desired(), service.name())) {
      return Optional.of("it is a task");
    }
    return situation.desired().services().values().stream()
        .filter(s -> isTiedTo(s, service.name()))
        .map(s -> s.name() + " is tied to its container")
        .sorted()
        .findFirst();
  }

  /// Podman's own name server was not tried with this.
  private boolean canMoveNames() {
    return situation.observed().engine().name().equals("Docker");
  }

  private static boolean isFixed(Attachment a) {
    return a.ipv4Address() != null
        || a.ipv6Address() != null
        || a.macAddress() != null
        || !a.linkLocalIps().isEmpty();
  }

  private static boolean isWritable(Storage.Mount mount) {
    return switch (mount) {
      case Storage.Bind b -> !b.readOnly();
      case Storage.VolumeMount v -> !v.readOnly();
      case Storage.Tmpfs _ -> false;
      case Storage.FileMount _, Storage.ImageMount _ -> false;
    };
  }

  private static boolean isTiedTo(Service other, String service) {
    var dependency = other.dependsOn().get(service);
    return ObservedSlots.parents(other).contains(service)
        || (dependency != null && dependency.restart());
  }

  private boolean serves(Container c) {
    return c.running() && !situation.isUnhealthy(c);
  }

  /// Whether a predecessor stays beside the right container for now. What has to be done before its
  /// end is planned.
  boolean keeps(Slot slot, Container right, Container predecessor) {
    var service = slot.service();
    if (!service.startFirst()
        || exclusive(service).isPresent()
        || !serves(predecessor)
        || right.definitionHash().isEmpty()
        || predecessor.networks().isEmpty()) {
      return false;
    }
    if (!situation.isHealthy(right)
        || lacking(slot, right, true).isPresent()
        || setNames(slot, predecessor, false, "its successor has them")) {
      return true;
    }
    var since = situation.beside().nameless().get(predecessor.id());
    if (since == null || situation.now().isBefore(since.plus(REMEMBERED))) {
      draft.notice(
          service.name(),
          "container %s serves peers that remember its address, and is stopped in a moment"
              .formatted(predecessor.name()));
      return true;
    }
    return false;
  }

  /// The right container gets the names that it lacks: as soon as it is healthy, or when nobody has
  /// them. One that is down gives up an address that may be another's. One that another program
  /// made is as that made it.
  boolean giveNames(Slot slot, Container right) {
    var isAlone = slot.obsolete().stream().map(Slot.Obsolete::container).noneMatch(this::serves);
    return right.definitionHash().isPresent()
        && (isAlone || situation.isHealthy(right))
        && setNames(slot, right, true, isAlone ? "peers find it by them" : "it is healthy");
  }

  /// One of two side by side that is paused is so for its names to be set: an agent that was killed
  /// at that left it.
  boolean resume(Slot slot) {
    var service = slot.service();
    if (!service.startFirst() || slot.right().isEmpty() || slot.obsolete().isEmpty()) {
      return false;
    }
    var left =
        Stream.concat(slot.right().stream(), slot.obsolete().stream().map(Slot.Obsolete::container))
            .filter(c -> c.state() == State.PAUSED)
            .findFirst();
    left.ifPresent(c ->
        draft.stepNow(
            new Action.UnpauseContainer(service.name(), c.name(), c.id()),
            "it stood still while its names were set"));
    return left.isPresent();
  }

  /// Before it is started beside another.
  boolean withdrawNames(Slot slot, Container successor) {
    return setNames(slot, successor, false, "it is not healthy yet");
  }

  private boolean setNames(Slot slot, Container c, boolean named, String why) {
    var found = lacking(slot, c, named);
    found.ifPresent(network -> draft.stepNow(names(slot, c, network, named), why));
    return found.isPresent();
  }

  /// The name of a network on which a container is not as it should be. One before may be on others
  /// than its service is now.
  private Optional<String> lacking(Slot slot, Container c, boolean named) {
    var names = named ? attachments(slot.service()).keySet() : c.networks().keySet();
    return names.stream()
        .filter(n -> canMoveNames())
        .filter(n -> {
          var end = c.networks().get(n);
          return end != null
              && (end.aliases().contains(slot.service().name()) != named
                  || (named && insists(slot.service(), c, n)));
        })
        .sorted()
        .findFirst();
  }

  /// Whether one that is down would ask for the address that it was left when its names were set:
  /// another may have it by now, unless it fell over a moment ago.
  private boolean insists(Service service, Container c, String network) {
    var end = c.networks().get(network);
    var attachment = attachments(service).get(network);
    return end != null
        && end.fixed()
        && !Slot.isActive(c)
        && (attachment == null || !isFixed(attachment))
        && !fellOverJustNow(c);
  }

  private boolean fellOverJustNow(Container c) {
    var death = situation.deaths().get(c.id());
    return death != null
        && death.by() != Death.By.ENGINE
        && situation.isLater(c.finishedAt(), situation.now().minus(MOMENT));
  }

  /// By the names that their networks have in the engine.
  private Map<String, Attachment> attachments(Service service) {
    var all = new HashMap<String, Attachment>();
    for (var a : service.container().networking().attachments()) {
      var network = situation.desired().networks().get(a.network());
      all.put(network == null ? a.network() : network.name(), a);
    }
    return all;
  }

  private Action names(Slot slot, Container c, String network, boolean named) {
    var service = slot.service();
    var end = Objects.requireNonNull(c.networks().get(network));
    var attachment = Optional.ofNullable(attachments(service).get(network));
    var names = new LinkedHashSet<String>();
    if (named) {
      names.addAll(List.of(view.canonicalName(service, slot.number()), service.name()));
      attachment.ifPresent(a -> names.addAll(a.aliases()));
    }
    return new Action.SetNames(
        service.name(),
        c.name(),
        c.id(),
        network,
        end.networkId(),
        attachment,
        List.copyOf(names),
        c.running() ? Optional.ofNullable(end.ipAddress()) : Optional.empty());
  }
}
