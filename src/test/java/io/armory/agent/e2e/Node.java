package io.armory.agent.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.rig.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// A node of its own on the shared engine: a root directory, a Compose project, free ports, and the
/// agent as a process.
final class Node implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path TOP = Path.of("").toAbsolutePath();

  /// Where a site adds to a stack, below the root.
  static final String OVERRIDE = "etc/armory-agent/compose/docker-compose.override.yml";

  /// For the role `standalone`: the engine's own checks, which nobody asks for, would cost a
  /// quarter of a processor, as each is a process in a container, and 0.2 s. The agent's own are
  /// quick enough for a test.
  static final String QUIET = quiet("");

  /// @param more that each of its services has
  static String quiet(String more) {
    return Stream.of(
            "redis",
            "postgres",
            "front50",
            "clouddriver",
            "orca",
            "rosco",
            "echo",
            "igor",
            "gate",
            "deck")
        .map(s ->
            "  %s: {healthcheck: {interval: 10m}, x-armory: {probe: {interval: 1s}}%s}\n"
                .formatted(s, more))
        .collect(Collectors.joining("", "services:\n", ""));
  }

  final Path root;
  final String project;
  final int port = FreePort.next();
  final int gatePort = FreePort.next();
  final int deckPort = FreePort.next();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
  private final Map<String, String> surroundings;
  private @Nullable Process agent;

  record Answer(int status, String body) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + body, e);
      }
    }
  }

  private Node(Path root, String project, Map<String, String> surroundings) {
    this.root = root;
    this.project = project;
    this.surroundings = surroundings;
    copy(
        TOP.resolve("compose-templates"), root.resolve("usr/share/armory-agent/compose-templates"));
  }

  /// A node in AWS: `agent.yaml` says no more than which project and port are this test's.
  ///
  /// @param surroundings the variables that say where AWS is
  static Node inAws(Path root, String project, Map<String, String> surroundings) {
    var node = new Node(root, project, surroundings);
    node.settings("");
    return node;
  }

  /// Writes `agent.yaml` of a node in AWS.
  ///
  /// @param more lines beside project and port
  void settings(String more) {
    write(
        "etc/armory-agent/agent.yaml",
        "project: %s%nhttp: {address: 127.0.0.1, port: %d}%n%s%s"
            .formatted(project, port, more, quickBake(more)));
  }

  /// The line by which a new revision is soon good, unless `agent.yaml` says something of that.
  static String quickBake(String settings) {
    return settings.contains("rollout:")
        ? ""
        : (settings.isEmpty() || settings.endsWith("\n") ? "" : "\n") + "rollout: {bake: 1s}\n";
  }

  Node(Path root, String project) {
    this(root, project, Map.of());
    write(
        "etc/armory-agent/agent.yaml",
        """
        project: %s
        identity:
          stack: e2e
          role: standalone
        aws: off
        http:
          address: 127.0.0.1
          port: %d
        rollout:
          bake: 1s
        """
            .formatted(project, port));
    write(
        "etc/armory-agent/env/default.env",
        """
        SPINNAKER_REGISTRY=armory-standin
        SPINNAKER_RELEASE=dev
        REDIS_IMAGE=armory-standin/redis:dev
        POSTGRES_IMAGE=armory-standin/postgres:dev
        GATE_PUBLISHED_PORT=%d
        DECK_PUBLISHED_PORT=%d
        """
            .formatted(gatePort, deckPort));
  }

  void write(String path, String text) {
    try {
      var file = root.resolve(path);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String read(String path) {
    try {
      return Files.readString(root.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void startAgent(String... options) {
    launchAgent(options);
    Awaitility.await("the health port")
        .atMost(2, TimeUnit.MINUTES)
        .ignoreExceptions()
        .until(() -> get("/health/live").status() == 200);
  }

  /// As [#startAgent], but does not wait for it to answer.
  void launchAgent(String... options) {
    try {
      var command = command("run");
      command.addAll(List.of(options));
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
      builder.environment().putAll(environment());
      agent = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return running().pid();
  }

  boolean isAlive() {
    return running().isAlive();
  }

  /// Of an agent that has ended by itself.
  int exitCode() {
    return running().exitValue();
  }

  private Process running() {
    return Objects.requireNonNull(agent, "the agent was not started");
  }

  /// SIGTERM, as systemd stops it.
  void stopAgent() {
    end(false);
  }

  void killAgent() {
    end(true);
  }

  private void end(boolean hard) {
    var process = agent;
    if (process == null) {
      return;
    }
    if (hard) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    try {
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError("the agent does not end; its log:\n" + logText());
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    agent = null;
  }

  /// The agent's process has ended by itself.
  boolean isAgentGone() {
    var process = agent;
    return process == null || !process.isAlive();
  }

  Shell.Result cli(String... arguments) {
    return Shell.run(command(arguments), environment());
  }

  /// As [#cli], at a terminal of 80 columns.
  Shell.Result narrow(String... arguments) {
    var all = environment();
    all.put("COLUMNS", "80");
    return Shell.run(command(arguments), all);
  }

  /// A command that goes on until it is ended, with its output in a file. As from a terminal: what
  /// is started in the background has inherited to ignore Ctrl-C.
  Process launch(Path output, String... arguments) {
    var all = new ArrayList<>(List.of("env", "--default-signal=INT"));
    all.addAll(command(arguments));
    return launch(output, all);
  }

  /// As [#launch], of a command around it.
  Process launch(Path output, List<String> command) {
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(environment());
      return builder.redirectOutput(output.toFile()).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Answer get(String path) {
    try {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .timeout(Duration.ofSeconds(20))
              .build();
      var response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// Waits until the command says so. It is a process, and a JVM, for each question: one a second.
  void await(Predicate<String> said, String... command) {
    try {
      Awaitility.await(String.join(" ", command))
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> said.test(cli(command).out()));
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(cli(command).out() + "\nlog:\n" + logText(), e);
    }
  }

  boolean isReady() {
    return get("/health/ready").status() == 200;
  }

  void awaitReady() {
    try {
      Awaitility.await("ready").atMost(3, TimeUnit.MINUTES).ignoreExceptions().until(this::isReady);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(
          "not ready: " + get("/health/ready").body() + "\nlog:\n" + logText(), e);
    }
  }

  /// The named service in the full report.
  JsonNode service(String name) {
    for (var s : get("/health").json().path("services")) {
      if (s.path("name").asText().equals(name)) {
        return s;
      }
    }
    throw new AssertionError("no service " + name + " in " + get("/health").body());
  }

  String containerId(String service) {
    return EngineSocket.container(container(service)).path("Id").asText();
  }

  String container(String service) {
    return project + "-" + service + "-1";
  }

  /// Container name → its ID, of everything in the project.
  Map<String, String> containers() {
    var all = new TreeMap<String, String>();
    EngineSocket.containers(project).forEach((name, c) -> all.put(name, c.path("Id").asText()));
    return all;
  }

  String logText() {
    try {
      return Files.exists(log()) ? Files.readString(log()) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path log() {
    return root.resolve("agent.log");
  }

  static List<String> command(String... arguments) {
    var command = new ArrayList<String>();
    command.add(TOP.resolve("packaging/bin/armory-agent").toString());
    command.addAll(List.of(arguments));
    return command;
  }

  Map<String, String> environment() {
    var all = new HashMap<>(surroundings);
    all.put("ARMORY_AGENT_HOME", TOP.resolve("target/dist").toString());
    all.put("ARMORY_AGENT_ROOT", root.toString());
    all.put("JAVA_HOME", System.getProperty("java.home"));
    return all;
  }

  /// Ends the agent, and removes everything of the project.
  @Override
  public void close() {
    killAgent();
    removeAll("ps", List.of("rm", "-f", "-v"));
    removeAll("network", List.of("network", "rm"));
    removeAll("volume", List.of("volume", "rm"));
  }

  private void removeAll(String what, List<String> remove) {
    var list = new ArrayList<>(List.of("docker"));
    list.addAll(what.equals("ps") ? List.of("ps", "-a") : List.of(what, "ls"));
    list.addAll(List.of("-q", "--filter", "label=com.docker.compose.project=" + project));
    var found = Shell.run(list).lines();
    if (!found.isEmpty()) {
      var command = new ArrayList<>(List.of("docker"));
      command.addAll(remove);
      command.addAll(found);
      Shell.run(command);
    }
  }

  private static void copy(Path from, Path to) {
    try (var files = Files.walk(from)) {
      for (var f : (Iterable<Path>) files::iterator) {
        var target = to.resolve(from.relativize(f).toString());
        if (Files.isDirectory(f)) {
          Files.createDirectories(target);
        } else {
          Files.copy(f, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
