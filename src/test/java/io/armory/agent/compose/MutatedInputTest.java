package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.files.EnvFileParameters;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.rig.Mutator;
import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever became of a file, reading it ends soon, with what it says or with lines that say what
/// is wrong. A failure names its seed: `-Darmory.seed=N -Dprove.mutated=1` reads that input again.
public class MutatedInputTest {
  private static final int INPUTS = Sheet.size("mutated", 3_000);
  private static final Duration BOUND = Duration.ofSeconds(1);
  private static final Path CASES = Path.of("src/test/resources/compose");

  private static final List<String> WORDS =
      List.of(
          "\n",
          "\t",
          "\r",
          "\0",
          "\u2028",
          "\uFEFF",
          ": ",
          "- ",
          "? ",
          "|",
          ">-",
          "&a ",
          "*a",
          "<<: *a",
          "!reset ",
          "!override ",
          "!!binary ",
          "!!set ",
          "%YAML 1.1\n---\n",
          "---\n",
          "...\n",
          "[",
          "]",
          "{",
          "}",
          "\"",
          "'",
          "#",
          "\\",
          "\\u0000",
          "$",
          "$$",
          "${",
          "${X:-",
          "${X:?no}",
          "${A_B+x}",
          "~",
          "null",
          "yes",
          "0",
          "-1",
          "1e999",
          "0x7fffffffffffffff",
          "99999999999999999999",
          "1.5",
          "2001-01-01",
          "1:30",
          "10gb",
          "5m",
          "-5s",
          "../..",
          "/",
          "services:\n",
          "include: [x]\n",
          "extends: {service: a}\n",
          "depends_on: [a]\n",
          "networks: {}\n",
          "healthcheck: {test: [NONE]}\n",
          "deploy: {replicas: 0}\n",
          "export ",
          "=",
          "http:",
          "port: 0\n",
          "identity:\n",
          "images: {require_digest: maybe}\n");

  @TempDir Path root;

  @Test
  void a_compose_file() throws IOException {
    var corpus = new ArrayList<String>();
    try (Stream<Path> files = Files.list(CASES.resolve("differential"))) {
      for (var file : files.sorted().toList()) {
        ReferenceCase.parseAll(Files.readString(file)).stream()
            .flatMap(c -> c.files().entrySet().stream())
            .filter(f -> f.getKey().endsWith(".yaml") || f.getKey().endsWith(".yml"))
            .forEach(f -> corpus.add(f.getValue()));
      }
    }
    corpus.addAll(texts(Path.of("compose-templates"), ".yml"));
    run("Compose files", corpus, text -> read("compose", root, text));
  }

  @Test
  void an_env_file() throws IOException {
    var corpus = new ArrayList<>(texts(Path.of("packaging"), ".env"));
    corpus.add("A=1\nB=\"two $A\"\nexport C='three'\n# no\nD=${A:-x}${B:?y}\nREDIS_PASSWORD=p\n");
    corpus.add(
        "SPINNAKER_REGISTRY=armory-standin\nSPINNAKER_RELEASE=dev\nSTACK_SUBNET=10.0.0.0/24");
    run("env files", corpus, text -> read("env", root, text));
  }

  @Test
  void agent_yaml() throws IOException {
    var paths = new Paths(root);
    Files.createDirectories(paths.agentYaml().resolveSibling("x"));
    var corpus = new ArrayList<>(texts(Path.of("packaging"), "agent.yaml"));
    corpus.add(
        """
        project: p
        identity: {stack: e2e, role: small, tags: {a: b}}
        aws: off
        http: {address: 127.0.0.1, port: 5000}
        rollout: {timeout: 40s, bake: 1s, max_unavailable: 10%}
        parameters: {poll_interval: 1s, prefix: /x}
        repair: {backoff_initial: 1s, backoff_max: 5m, window: 1h}
        health: {asg: {report: true, grace: 10m}, disk: 95}
        drain: {timeout: 90s, load_balancer: 5s, on_rebalance: false}
        images: {require_digest: true}
        secrets: {keep_last_known_good: false}
        """);
    run("agent.yaml", corpus, text -> read("agent", root, text));
  }

  /// Called by the fuzzer of `./dev prove guided`, which is guided by what of the agent's code an
  /// input reaches.
  public static void fuzzerTestOneInput(byte[] input) {
    var text = new String(input, StandardCharsets.UTF_8);
    read(System.getProperty("guided", ""), Path.of(System.getProperty("guided.root", "")), text);
  }

  /// @param kind `compose`, `env` or `agent`
  private static void read(String kind, Path root, String text) {
    switch (kind) {
      case "compose" -> readCompose(text);
      case "env" -> readEnvFile(root, text);
      case "agent" -> readAgentYaml(new Paths(root), text);
      default -> throw new IllegalArgumentException(kind);
    }
  }

  private static void readCompose(String text) {
    var files = Map.of(Loading.FILE, text, "/p/.env", "A_B=ab\nIMG=\n", "/p/x", text);
    switch (Loading.load(files, Map.of("SET", "val", "NUM", "3"))) {
      case ComposeResult.Loaded loaded -> assertThat(loaded.stack().services()).isNotNull();
      case ComposeResult.Rejected rejected -> {
        assertThat(rejected.problems()).hasSizeLessThanOrEqualTo(Problem.MOST);
        areLines(rejected.problems().stream().map(Problem::line).toList());
      }
    }
  }

  private static void readEnvFile(Path root, String text) {
    var node =
        new NodeIdentity(
            new Fact("default", "t"),
            Optional.empty(),
            new Fact("/a", "t"),
            Map.of(),
            Map.of(),
            List.of());
    write(root.resolve("default.env"), text);
    switch (new EnvFileParameters(root).read(node)) {
      case Outcome.Done<?>(var value) -> assertThat(value).isNotNull();
      case Outcome.Failed<?>(var failure) -> areLines(failure.message().lines().toList());
    }
  }

  private static void readAgentYaml(Paths paths, String text) {
    write(paths.agentYaml(), text);
    switch (ConfigFile.read(paths, new Environment(Map.of()))) {
      case ConfigFile.Reading.Valid valid -> assertThat(valid.config()).isNotNull();
      case ConfigFile.Reading.Invalid invalid ->
          areLines(invalid.problems().stream().map(Problem::line).toList());
    }
  }

  private static void areLines(List<String> problems) {
    assertThat(problems).isNotEmpty();
    assertThat(problems).allMatch(l -> l.length() < 2_000, "is short");
    assertThat(problems).allMatch(l -> l.chars().noneMatch(Character::isISOControl), "is one line");
  }

  private static void run(String what, List<String> corpus, Consumer<String> reading) {
    var mutator = new Mutator(corpus, WORDS);
    var seed = Sheet.seed("mutated");
    var threads = ManagementFactory.getThreadMXBean();
    for (var one : (Iterable<Long>) LongStream.range(seed, seed + INPUTS)::iterator) {
      var text = mutator.mutated(one);
      try {
        var began = threads.getCurrentThreadCpuTime();
        reading.accept(text);
        assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - began)).isLessThan(BOUND);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("%s, seed %d:%n%s".formatted(what, one, text), e);
      }
    }
    Sheet.count("mutated", what + " read", INPUTS, seed);
  }

  private static List<String> texts(Path folder, String end) throws IOException {
    var texts = new ArrayList<String>();
    try (var files = Files.walk(folder)) {
      for (var file : files.filter(f -> f.toString().endsWith(end)).sorted().toList()) {
        texts.add(Files.readString(file));
      }
    }
    return texts;
  }

  private static void write(Path file, String text) {
    try {
      Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
