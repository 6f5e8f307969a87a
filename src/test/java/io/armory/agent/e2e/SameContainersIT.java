package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.DockerEngine;
import io.armory.agent.adapter.files.DiskFiles;
import io.armory.agent.compose.ComposeLoader;
import io.armory.agent.compose.ComposeRequest;
import io.armory.agent.compose.ComposeResult;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.render.ComposePeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The real `docker compose` and this agent make containers from the same file; the engine shows
/// the same of both, but for what says the same in other words.
class SameContainersIT {
  private static final Path DIRECTORY =
      Path.of("src/test/resources/compose/engine").toAbsolutePath();
  private static final String PROJECT = "same-" + ProcessHandle.current().pid();
  private static final Map<String, String> ENVIRONMENT =
      Map.of("SET", "val", "NAME", PROJECT + "-own-name", "EXTERNAL", PROJECT + "-outside");

  /// Whom the streams of a container are attached to that nobody attaches to.
  private static final Set<String> OF_NO_CONSEQUENCE =
      Set.of("Config/AttachStdout", "Config/AttachStderr");

  private static final Set<String> NOTHING = Set.of("null", "{}", "\"\"", "\"no\"", "");

  @TempDir static Path root;
  private ComposePeer peer = ComposePeer.OLDER;

  @BeforeEach
  void outside() {
    Shell.must("docker", "volume", "create", PROJECT + "-outside");
  }

  @AfterEach
  void removeAll() throws Exception {
    try {
      compose("down", "-v", "-t", "0");
    } finally {
      Shell.run(List.of("docker", "volume", "rm", PROJECT + "-outside"));
    }
  }

  @Test
  void the_engine_shows_the_same_of_ours_as_of_docker_composes() throws Exception {
    var created = compose("create");
    assertThat(created.exit()).as(created.errors()).isZero();
    var theirs = seen();
    compose("down", "-v", "-t", "0");
    create(stack());
    var ours = seen();

    assertThat(ours.keySet()).isEqualTo(theirs.keySet());
    var wrong = new SoftAssertions();
    theirs.forEach((name, their) -> {
      var our = ours.get(name);
      their.forEach((where, value) ->
          wrong
              .assertThat(our == null ? null : our.getOrDefault(where, ""))
              .as(name + " " + where)
              .isEqualTo(value));
    });
    wrong.assertAll();
  }

  /// The container of another service, whose ID the reference hashes too, included.
  @ParameterizedTest
  @EnumSource(ComposePeer.class)
  void a_container_that_docker_compose_made_is_what_we_ask_for(ComposePeer maker) throws Exception {
    peer = maker;
    var created = compose("create");
    assertThat(created.exit()).as(created.errors()).isZero();
    var wrong = new SoftAssertions();
    var theirs = EngineSocket.containers(PROJECT);
    var ids = new HashMap<String, String>();
    theirs.values().forEach(c -> ids.putIfAbsent(service(c), c.path("Id").asText()));
    theirs.forEach((name, c) -> {
      var hash = c.path("Labels").path("com.docker.compose.config-hash").asText();
      var service = stack().services().get(service(c));
      wrong
          .assertThat(service != null && service.configHashes().include(hash, ids))
          .as(name + " " + hash)
          .isTrue();
    });
    assertThat(theirs).hasSizeGreaterThan(30);
    wrong.assertAll();
  }

  @ParameterizedTest
  @EnumSource(ComposePeer.class)
  void docker_compose_replaces_no_container_that_we_made(ComposePeer maker) throws Exception {
    peer = maker;
    create(stack());
    var ours = ids();
    var again = compose("create");
    assertThat(again.exit()).as(again.errors()).isZero();
    assertThat(ids()).isEqualTo(ours);
  }

  private static Map<String, String> ids() {
    var ids = new TreeMap<String, String>();
    EngineSocket.containers(PROJECT).forEach((name, c) -> ids.put(name, c.path("Id").asText()));
    return ids;
  }

  private static String service(JsonNode container) {
    return container.path("Labels").path("com.docker.compose.service").asText();
  }

  private static Stack stack() {
    var request =
        ComposeRequest.of(DIRECTORY.toString(), List.of("compose.yaml"))
            .withProjectName(PROJECT)
            .withEnvironment(ENVIRONMENT)
            .withHome(DIRECTORY.toString());
    return switch (ComposeLoader.load(request, new DiskFiles())) {
      case ComposeResult.Loaded loaded -> loaded.stack();
      case ComposeResult.Rejected rejected -> throw new AssertionError(rejected.toString());
    };
  }

  private void create(Stack stack) {
    peer.install(root);
    try (var engine =
        DockerEngine.open(DockerEngine.DEFAULT_SOCKET, RegistryCredentials.ANONYMOUS, root)) {
      create(engine, stack);
    }
  }

  private static void create(DockerEngine engine, Stack stack) {
    stack.networks().values().stream()
        .filter(n -> !n.external())
        .forEach(n -> done(engine, new Action.CreateNetwork(PROJECT, n)));
    stack.volumes().values().stream()
        .filter(v -> !v.external())
        .forEach(v -> done(engine, new Action.CreateVolume(PROJECT, v)));
    var image = EngineSocket.get("/images/armory-standin/gate:dev/json").path("Id").asText();
    var ids = new HashMap<String, String>();
    var left = new ArrayList<>(stack.services().values());
    while (!left.isEmpty()) {
      var next =
          left.stream().filter(s -> ids.keySet().containsAll(needs(s))).findFirst().orElseThrow();
      left.remove(next);
      for (int number = 1; number <= next.replicas(); number++) {
        ids.putIfAbsent(next.name(), done(engine, creation(stack, next, number, image, ids)));
      }
    }
  }

  private static List<String> needs(Service service) {
    return List.copyOf(service.dependsOn().keySet());
  }

  private static Action creation(
      Stack stack, Service service, int number, String image, Map<String, String> ids) {
    var name = service.container().containerName();
    return new Action.CreateContainer(
        stack,
        service,
        number,
        name == null ? PROJECT + "-" + service.name() + "-" + number : name,
        image,
        ids,
        Optional.empty());
  }

  private static String done(DockerEngine engine, Action action) {
    return switch (engine.execute(action, line -> {})) {
      case Outcome.Done<String>(var value) -> value;
      case Outcome.Failed<String>(var failure) ->
          throw new AssertionError(action.describe() + ": " + failure);
    };
  }

  /// Container → where in the engine's answer → what is there.
  private static Map<String, Map<String, String>> seen() {
    var inspected = new TreeMap<String, JsonNode>();
    EngineSocket.containers(PROJECT)
        .forEach((name, c) -> inspected.put(name, EngineSocket.container(c.path("Id").asText())));
    var names = new HashMap<String, String>();
    inspected.forEach((name, c) -> names.put(c.path("Id").asText(), name));
    var all = new TreeMap<String, Map<String, String>>();
    inspected.forEach((name, c) -> {
      var flat = new TreeMap<String, String>();
      for (var part : List.of("Config", "HostConfig", "Mounts")) {
        flatten(part, c.path(part), flat, names);
      }
      c.path("NetworkSettings")
          .path("Networks")
          .properties()
          .forEach(n -> {
            for (var field : List.of("IPAMConfig", "Links", "Aliases", "DriverOpts")) {
              flatten(
                  "Networks/" + n.getKey() + "/" + field, n.getValue().path(field), flat, names);
            }
          });
      flat.keySet().removeAll(OF_NO_CONSEQUENCE);
      flat.replaceAll(SameContainersIT::inOurWords);
      all.put(name, flat);
    });
    return all;
  }

  private static String inOurWords(String where, String value) {
    if (NOTHING.contains(value)) {
      return "";
    }
    return switch (where) {
      // Its order is by chance in the reference.
      case "Config/Labels/com.docker.compose.depends_on" ->
          Stream.of(value.replace("\"", "").split(",", -1))
              .sorted()
              .collect(Collectors.joining(","));
      // The reference forgets `:ro`.
      case "HostConfig/VolumesFrom" -> value.replace(":ro\"", "\"");
      case "HostConfig/SecurityOpt" -> value.replace("no-new-privileges:", "no-new-privileges=");
      // Ours asks for an anonymous volume as the `docker` command does: `Mounts` has it.
      case "HostConfig/Mounts" ->
          value
              .lines()
              .map(line -> line.replace(",\"VolumeOptions\":{}", ""))
              .filter(line -> line.contains("\"Source\"") || line.contains("tmpfs"))
              .collect(Collectors.joining("\n"));
      case "Mounts" -> value.replace("\"Mode\":\"z\"", "\"Mode\":\"\"");
      default -> value;
    };
  }

  private static void flatten(
      String where, JsonNode node, Map<String, String> into, Map<String, String> names) {
    if (node instanceof ObjectNode object && !where.endsWith("/IPAMConfig")) {
      object
          .properties()
          .forEach(e -> flatten(where + "/" + e.getKey(), e.getValue(), into, names));
    } else if (node.isArray()) {
      into.put(
          where,
          Stream.iterate(0, i -> i < node.size(), i -> i + 1)
              .map(i -> told(node.get(i).toString(), names))
              .sorted()
              .collect(Collectors.joining("\n")));
    } else {
      into.put(where, told(node.toString(), names));
    }
  }

  private static String told(String text, Map<String, String> names) {
    var told = text;
    for (var name : names.entrySet()) {
      told = told.replace(name.getKey(), name.getValue());
      told = told.replace(name.getKey().substring(0, 12), name.getValue());
    }
    return told.replaceAll("[0-9a-f]{64}", "ID");
  }

  private ComposePeer.Answer compose(String... arguments) throws IOException, InterruptedException {
    var all = new ArrayList<>(List.of("-p", PROJECT));
    all.addAll(List.of(arguments));
    return peer.answer(DIRECTORY, ENVIRONMENT, all);
  }
}
