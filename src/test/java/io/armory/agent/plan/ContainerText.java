package io.armory.agent.plan;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.ContainerHealth.Verdict;
import io.armory.agent.domain.stack.Networking.Mode;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Endpoint;
import io.armory.agent.domain.stack.Observation.EngineHealth;
import io.armory.agent.domain.stack.Observation.NetworkMode;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Stack;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One container line of a situation file:
///
/// ```
/// container SERVICE NUMBER created|running|paused|restarting|removing|exited CODE|dead
///     [healthy|starting|ailing|unhealthy|unknown] [silent] [for TIME] [because "REASON"] [named NAME] [id ID]
///     [definition HASH | by-compose HASH] [image ID] [policy NAME] [alone | without-names | fixed | on-old KEY | on-another KEY] [in ID] [shares ID]
///     [created AGO] [up TIME] [never-started] [ended AGO] [oom] [mounts SECRET PATH]
/// ```
///
/// A time that is negative is from before the clock was set back.
final class ContainerText {
  private static final Duration HOUR = Duration.ofHours(1);
  private final Stack stack;
  private final Map<String, ContainerHealth> health;
  private String service = "";
  private String name = "";
  private String id = "";
  private Optional<String> definition = Optional.of("1");
  private Optional<String> config = Optional.of("config-1");
  private @Nullable String image;
  private String policy = "no";
  private final Set<String> namespaces = new HashSet<>();
  private NetworkMode mode = new NetworkMode("p_default", Optional.empty());
  private final Map<String, Endpoint> networks = new HashMap<>();
  private Instant created = SituationText.NOW.minus(HOUR);
  private @Nullable Instant started = SituationText.NOW.minus(HOUR);
  private Verdict verdict = Verdict.HEALTHY;
  private boolean known = true;
  private boolean answered = true;
  private String reason = "200";
  private Instant since = SituationText.NOW.minus(HOUR);
  private Instant ended = SituationText.NOW.minusSeconds(5);
  private boolean oom;
  private final Map<String, String> mounts = new HashMap<>();

  ContainerText(Stack stack, Map<String, ContainerHealth> health) {
    this.stack = stack;
    this.health = health;
  }

  Container read(Words words) {
    service = words.next();
    var number = words.number().orElse(1);
    var state = State.valueOf(words.next().toUpperCase(Locale.ROOT));
    var exitCode = words.number().orElse(0);
    defaults(service, number, state);
    while (!words.isEmpty()) {
      attribute(words);
    }
    id = id.isEmpty() ? name : id;
    if (state == State.RUNNING && known) {
      health.put(id, new ContainerHealth(verdict, reason, since, answered));
    }
    return container(service, number, state, exitCode);
  }

  private Container container(String service, int number, State state, int exitCode) {
    return new Container(
        id,
        name,
        service,
        number,
        config,
        definition,
        image == null ? "" : image,
        state,
        exitCode,
        oom,
        null,
        created,
        started,
        state == State.EXITED || state == State.REMOVING ? ended : null,
        EngineHealth.NONE,
        policy,
        mode,
        namespaces,
        networks,
        Map.of(),
        mounts);
  }

  private void defaults(String service, int number, State state) {
    name = "p-%s-%d".formatted(service, number);
    var wanted = stack.services().get(service);
    if (state == State.CREATED) {
      started = null;
    }
    if (wanted != null) {
      var spec = wanted.container();
      name = spec.containerName() == null ? name : spec.containerName();
      image = "id-of-" + spec.image();
      spec.storage().imageMounts().forEach(m -> mounts.put(m.target(), "id-of-" + m.image()));
      if (spec.networking().mode() instanceof Mode.OfService(var parent)) {
        mode = in("p-" + parent + "-1");
      }
      for (var a : spec.networking().attachments()) {
        var network = stack.networks().get(a.network());
        if (network != null) {
          networks.put(network.name(), end(network.key() + "-id", service, a.aliases()));
        }
      }
    }
  }

  private void attribute(Words words) {
    var word = words.next();
    switch (word) {
      case "healthy", "starting", "ailing", "unhealthy" -> {
        verdict = Verdict.valueOf(word.toUpperCase(Locale.ROOT));
        reason = verdict == Verdict.HEALTHY ? "200" : "answers 503";
      }
      case "unknown" -> known = false;
      case "silent" -> answered = false;
      case "for" -> since = SituationText.NOW.minus(words.duration());
      case "because" -> reason = words.next();
      case "named" -> name = words.next();
      case "id" -> id = words.next();
      case "definition" -> {
        definition = Optional.of(words.next());
        config = definition.map(d -> "config-" + d);
      }
      case "by-compose" -> {
        definition = Optional.empty();
        config = Optional.of("config-" + words.next());
      }
      case "image" -> image = words.next();
      case "policy" -> policy = words.next();
      case "alone" -> networks.clear();
      case "without-names" ->
          networks.replaceAll((n, e) -> new Endpoint(e.networkId(), null, List.of()));
      case "fixed" ->
          networks.replaceAll((n, e) -> new Endpoint(e.networkId(), null, e.aliases(), true));
      case "on-old" -> networks.put("p_" + words.next(), end("old-id", service, List.of()));
      case "on-another" -> networks.put("p_" + words.next(), end("0-another", service, List.of()));
      case "shares" -> namespaces.add(words.next());
      case "in" -> mode = in(words.next());
      case "created" -> created = SituationText.NOW.minus(words.duration());
      case "up" -> started = SituationText.NOW.minus(words.duration());
      case "never-started" -> started = null;
      case "ended" -> ended = SituationText.NOW.minus(words.duration());
      case "oom" -> oom = true;
      case "files" -> mounts.put("/" + words.next(), words.next());
      case "mounts" -> mounts.put("/run/secrets/" + words.next(), words.next());
      default -> throw words.unknown(word);
    }
  }

  private static Endpoint end(String networkId, String service, List<String> aliases) {
    var names = new ArrayList<>(aliases);
    names.add(service);
    return new Endpoint(networkId, null, names);
  }

  private static NetworkMode in(String id) {
    return new NetworkMode("container:" + id, Optional.of(id));
  }
}
