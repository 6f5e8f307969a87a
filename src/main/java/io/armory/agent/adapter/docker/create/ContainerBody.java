package io.armory.agent.adapter.docker.create;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.http.ComposeRelease;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The body of `POST /containers/create` for one container of a service. Pure, but for a seccomp
/// profile that is read from its file.
///
/// @param api the minor number of the API version in use
/// @param image the inspected image, for what only it knows: its entrypoint, and what its health
///   check is
/// @param compose in whose name it is labelled
/// @param inherited target → name of the anonymous volume taken over
record ContainerBody(
    Action.CreateContainer create,
    int api,
    ComposeRelease compose,
    JsonNode image,
    Map<String, String> inherited) {

  /// The first API with the interval of health checks during the start (Docker 25).
  private static final int START_INTERVAL_API = 44;

  ObjectNode json() throws EngineException {
    var service = create.service();
    var spec = service.container();
    var body = Json.object();
    body.put("Image", spec.image());
    Json.put(body, "Hostname", spec.hostname());
    Json.put(body, "Domainname", spec.domainname());
    command(body, spec.command());
    Json.putAll(body, "Labels", Labels.of(create, List.copyOf(inherited.values()), compose));
    body.put("StopTimeout", seconds(service.stopGracePeriod()));
    if (spec.healthcheck() != null) {
      var check = healthcheck(spec.healthcheck());
      if (!check.path("Test").isEmpty()) {
        body.set("Healthcheck", check);
      }
    }
    anonymousVolumes(body, spec.storage());
    exposedPorts(body, spec.networking());
    body.set("HostConfig", new HostConfigBody(create, api, inherited).json());
    new NetworkingBody(create, api).writeTo(body);
    return body;
  }

  private void command(ObjectNode body, ContainerSpec.Command command) {
    Json.put(body, "Entrypoint", entrypoint(command));
    Json.put(body, "Cmd", command.command());
    var environment = new ArrayList<String>();
    // Without "=" the engine removes the variable the image sets.
    command
        .environment()
        .forEach((name, value) -> environment.add(value == null ? name : name + "=" + value));
    Json.putAll(body, "Env", environment);
    Json.put(body, "User", command.user());
    Json.put(body, "WorkingDir", command.workingDir());
    body.put("Tty", command.tty());
    body.put("OpenStdin", command.stdinOpen());
    Json.put(body, "StopSignal", command.stopSignal());
  }

  /// The engine takes the image's command whenever neither entrypoint nor command has a word; only
  /// an entrypoint that is said keeps an empty command empty.
  private @Nullable List<String> entrypoint(ContainerSpec.Command command) {
    boolean clearsCommand = command.command() != null && command.command().isEmpty();
    if (command.entrypoint() != null || !clearsCommand) {
      return command.entrypoint();
    }
    var words = new ArrayList<String>();
    image.path("Config").path("Entrypoint").forEach(w -> words.add(w.asText()));
    return words.isEmpty() ? null : words;
  }

  /// What is not said is the image's. Docker adds it itself; Podman 5.8 takes no check without a
  /// test.
  private ObjectNode healthcheck(ContainerSpec.Healthcheck check) throws EngineException {
    var body =
        image.path("Config").path("Healthcheck") instanceof ObjectNode ofImage
            ? ofImage.deepCopy()
            : Json.object();
    if (api < START_INTERVAL_API) {
      body.remove("StartInterval");
    }
    Json.put(body, "Test", check.test());
    nanos(body, "Interval", check.interval());
    nanos(body, "Timeout", check.timeout());
    nanos(body, "StartPeriod", check.startPeriod());
    if (check.startInterval() != null && api < START_INTERVAL_API) {
      throw new EngineException(
          Failure.Kind.INVALID, "healthcheck.start_interval needs Docker 25 or newer");
    }
    nanos(body, "StartInterval", check.startInterval());
    Json.put(body, "Retries", check.retries());
    return body;
  }

  private static void nanos(ObjectNode body, String name, @Nullable Duration duration) {
    if (duration != null) {
      body.put(name, duration.toNanos());
    }
  }

  private void anonymousVolumes(ObjectNode body, Storage storage) {
    var volumes = Json.object();
    for (var mount : storage.mounts()) {
      if (mount instanceof Storage.VolumeMount v
          && MountsBody.plainAnonymous(v)
          && !inherited.containsKey(v.target())) {
        volumes.putObject(v.target());
      }
    }
    if (!volumes.isEmpty()) {
      body.set("Volumes", volumes);
    }
  }

  private static void exposedPorts(ObjectNode body, Networking networking) {
    var ports = Json.object();
    for (var port : networking.expose()) {
      ports.putObject(port.contains("/") ? port : port + "/tcp");
    }
    for (var port : networking.ports()) {
      ports.putObject(port.target() + "/" + port.protocol());
    }
    if (!ports.isEmpty()) {
      body.set("ExposedPorts", ports);
    }
  }

  /// Whole seconds, rounded up: half a second of grace is not none.
  static long seconds(Duration duration) {
    return duration.plusMillis(999).toSeconds();
  }

  /// The name the container has, or will have once a temporary one is dropped.
  static String properName(String project, Service service, int number) {
    var own = service.container().containerName();
    return own != null ? own : project + "-" + service.name() + "-" + number;
  }
}
