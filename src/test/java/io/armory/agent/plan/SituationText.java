package io.armory.agent.plan;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.Death;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.ObservedNetwork;
import io.armory.agent.domain.stack.Observation.ObservedVolume;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.domain.stack.Observation.Unknown;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Volume;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Reads a situation from text. The project is `p`, now is 12:00:00. Unless a line says otherwise
/// every image, network and volume of the stack is on the node, and every container is as its
/// service wants it, healthy, an hour old, and made by the agent.
///
/// ```
/// service NAME [image REF] [definition HASH] [replicas N] [needs OTHER started|healthy|completed
///              [optional] [restart]]… [on NETWORK]… [volume KEY]… [files IMAGE]… [pull POLICY] [policy RESTART]
///              [called CONTAINER_NAME] [in OTHER] [pid-of OTHER] [ipc-of OTHER] [port N] [probed]
///              [start-first] [memory MIB] [post-start COMMAND] [pre-stop COMMAND]
/// network KEY [external] [definition HASH]        volume KEY [external] [definition HASH]
/// container SERVICE NUMBER STATE …                 see [ContainerText]
/// no-image REF | no-network KEY | no-volume KEY
/// another-network KEY: one more of that name, of nobody
/// image REF ID | the-network KEY [foreign] [definition HASH] [others NAME] | the-volume KEY HASH
/// busy SUBJECT | delay SUBJECT TIME WHY | failed SUBJECT TIME WHY
/// died ID [by-hand] WHAT | told-to-end ID AGO WHAT
/// stopped SERVICE BY | restart SERVICE AGO | remove-orphans | rollout AGO | pulled REF
/// tried NETWORK DEFINITION
/// unreadable container ID|network KEY|volume KEY|image REF REASON
/// free-memory MIB | nameless ID AGO
/// hooked ID AGO | standby SERVICE WHY
/// shared SERVICE,SERVICE… well TIME [asked AGO] | shared SERVICE,SERVICE… out WHY
/// ```
final class SituationText {
  static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  static final String PROJECT = "p";

  private final StackText stack = new StackText();
  private final List<Words> containerLines = new ArrayList<>();
  private final Map<String, String> images = new HashMap<>();
  private final Set<String> missing = new HashSet<>();
  private final Map<String, ObservedNetwork> networks = new HashMap<>();
  private final List<ObservedNetwork> others = new ArrayList<>();
  private final Map<String, String> volumeDefinitions = new HashMap<>();
  private final Set<String> busy = new HashSet<>();
  private final Map<String, PlanInput.Delay> delays = new HashMap<>();
  private final Map<String, String> unstartable = new HashMap<>();
  private final Map<String, Death> deaths = new HashMap<>();
  private final Map<String, Intents.Stopped> stopped = new HashMap<>();
  private final Map<String, Instant> restarts = new HashMap<>();
  private final List<Unknown> unknown = new ArrayList<>();
  private final Set<String> pulled = new HashSet<>();
  private final Map<String, Instant> hooked = new HashMap<>();
  private final Map<String, String> standby = new HashMap<>();
  private Optional<PlanInput.Shared> shared = Optional.empty();
  private Optional<Drain> drain = Optional.empty();
  private long freeMemory = Long.MAX_VALUE;
  private final Map<String, Instant> nameless = new HashMap<>();
  private boolean removeOrphans;
  private Instant rolloutSince = NOW.minusSeconds(600);

  static PlanInput read(String text) {
    var reader = new SituationText();
    text.lines()
        .map(l -> l.replaceFirst("#.*", "").strip())
        .filter(l -> !l.isEmpty())
        .map(Words::new)
        .forEach(reader::line);
    return reader.situation();
  }

  private void line(Words words) {
    var kind = words.next();
    switch (kind) {
      case "service", "network", "volume" -> stack.line(kind, words);
      case "container" -> containerLines.add(words);
      case "no-image", "no-network", "no-volume" ->
          missing.add(kind.substring(3) + " " + words.next());
      case "image" -> images.put(words.next(), words.next());
      case "the-network" -> network(words);
      case "another-network" -> {
        var key = words.next();
        others.add(
            new ObservedNetwork(
                "0-another",
                PROJECT + "_" + key,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "bridge"));
      }
      case "the-volume" -> volumeDefinitions.put(words.next(), words.next());
      default -> circumstance(kind, words);
    }
  }

  private void circumstance(String kind, Words words) {
    switch (kind) {
      case "busy" -> busy.add(words.next());
      case "delay", "failed" ->
          delays.put(
              words.next().replaceFirst("^network:", "network "),
              new PlanInput.Delay(NOW.plus(words.duration()), words.rest(), kind.equals("failed")));
      case "died" -> {
        var id = words.next();
        var byHand = words.eat("by-hand");
        deaths.put(id, new Death(words.rest(), byHand ? Death.By.HAND : Death.By.ITSELF));
      }
      case "told-to-end" -> {
        var id = words.next();
        var at = NOW.minus(words.duration());
        deaths.put(id, new Death(words.rest(), Death.By.HAND, at, true));
      }
      case "stopped" -> stopped.put(words.next(), new Intents.Stopped(words.rest(), NOW));
      case "restart" -> restarts.put(words.next(), NOW.minus(words.duration()));
      case "remove-orphans" -> removeOrphans = true;
      case "rollout" -> rolloutSince = NOW.minus(words.duration());
      case "hooked" -> hooked.put(words.next(), NOW.minus(words.duration()));
      case "unstartable" -> unstartable.put(words.next(), words.rest());
      case "unreadable" -> unreadable(words);
      case "tried" -> pulled.add("network %s as %s".formatted(words.next(), words.next()));
      case "pulled" -> pulled.add(words.next());
      case "free-memory" -> freeMemory = Long.parseLong(words.next()) << 20;
      case "nameless" -> nameless.put(words.next(), NOW.minus(words.duration()));
      case "standby" -> standby.put(words.next(), words.rest());
      case "shared" -> shared = Optional.of(shared(words));
      case "drain" -> drain = Optional.of(drain(words));
      default -> throw words.unknown(kind);
    }
  }

  private void unreadable(Words words) {
    var since = words.eat("for") ? NOW.minus(words.duration()) : NOW.minusSeconds(60);
    var thing = Thing.valueOf(words.next().toUpperCase(Locale.ROOT));
    var key = words.next();
    var name =
        switch (thing) {
          case NETWORK, VOLUME -> PROJECT + "_" + key;
          case CONTAINER, IMAGE -> key;
        };
    unknown.add(new Unknown(thing, name, name, words.rest(), since));
    if (thing != Thing.CONTAINER) {
      missing.add(thing.name().toLowerCase(Locale.ROOT) + " " + key);
    }
  }

  private static PlanInput.Shared shared(Words words) {
    var users = Set.of(words.next().split(","));
    var name = "the remote Redis";
    if (words.eat("out")) {
      return new PlanInput.Shared(name, users, Optional.of(words.rest()), NOW, Instant.EPOCH);
    }
    if (!words.eat("well")) {
      throw words.unknown("neither well nor out");
    }
    var since = NOW.minus(words.duration());
    var asked = words.eat("asked") ? NOW.minus(words.duration()) : NOW;
    return new PlanInput.Shared(name, users, Optional.empty(), since, asked);
  }

  private static Drain drain(Words words) {
    var step = Drain.Step.valueOf(words.next().toUpperCase(Locale.ROOT));
    var stopBy = words.eat("within") ? NOW.plus(words.duration()) : null;
    return new Drain(
        Drain.Cause.TERMINATION,
        "the group ends the instance",
        "",
        NOW.minusSeconds(60),
        NOW.plusSeconds(60),
        stopBy,
        step,
        "",
        false);
  }

  private void network(Words words) {
    var key = words.next();
    var project = words.eat("foreign") ? Optional.<String>empty() : Optional.of(PROJECT);
    var hash = words.eat("definition") ? words.next() : "1";
    var others = words.eat("others") ? List.of(words.next()) : List.<String>of();
    networks.put(
        key,
        new ObservedNetwork(
            key + "-id",
            PROJECT + "_" + key,
            project.map(p -> key),
            project,
            project.map(p -> hash),
            "bridge",
            others));
  }

  private PlanInput situation() {
    Stack desired = stack.build();
    var health = new HashMap<String, ContainerHealth>();
    var containers = new ArrayList<Container>();
    containerLines.forEach(l -> containers.add(new ContainerText(desired, health).read(l)));
    return new PlanInput(
        desired,
        new Observation.Observed(
            NOW,
            new Observation.Engine("Docker", "20.10.24", "1.41"),
            containers,
            Stream.concat(
                    others.stream(),
                    desired.networks().values().stream()
                        .filter(n -> !missing.contains("network " + n.key()))
                        .map(this::observed))
                .toList(),
            desired.volumes().values().stream()
                .filter(v -> !missing.contains("volume " + v.key()))
                .map(this::observed)
                .toList(),
            images(desired),
            unknown),
        health,
        busy,
        new Intents(stopped, restarts, removeOrphans),
        delays,
        deaths,
        rolloutSince,
        hooked,
        unstartable,
        pulled,
        standby,
        shared,
        drain,
        Map.of(),
        new PlanInput.Beside(freeMemory, nameless),
        NOW);
  }

  private Map<String, String> images(Stack desired) {
    var all = new HashMap<String, String>();
    for (var reference : desired.images().toList()) {
      if (!missing.contains("image " + reference)) {
        all.put(reference, images.getOrDefault(reference, "id-of-" + reference));
      }
    }
    return all;
  }

  private ObservedNetwork observed(Network network) {
    var said = networks.get(network.key());
    return said != null
        ? said
        : new ObservedNetwork(
            network.key() + "-id",
            network.name(),
            Optional.of(network.key()),
            network.external() ? Optional.empty() : Optional.of(PROJECT),
            Optional.of(network.definitionHash()),
            "bridge");
  }

  private ObservedVolume observed(Volume volume) {
    return new ObservedVolume(
        volume.name(),
        Optional.of(volume.key()),
        Optional.of(PROJECT),
        Optional.of(volumeDefinitions.getOrDefault(volume.key(), volume.definitionHash())),
        "local");
  }
}
