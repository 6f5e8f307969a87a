package io.armory.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The process as people start it.
class MainIT {
  @TempDir Path root;

  private record Ended(int exit, String out, String err) {}

  private Ended agent(String... arguments) throws IOException, InterruptedException {
    return agent(List.of(), arguments);
  }

  private Ended agent(List<String> jvm, String... arguments)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m"));
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    var out = new File(root.toFile(), "out.txt");
    var err = new File(root.toFile(), "err.txt");
    var builder = new ProcessBuilder(command).redirectOutput(out).redirectError(err);
    builder.environment().put("ARMORY_AGENT_ROOT", root.toString());
    var process = builder.start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    return new Ended(
        process.exitValue(),
        Files.readString(out.toPath(), StandardCharsets.UTF_8),
        Files.readString(err.toPath(), StandardCharsets.UTF_8));
  }

  @Test
  void exit_codes_are_as_promised() throws Exception {
    assertThat(agent("version").exit()).isZero();
    assertThat(agent("status").exit()).isEqualTo(3);
    assertThat(agent("plan").exit()).isEqualTo(3);
    assertThat(agent("nonsense").exit()).isEqualTo(2);
    Files.createDirectories(root.resolve("etc/armory-agent"));
    Files.writeString(root.resolve("etc/armory-agent/agent.yaml"), "htp: {}\naws: maybe\n");
    var run = agent("run");
    assertThat(run.exit()).isEqualTo(78);
    assertThat(run.err().lines())
        .satisfiesExactlyInAnyOrder(
            l -> assertThat(l).contains("agent.yaml:1: unknown key htp"),
            l -> assertThat(l).contains("agent.yaml:2: aws"));
    assertThat(run.out()).isEmpty();
  }

  /// systemd never starts what ended with 78 again: that is for `agent.yaml` alone.
  @Test
  void what_may_pass_is_no_misconfiguration() throws Exception {
    Files.createDirectories(root.resolve("etc/armory-agent"));
    var yaml = root.resolve("etc/armory-agent/agent.yaml");
    Files.writeString(yaml, "aws: off\nhttp: {address: 192.0.2.7}\n");
    var early = agent("run");
    assertThat(early.err()).containsOnlyOnce("\n").contains("192.0.2.7", "http.address");
    assertThat(early.exit()).as("an address that is not on an interface yet").isEqualTo(1);

    Files.writeString(yaml, "aws: off\nhttp: {address: 127.0.0.1, port: 0}\n");
    var run = Files.createDirectories(root.resolve("run"));
    Files.writeString(run.resolve("armory-agent"), "in the way");
    var blocked = agent("run");
    assertThat(blocked.err()).containsOnlyOnce("\n").contains("armory-agent");
    assertThat(blocked.exit()).as("a runtime directory that cannot be made").isEqualTo(1);

    Files.delete(run.resolve("armory-agent"));
    var state = Files.createDirectories(root.resolve("var/lib/armory-agent"));
    for (var copy : List.of("digest-key", "digest-key.previous")) {
      Files.writeString(state.resolve(copy), "torn");
    }
    var damaged = agent("run");
    assertThat(damaged.err()).containsOnlyOnce("\n").contains("digest-key", "damaged");
    assertThat(damaged.exit()).as("a damaged key of digests").isEqualTo(1);
  }

  /// What makes `status` quick is what it does not load.
  @Test
  void status_loads_no_library() throws Exception {
    var loaded = agent(List.of("-Xlog:class+load:file=" + root.resolve("classes.txt")), "status");
    assertThat(loaded.exit()).isEqualTo(3);
    try (Stream<String> lines = Files.lines(root.resolve("classes.txt"))) {
      assertThat(lines)
          .anyMatch(l -> l.contains("io.armory.agent.cli.StatusQuery"))
          .noneMatch(l -> l.contains("picocli."))
          .noneMatch(l -> l.contains("io.vertx."))
          .noneMatch(l -> l.contains("ch.qos.logback."))
          .noneMatch(l -> l.contains("com.fasterxml."));
    }
  }

  /// What the daemon loads it keeps for good.
  @Test
  void run_does_without_the_command_line_s_library() throws Exception {
    Files.createDirectories(root.resolve("etc/armory-agent"));
    Files.writeString(root.resolve("etc/armory-agent/agent.yaml"), "aws: maybe\n");
    var loaded = agent(List.of("-Xlog:class+load:file=" + root.resolve("classes.txt")), "run");
    assertThat(loaded.exit()).isEqualTo(78);
    assertThat(loaded.err()).containsOnlyOnce("\n").contains("agent.yaml:1: aws");
    try (Stream<String> lines = Files.lines(root.resolve("classes.txt"))) {
      assertThat(lines)
          .anyMatch(l -> l.contains("io.armory.agent.config.ConfigFile"))
          .noneMatch(l -> l.contains("picocli.CommandLine "));
    }
  }
}
