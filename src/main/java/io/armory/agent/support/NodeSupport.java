package io.armory.agent.support;

import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.adapter.docker.DockerEngine;
import io.armory.agent.cli.LocalCommands.Support;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.KnownSecrets;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.sources.NodeSources;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Collects what a support bundle has of the node itself. Whatever cannot be read is said, and
/// keeps nothing else from being read.
public final class NodeSupport {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final int LOG_LINES = 500;
  private static final int MOST_BYTES = 1_000_000;

  /// Digests are not shown, so any key does.
  private static final String NO_KEY = "";

  private final Paths paths;
  private final Environment environment;
  private final Map<String, String> files = new TreeMap<>();
  private final List<String> missing = new ArrayList<>();
  private final KnownSecrets secrets = new KnownSecrets();

  public NodeSupport(Paths paths, Environment environment) {
    this.paths = paths;
    this.environment = environment;
  }

  public Support collect() {
    // First of all: what must not be in the rest.
    learnFiles(paths.secrets());
    if (ConfigFile.read(paths, environment) instanceof ConfigFile.Reading.Valid(var config)) {
      learnSources(config);
      health(config);
      engine(config);
    } else {
      missing.add("engine, health: agent.yaml is not valid (see doctor.txt)");
    }
    state();
    host();
    journal();
    return new Support(files, missing, secrets);
  }

  // ---------------------------------------------------------------- secrets

  private void learnFiles(Path directory) {
    if (!Files.isReadable(directory)) {
      return;
    }
    try (var all = Files.walk(directory)) {
      all.filter(Files::isRegularFile).forEach(f -> secrets.learn(text(f)));
    } catch (IOException e) {
      missing.add("secrets, to be masked: " + e.getMessage());
    }
  }

  private void learnSources(AgentConfig config) {
    var options = AwsOptions.STANDARD.withMetadataPatience(PATIENCE);
    try (var sources = new NodeSources(config, NO_KEY, options)) {
      var reading = sources.sources().read();
      secrets.learn(reading.parameters());
      switch (reading.made()) {
        case Sources.Ready(var revision) -> secrets.learn(revision, paths.secrets().toString());
        case Sources.Refused(var problems, _) ->
            problems.forEach(p -> missing.add("revision: " + p.line()));
        case Sources.Unreadable(var problem) -> missing.add("revision: " + problem.line());
      }
    }
  }

  // ---------------------------------------------------------------- the engine

  private void engine(AgentConfig config) {
    try (var engine = DockerEngine.open(config.docker().socket(), RegistryCredentials.ANONYMOUS)) {
      var scope = new ContainerEngine.Scope(config.project(), Set.of(), Set.of(), Set.of());
      switch (engine.observe(scope)) {
        case Observation.Unavailable u -> missing.add("engine: " + u.reason());
        case Observed observed -> {
          files.put("engine/containers.txt", containers(observed));
          observed.containers().forEach(c -> logs(engine, c));
        }
      }
    }
  }

  private static String containers(Observed observed) {
    var engine = observed.engine();
    var lines = new ArrayList<String>();
    lines.add("%s %s, API %s".formatted(engine.name(), engine.version(), engine.apiVersion()));
    observed.containers().stream()
        .map(c ->
            String.format(
                Locale.ROOT,
                "%s  %-32s %-10s health %-9s exit %d%s  created %s started %s finished %s policy %s"
                    + " image %s%s",
                c.shortId(),
                c.name(),
                c.state().name().toLowerCase(Locale.ROOT),
                c.engineHealth().name().toLowerCase(Locale.ROOT),
                c.exitCode(),
                c.oomKilled() ? " out of memory" : "",
                c.createdAt(),
                c.startedAt(),
                c.finishedAt(),
                c.restartPolicy(),
                c.imageId(),
                c.error() == null || c.error().isEmpty() ? "" : " error " + c.error()))
        .sorted()
        .forEach(lines::add);
    observed.networks().forEach(n -> lines.add("network " + n.name() + " " + n.driver()));
    observed.volumes().forEach(v -> lines.add("volume " + v.name() + " " + v.driver()));
    return String.join("\n", lines) + "\n";
  }

  private void logs(ContainerEngine engine, Container container) {
    var name = "logs/" + container.name() + ".log";
    switch (engine.lastLogLines(container.id(), LOG_LINES)) {
      case Outcome.Done<List<String>>(var lines) ->
          files.put(name, end(lines.stream().collect(Collectors.joining("\n", "", "\n"))));
      case Outcome.Failed<List<String>>(var failure) ->
          missing.add(name + ": " + failure.message());
    }
  }

  // ---------------------------------------------------------------- the agent

  /// As a load balancer and Prometheus see it.
  private void health(AgentConfig config) {
    var address = config.http().address();
    var host = address.equals("0.0.0.0") || address.equals("::") ? "127.0.0.1" : address;
    for (var path : List.of("/health", "/healthcheck", "/metrics")) {
      var name = "http" + path + (path.equals("/metrics") ? ".txt" : ".json");
      try {
        var uri = "http://%s:%d%s".formatted(host, config.http().port(), path);
        var connection = (HttpURLConnection) URI.create(uri).toURL().openConnection();
        connection.setConnectTimeout((int) PATIENCE.toMillis());
        connection.setReadTimeout((int) PATIENCE.toMillis());
        var ok = connection.getResponseCode() < 400;
        try (var body = ok ? connection.getInputStream() : connection.getErrorStream()) {
          files.put(name, body == null ? "" : read(body));
        }
      } catch (IOException e) {
        missing.add(name + ": " + e.getMessage());
      }
    }
  }

  private void state() {
    put("state/events.1.jsonl", paths.state().resolve("events.1.jsonl"), false);
    put("state/events.jsonl", paths.state().resolve("events.jsonl"), true);
    // What failed revisions left, readable without a running agent.
    put("state/evidence.json", paths.state().resolve("evidence"), false);
    for (var name : List.of("docker-compose.yml", "resolved.env")) {
      put("state/" + name, paths.rendered().resolve(name), true);
    }
  }

  private void journal() {
    run(
        "journal/armory-agent.txt",
        "journalctl",
        "--unit=armory-agent.service",
        "--lines=3000",
        "--no-pager",
        "--output=short-iso");
    run("journal/docker.txt", "journalctl", "--unit=docker.service", "--lines=500", "--no-pager");
  }

  // ---------------------------------------------------------------- the host

  private void host() {
    for (var file : List.of("meminfo", "loadavg", "uptime", "version", "pressure/memory")) {
      put("host/" + file.replace('/', '-') + ".txt", Path.of("/proc", file), false);
    }
    put("host/os-release.txt", Path.of("/etc/os-release"), false);
    run("host/df.txt", "df", "-P", "-h");
    run("host/df-inodes.txt", "df", "-P", "-i");
  }

  /// @param expected its absence is worth a line
  private void put(String name, Path file, boolean expected) {
    if (!Files.exists(file)) {
      if (expected) {
        missing.add(name + ": " + file + " is not there");
      }
    } else if (!Files.isReadable(file)) {
      missing.add(name + ": not allowed to read " + file + "; use sudo");
    } else {
      files.put(name, text(file));
    }
  }

  private String text(Path file) {
    try (var in = Files.newInputStream(file)) {
      return read(in);
    } catch (IOException e) {
      missing.add(file + ": " + e.getMessage());
      return "";
    }
  }

  private static String read(InputStream in) throws IOException {
    return end(new String(in.readNBytes(16 * MOST_BYTES), StandardCharsets.UTF_8));
  }

  private static String end(String text) {
    return text.length() <= MOST_BYTES
        ? text
        : "(only the end)\n" + text.substring(text.length() - MOST_BYTES);
  }

  private void run(String name, String... command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      var watch = Thread.ofVirtual().start(() -> endLate(process));
      files.put(name, read(process.getInputStream()));
      watch.interrupt();
    } catch (IOException e) {
      missing.add(name + ": no " + command[0] + " here");
    }
  }

  private static void endLate(Process process) {
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
