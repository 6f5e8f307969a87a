package io.armory.agent.adapter.docker.http;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Volume;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The labels by which `docker compose` and this agent know their objects again.
public final class Labels {
  private static final String COMPOSE = "com.docker.compose.";
  public static final String PROJECT = COMPOSE + "project";
  public static final String SERVICE = COMPOSE + "service";
  public static final String NUMBER = COMPOSE + "container-number";
  public static final String ONE_OFF = COMPOSE + "oneoff";
  public static final String CONFIG_HASH = COMPOSE + "config-hash";
  public static final String IMAGE = COMPOSE + "image";

  /// `TARGET=ID,…` of the images that a container mounts, as Docker Compose has it since 5.5.
  public static final String MOUNTED_IMAGES = COMPOSE + "image-volume-digest";

  public static final String NETWORK = COMPOSE + "network";
  public static final String VOLUME = COMPOSE + "volume";

  /// Our own drift key, beside the reference's version-bound one.
  public static final String DEFINITION = "io.armory.agent.definition";

  /// On a network that only shows whether the engine would make it, and for which project.
  public static final String TRIAL = "io.armory.agent.trial";

  /// On a container that works on a store's data for a while: the store's container.
  public static final String ASSISTANT = "io.armory.agent.assistant";

  /// Names of the anonymous volumes a container took over from its predecessor. To the engine they
  /// look named, so nothing else would ever remove them.
  public static final String INHERITED = "io.armory.agent.inherited-volumes";

  /// The Docker Compose whose labels networks and volumes have: one that gives them no config hash,
  /// so that none misses it.
  private static final String COMPOSE_VERSION = "2.26.1";

  private Labels() {}

  /// @param compose in whose name: its config hash is written, and any known one is adopted
  public static Map<String, String> of(
      Action.CreateContainer create, List<String> inherited, ComposeRelease compose) {
    var service = create.service();
    var stack = create.stack();
    var labels = new LinkedHashMap<>(service.container().labels());
    labels.put(PROJECT, stack.project());
    labels.put(SERVICE, service.name());
    labels.put(COMPOSE + "version", compose.version());
    origin(labels, stack);
    labels.put(ONE_OFF, "False");
    labels.put(NUMBER, Integer.toString(create.number()));
    labels.put(CONFIG_HASH, service.configHashes().of(compose.generation(), create.namespaces()));
    labels.put(IMAGE, create.imageId());
    var mounted =
        service
            .container()
            .storage()
            .imageMounts()
            .filter(m -> m.imageId() != null)
            .map(m -> m.target() + "=" + m.imageId())
            .sorted()
            .collect(Collectors.joining(","));
    if (!mounted.isEmpty()) {
      labels.put(MOUNTED_IMAGES, mounted);
    }
    labels.put(COMPOSE + "depends_on", dependencies(service));
    labels.put(DEFINITION, service.definitionHash());
    if (!inherited.isEmpty()) {
      labels.put(INHERITED, String.join(",", inherited));
    }
    return labels;
  }

  private static void origin(Map<String, String> labels, Stack stack) {
    if (!stack.workingDir().isEmpty()) {
      labels.put(COMPOSE + "project.working_dir", stack.workingDir());
    }
    if (!stack.configFiles().isEmpty()) {
      labels.put(COMPOSE + "project.config_files", String.join(",", stack.configFiles()));
    }
  }

  private static String dependencies(Service service) {
    return service.dependsOn().entrySet().stream()
        .map(e -> e.getKey() + ":" + word(e.getValue().condition()) + ":" + e.getValue().restart())
        .collect(Collectors.joining(","));
  }

  private static String word(Service.Condition condition) {
    return switch (condition) {
      case STARTED -> "service_started";
      case HEALTHY -> "service_healthy";
      case COMPLETED_SUCCESSFULLY -> "service_completed_successfully";
    };
  }

  public static Map<String, String> of(String project, Network network) {
    var labels = new LinkedHashMap<>(network.labels());
    labels.put(NETWORK, network.key());
    own(labels, project, network.definitionHash());
    return labels;
  }

  public static Map<String, String> of(String project, Volume volume) {
    var labels = new LinkedHashMap<>(volume.labels());
    labels.put(VOLUME, volume.key());
    own(labels, project, volume.definitionHash());
    return labels;
  }

  private static void own(Map<String, String> labels, String project, String definition) {
    labels.put(PROJECT, project);
    labels.put(COMPOSE + "version", COMPOSE_VERSION);
    labels.put(DEFINITION, definition);
  }
}
