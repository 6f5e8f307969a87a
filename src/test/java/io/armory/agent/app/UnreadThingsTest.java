package io.armory.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Problem;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.sources.NodeSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every file and directory that the sources read: one that is there and cannot be read is unknown.
/// It is never taken for one that is not there, which would roll out a stack without it; it is
/// named, and what runs stays as it is.
class UnreadThingsTest {
  /// What the site's files of this node are, each with something that counts.
  private static final Map<String, String> SITE =
      Map.of(
          "env/default.env", "SPINNAKER_RELEASE=dev\n",
          "env/e2e.env", "SPINNAKER_REGISTRY=reg\nLOGGING_PROFILE=mine\n",
          "compose/roles/edge.yml", "services: {front50: {profiles: [\"off\"]}}\n",
          "compose/logging-mine.yml", "services: {}\n",
          "compose/docker-compose.override.yml",
              """
              services:
                deck:
                  env_file: [{path: ROOT/etc/armory-agent/parts/more.env, required: false}]
                  configs: [extra]
                  extends: {file: ROOT/etc/armory-agent/parts/extended.yml, service: base}
              configs: {extra: {file: ROOT/etc/armory-agent/parts/extra.txt}}
              """,
          "parts/more.env", "MORE=1\n",
          "parts/extra.txt", "text\n",
          "parts/extended.yml", "services: {base: {image: reg/deck, labels: {a: b}}}\n",
          "config/gate-local.yml", "a: 1\n",
          "config/gate/keystore.txt", "k\n");

  /// The engine alone has to see it: an agent may never be able to, and a directory can be mounted,
  /// too.
  private static final String MOUNTED = "parts/extra.txt";

  @TempDir Path root;

  enum Fault {
    A_DIRECTORY,
    A_LINK_TO_NOWHERE,
    A_LINK_TO_ITSELF
  }

  @BeforeEach
  void site() throws IOException {
    var shipped = Path.of("compose-templates");
    var there = root.resolve("usr/share/armory-agent/compose-templates");
    Files.createDirectories(Objects.requireNonNull(there.getParent()));
    try (var walk = Files.walk(shipped)) {
      for (var path : (Iterable<Path>) walk::iterator) {
        Files.copy(path, there.resolve(shipped.relativize(path).toString()));
      }
    }
    write("agent.yaml", "aws: off\nidentity: {stack: e2e, role: edge, private_ip: 10.0.0.1}\n");
    for (var file : SITE.entrySet()) {
      write(file.getKey(), file.getValue().replace("ROOT", root.toString()));
    }
  }

  private Path file(String name) {
    return root.resolve("etc/armory-agent").resolve(name);
  }

  private void write(String name, String text) throws IOException {
    var file = file(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private NodeSources sources() {
    var environment = new Environment(Map.of());
    if (ConfigFile.read(new Paths(root), environment)
        instanceof ConfigFile.Reading.Valid(var config)) {
      return new NodeSources(config, "", AwsOptions.STANDARD);
    }
    throw new AssertionError("agent.yaml is not valid");
  }

  private static Sources.Made read(NodeSources sources) {
    return sources.sources().read().made();
  }

  static Stream<Arguments> every() {
    return Stream.concat(SITE.keySet().stream(), Stream.of("env", "compose", "config"))
        .sorted()
        .flatMap(name ->
            Stream.of(Fault.values())
                // A directory among the configuration files is one.
                .filter(f ->
                    f != Fault.A_DIRECTORY
                        || (name.matches("(?!config/).*[.].*|.*yml") && !name.equals(MOUNTED)))
                .map(f -> Arguments.of(name, f)));
  }

  @ParameterizedTest
  @MethodSource("every")
  void one_that_cannot_be_read_is_named_and_nothing_is_made_without_it(String name, Fault fault)
      throws IOException {
    var file = file(name);
    try (var running = sources();
        var started = sources()) {
      assertThat(read(running)).isInstanceOf(Sources.Ready.class);
      Files.move(file, root.resolve("moved"));
      switch (fault) {
        case A_DIRECTORY -> Files.createDirectory(file);
        case A_LINK_TO_NOWHERE -> Files.createSymbolicLink(file, Path.of("/nowhere/at/all"));
        case A_LINK_TO_ITSELF -> Files.createSymbolicLink(file, file);
      }
      assertThat(problems(read(running))).anyMatch(line -> line.contains(file.toString()));
      if (!name.equals(MOUNTED)) {
        assertThat(problems(read(started))).anyMatch(line -> line.contains(file.toString()));
      }
      Files.delete(file);
      Files.move(root.resolve("moved"), file);
      assertThat(read(running)).as("when it is back").isInstanceOf(Sources.Ready.class);
    }
  }

  private static List<String> problems(Sources.Made made) {
    return switch (made) {
      case Sources.Ready(var revision) -> throw new AssertionError("made without it: " + revision);
      case Sources.Unreadable(var problem) -> List.of(problem.line());
      case Sources.Refused(var all, var roleless) -> {
        assertThat(roleless).as("it has a role").isFalse();
        yield all.stream().map(Problem::line).toList();
      }
    };
  }
}
