package io.armory.agent.plan;

import io.armory.agent.domain.stack.ConfigHashes;
import io.armory.agent.domain.stack.Networking.Mode;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.domain.stack.Observation.Unknown;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The situation sorted into the stack's places: which container is the right one for which slot,
/// and why the others are not.
final class ObservedSlots {
  private static final String SERVICE = "service:";
  private static final String NETWORK = "network";

  final PlanInput situation;
  final Topology topology;
  private final Map<String, List<Slot>> slots = new LinkedHashMap<>();
  private final Map<String, List<Container>> surplus = new HashMap<>();
  private final Map<String, List<Container>> byService = new HashMap<>();

  ObservedSlots(PlanInput situation) {
    this.situation = situation;
    this.topology = new Topology(situation.desired());
    situation.observed().containers().stream()
        .sorted(Comparator.comparing(Container::id))
        .forEach(c -> byService.computeIfAbsent(c.service(), k -> new ArrayList<>()).add(c));
    topology.sorted().values().forEach(s -> slots.put(s.name(), slotsOf(s)));
  }

  /// A service's places, by number.
  List<Slot> slots(String service) {
    return slots.getOrDefault(service, List.of());
  }

  Stream<Slot> allSlots() {
    return slots.values().stream().flatMap(List::stream);
  }

  /// Containers of a service numbered above its replicas.
  List<Container> surplus(String service) {
    return surplus.getOrDefault(service, List.of());
  }

  List<Container> containers(String service) {
    return byService.getOrDefault(service, List.of());
  }

  /// Containers of services the stack does not have.
  List<Container> orphans() {
    return situation.observed().containers().stream()
        .filter(c -> !situation.desired().services().containsKey(c.service()))
        .sorted(Comparator.comparing(Container::name))
        .toList();
  }

  /// The name a slot's container has in the end, as the reference names it.
  String canonicalName(Service service, int number) {
    var own = service.container().containerName();
    return own != null
        ? own
        : "%s-%s-%d".formatted(situation.desired().project(), service.name(), number);
  }

  /// It cannot be read, and is left alone.
  boolean isUnknown(Container container) {
    return situation.observed().isUnknown(container);
  }

  /// Of a place, where one of its containers cannot be read.
  Optional<Unknown> unknown(Slot slot) {
    return slot.all().stream()
        .flatMap(c -> situation.observed().unknown(Thing.CONTAINER, c.id()).stream())
        .findFirst();
  }

  boolean isNameFree(String name) {
    return situation.observed().containers().stream().noneMatch(c -> c.name().equals(name));
  }

  /// The namespaces a service shares with others: in words → the service they belong to.
  static Map<String, String> shared(Service service) {
    var spec = service.container();
    var shared = new LinkedHashMap<String, String>();
    if (spec.networking().mode() instanceof Mode.OfService(var parent)) {
      shared.put(NETWORK, parent);
    }
    ofService(spec.security().pid()).ifPresent(p -> shared.put("processes", p));
    ofService(spec.security().ipc()).ifPresent(p -> shared.put("shared memory", p));
    return shared;
  }

  private static Optional<String> ofService(@Nullable String mode) {
    return Optional.ofNullable(mode)
        .filter(m -> m.startsWith(SERVICE))
        .map(m -> m.substring(SERVICE.length()));
  }

  /// The services whose containers must exist before one of this service can be created.
  static Set<String> parents(Service service) {
    var parents = new TreeSet<>(shared(service).values());
    service.container().storage().volumesFrom().stream()
        .filter(v -> !v.startsWith("container:"))
        .forEach(v -> parents.add(v.replaceFirst(":.*", "")));
    return parents;
  }

  /// The container that `service:NAME` means now.
  Optional<Container> namespaceOwner(String parent) {
    return slots(parent).stream().findFirst().flatMap(Slot::right);
  }

  private List<Slot> slotsOf(Service service) {
    var all = containers(service.name());
    var beyond =
        new ArrayList<>(
            all.stream()
                .filter(c -> c.number() < 1 || c.number() > service.replicas())
                .sorted(Comparator.comparingInt(Container::number))
                .toList());
    var result = new ArrayList<Slot>();
    for (int n = 1; n <= service.replicas(); n++) {
      var number = n;
      var slot = slot(service, n, all.stream().filter(c -> c.number() == number).toList());
      result.add(
          slot.any(Slot::isActive) || startsBesideOthers(slot) ? slot : standIn(slot, beyond));
    }
    surplus.put(service.name(), List.copyOf(beyond));
    return result;
  }

  /// Its own container ran before, and beside those of other numbers, as no host port is for one
  /// alone: none has to make way for it.
  private static boolean startsBesideOthers(Slot slot) {
    var networking = slot.service().container().networking();
    return slot.right().filter(c -> c.startedAt() != null).isPresent()
        && networking.mode() instanceof Mode.Project
        && networking.ports().isEmpty();
  }

  /// One that runs under a number the service no longer has serves in an empty place until the
  /// place has its own: it is replaced, not just stopped.
  private Slot standIn(Slot slot, List<Container> beyond) {
    var found = beyond.stream().filter(Slot::isActive).filter(c -> !isUnknown(c)).findFirst();
    if (found.isEmpty()) {
      return slot;
    }
    beyond.remove(found.get());
    var obsolete = new ArrayList<>(slot.obsolete());
    obsolete.addFirst(
        new Slot.Obsolete(
            found.get(),
            "it is number %d of %d".formatted(found.get().number(), slot.service().replicas())));
    return new Slot(slot.service(), slot.number(), slot.right(), obsolete);
  }

  private Slot slot(Service service, int number, List<Container> candidates) {
    var obsolete = new ArrayList<Slot.Obsolete>();
    var fitting = new ArrayList<Container>();
    for (var c : candidates) {
      mismatch(service, c)
          .ifPresentOrElse(why -> obsolete.add(new Slot.Obsolete(c, why)), () -> fitting.add(c));
    }
    var canonical = canonicalName(service, number);
    var right =
        fitting.stream()
            .min(
                Comparator.comparing((Container c) -> !Slot.isActive(c))
                    .thenComparing(c -> !c.name().equals(canonical))
                    .thenComparing(Container::id));
    fitting.stream()
        .filter(c -> !right.get().equals(c))
        .forEach(
            c -> obsolete.add(new Slot.Obsolete(c, "it is a duplicate of " + right.get().name())));
    return new Slot(service, number, right, obsolete);
  }

  /// Why a container is not what the service asks for; empty: it is.
  private Optional<String> mismatch(Service service, Container c) {
    if (c.state() == State.DEAD || c.state() == State.REMOVING) {
      return Optional.of("it is " + c.state().name().toLowerCase(java.util.Locale.ROOT));
    }
    if (situation.isUnstartable(c)) {
      return Optional.of("the engine cannot start it any more");
    }
    var sameDefinition =
        c.definitionHash()
            .map(service.definitionHash()::equals)
            .orElseGet(() -> c.configHash().filter(h -> isKnown(service, h)).isPresent());
    if (!sameDefinition) {
      return Optional.of(situation.definitionChanged(c));
    }
    var stale = c.definitionHash().isEmpty() ? staleMount(service, c) : Optional.<String>empty();
    if (stale.isPresent()) {
      return stale.map(source -> source + " changed, which it mounts");
    }
    var image = situation.observed().images().get(service.container().image());
    if (image != null && !image.equals(c.imageId())) {
      return Optional.of("image " + service.container().image() + " changed");
    }
    var mounted = movedMount(service, c);
    if (mounted.isPresent()) {
      return mounted.map(moved -> "image " + moved + " changed, which it mounts");
    }
    return shared(service).entrySet().stream()
        .filter(shared ->
            namespaceOwner(shared.getValue())
                .filter(owner -> !livesWith(c, owner, shared.getKey()))
                .isPresent())
        .map(shared ->
            "the container of %s, whose %s it shares, changed"
                .formatted(shared.getValue(), shared.getKey()))
        .findFirst();
  }

  /// Whether Docker Compose, of whatever generation, gives the service this hash.
  private boolean isKnown(Service service, String configHash) {
    var ids = new HashMap<String, String>();
    for (var parent : parents(service)) {
      namespaceOwner(parent).ifPresent(owner -> ids.put(parent, owner.id()));
    }
    if (service.configHashes().include(configHash, ids)) {
      return true;
    }
    var images = situation.observed().images();
    service
        .container()
        .storage()
        .imageMounts()
        .filter(m -> images.containsKey(m.image()))
        .forEach(m -> ids.put(ConfigHashes.IMAGE + m.image(), images.get(m.image())));
    return service.configHashes().include(configHash, ids);
  }

  /// The hash of another program's container says nothing of what is in its configs and secrets:
  /// what it mounts does. A volume or directory is the same whatever is in it.
  private static Optional<String> staleMount(Service service, Container c) {
    return service.container().storage().mounts().stream()
        .filter(Storage.FileMount.class::isInstance)
        .map(Storage.FileMount.class::cast)
        .filter(m -> !m.hostPath().equals(c.mounts().get(m.target())))
        .map(m -> m.kind().name().toLowerCase(java.util.Locale.ROOT) + " " + m.source())
        .findFirst();
  }

  /// Docker Compose mounts an image by its name and does not look at it again; what it made stays.
  private Optional<String> movedMount(Service service, Container c) {
    return service
        .container()
        .storage()
        .imageMounts()
        .filter(m -> !m.image().equals(c.mounts().get(m.target())))
        .filter(m -> {
          var id = situation.observed().images().get(m.image());
          return id != null && !id.equals(c.mounts().get(m.target()));
        })
        .map(Storage.ImageMount::image)
        .findFirst();
  }

  private static boolean livesWith(Container c, Container owner, String namespace) {
    return namespace.equals(NETWORK)
        ? c.networkMode().container().equals(Optional.of(owner.id()))
        : c.namespaces().contains(owner.id());
  }
}
