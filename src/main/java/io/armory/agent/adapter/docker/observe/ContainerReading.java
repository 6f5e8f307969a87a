package io.armory.agent.adapter.docker.observe;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.domain.stack.Observation;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// An inspected container → the domain's words. Reads leniently: Podman leaves out and renames some
/// of Docker's.
public final class ContainerReading {
  private static final String CONTAINER = "container:";

  private ContainerReading() {}

  static Observation.Container read(JsonNode inspected) {
    var state = inspected.path("State");
    var host = inspected.path("HostConfig");
    var labels = labels(inspected.path("Config").path("Labels"));
    return new Observation.Container(
        inspected.path("Id").asText(),
        name(inspected),
        labels.getOrDefault(Labels.SERVICE, ""),
        number(labels),
        Optional.ofNullable(labels.get(Labels.CONFIG_HASH)),
        Optional.ofNullable(labels.get(Labels.DEFINITION)),
        imageId(inspected.path("Image").asText("")),
        state(state),
        state.path("ExitCode").asInt(),
        state.path("OOMKilled").asBoolean(),
        Json.text(state, "Error"),
        time(inspected, "Created"),
        time(state, "StartedAt"),
        time(state, "FinishedAt"),
        health(state),
        restartPolicy(host),
        networkMode(host),
        namespaces(host),
        endpoints(inspected.path("NetworkSettings").path("Networks")),
        labels,
        Mounted.of(inspected.path("Mounts"), time(state, "StartedAt")));
  }

  public static Map<String, String> labels(JsonNode node) {
    var labels = new HashMap<String, String>();
    node.properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText("")));
    return labels;
  }

  /// @param label the value of [Labels#ONE_OFF], or `null` when it is absent
  public static boolean oneOff(@Nullable String label) {
    return "True".equalsIgnoreCase(label);
  }

  /// Podman 4 leaves the algorithm out.
  public static String imageId(String id) {
    return id.isEmpty() || id.contains(":") ? id : "sha256:" + id;
  }

  private static String name(JsonNode inspected) {
    var name = inspected.path("Name").asText("");
    return name.startsWith("/") ? name.substring(1) : name;
  }

  private static int number(Map<String, String> labels) {
    try {
      return Integer.parseInt(labels.getOrDefault(Labels.NUMBER, "1"));
    } catch (NumberFormatException e) {
      return 1;
    }
  }

  private static Observation.State state(JsonNode state) {
    return switch (state.path("Status").asText("")) {
      case "running", "stopping" -> Observation.State.RUNNING;
      case "paused" -> Observation.State.PAUSED;
      case "restarting" -> Observation.State.RESTARTING;
      case "removing" -> Observation.State.REMOVING;
      case "exited", "stopped" -> Observation.State.EXITED;
      case "created", "configured", "initialized" -> Observation.State.CREATED;
      default -> Observation.State.DEAD;
    };
  }

  private static Observation.EngineHealth health(JsonNode state) {
    return switch (state.path("Health").path("Status").asText("")) {
      case "starting" -> Observation.EngineHealth.STARTING;
      case "healthy" -> Observation.EngineHealth.HEALTHY;
      case "unhealthy" -> Observation.EngineHealth.UNHEALTHY;
      default -> Observation.EngineHealth.NONE;
    };
  }

  /// The engine's zero time, year 1, is "never".
  private static @Nullable Instant time(JsonNode node, String name) {
    var text = node.path(name).asText("");
    if (text.isEmpty() || text.startsWith("0001-")) {
      return null;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static String restartPolicy(JsonNode host) {
    var name = host.path("RestartPolicy").path("Name").asText("");
    return name.isEmpty() ? "no" : name;
  }

  private static Observation.NetworkMode networkMode(JsonNode host) {
    var mode = host.path("NetworkMode").asText("");
    return new Observation.NetworkMode(
        mode,
        mode.startsWith(CONTAINER)
            ? Optional.of(mode.substring(CONTAINER.length()))
            : Optional.empty());
  }

  private static Set<String> namespaces(JsonNode host) {
    return Stream.of("PidMode", "IpcMode")
        .map(mode -> host.path(mode).asText(""))
        .filter(mode -> mode.startsWith(CONTAINER))
        .map(mode -> mode.substring(CONTAINER.length()))
        .collect(Collectors.toSet());
  }

  private static Map<String, Observation.Endpoint> endpoints(JsonNode networks) {
    var endpoints = new HashMap<String, Observation.Endpoint>();
    networks.properties().forEach(e -> endpoints.put(e.getKey(), endpoint(e.getValue())));
    return endpoints;
  }

  private static Observation.Endpoint endpoint(JsonNode endpoint) {
    List<String> aliases = new ArrayList<>();
    endpoint.path("Aliases").forEach(a -> aliases.add(a.asText()));
    return new Observation.Endpoint(
        endpoint.path("NetworkID").asText(""),
        Json.text(endpoint, "IPAddress"),
        aliases,
        !endpoint.path("IPAMConfig").path("IPv4Address").asText("").isEmpty());
  }
}
