package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.packaging.CommandDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The Command documents on a node whose agent runs: each script as SSM Agent would run it, and
/// what Run Command would show of it.
class RunCommandE2E {
  /// Of standard output and of standard error, in characters.
  private static final int SHOWN = 24_000;

  private static final int SHOWN_ERRORS = 8_000;

  @TempDir static Path root;
  private static @Nullable Node started;

  @BeforeAll
  static void start() {
    var node = SmallStack.node(root, "ssm", "");
    SmallStack.parameters(node, SmallStack.subnet(), "dev");
    started = node;
    node.startAgent();
    node.awaitReady();
  }

  @AfterAll
  static void end() {
    if (started != null) {
      started.close();
    }
  }

  private static Node node() {
    var node = started;
    if (node == null) {
      throw new AssertionError("the node was not started");
    }
    return node;
  }

  private static Shell.Result send(String document, Map<String, String> values) {
    var result = node().script(CommandDocument.named(document).textual(values), Map.of());
    assertThat(result.out().length()).isLessThan(SHOWN);
    assertThat(result.err().length()).isLessThan(SHOWN_ERRORS);
    return result;
  }

  private static Shell.Result must(String document, Map<String, String> values) {
    var result = send(document, values);
    assertThat(result.exit()).as(result.out() + result.err()).isZero();
    return result;
  }

  @Test
  void status_and_sync_succeed_on_a_ready_node() {
    assertThat(must("Status", Map.of()).out()).startsWith("READY");
    assertThat(must("Status", Map.of("Format", "json")).out()).startsWith("{");
    must("Sync", Map.of("Timeout", "2m"));
  }

  @Test
  void restart_is_of_one_service_and_done_when_it_is_up() {
    var orca = startedAt("orca");
    var gate = startedAt("gate");
    must("Restart", Map.of("Service", "gate"));
    assertThat(startedAt("gate")).isNotEqualTo(gate);
    assertThat(startedAt("orca")).isEqualTo(orca);
    assertThat(send("Restart", Map.of("Service", "none-such")).exit()).isNotZero();
  }

  private static String startedAt(String service) {
    return Shell.must("docker", "inspect", "-f", "{{.State.StartedAt}}", node().container(service))
        .trimmed();
  }

  @Test
  void logs_of_a_service_that_writes_much_are_cut_to_what_is_shown() {
    Shell.must(
        "docker",
        "exec",
        node().container("orca"),
        "sh",
        "-c",
        "i=0; while [ $i -lt 2000 ]; do echo line $i of many, all rather long ones; i=$((i+1)); done >/proc/1/fd/1");
    assertThat(must("Logs", Map.of("Service", "orca", "Lines", "2000")).out()).contains("cut here");
    must("Logs", Map.of("Lines", "100"));
  }

  @Test
  void maintenance_begins_and_ends() {
    must("Maintenance", Map.of("Switch", "on", "For", "1h", "Reason", "disk swap, OPS-12"));
    assertThat(must("Status", Map.of()).out()).contains("disk swap, OPS-12");
    must("Maintenance", Map.of("Switch", "off"));
    assertThat(must("Status", Map.of()).out()).doesNotContain("disk swap");
  }

  @Test
  void drain_takes_the_node_out_of_service_until_it_is_started_again() {
    must("Drain", Map.of("Timeout", "2m"));
    assertThat(send("Status", Map.of()).exit()).isEqualTo(1);
    assertThat(node().get("/health/ready").status()).isEqualTo(503);
    assertThat(node().cli("start").exit()).isZero();
    node().awaitReady();
  }

  @Test
  void support_bundle_stays_on_the_node_unless_told_otherwise() throws IOException {
    var at = Files.createDirectories(root.resolve("bundles"));
    var result =
        node()
            .script(
                CommandDocument.named("SupportBundle").textual(Map.of()),
                Map.of("TMPDIR", at.toString()));
    assertThat(result.exit()).as(result.err()).isZero();
    assertThat(result.err().length()).isLessThan(SHOWN_ERRORS);
    assertThat(Path.of(result.trimmed())).exists().hasParent(at);
  }

  @Test
  void what_is_no_name_is_refused_before_the_agent_is_asked() {
    for (var hostile :
        List.of("gate; touch " + root + "/hit", "$(touch " + root + "/hit)", "--help", "'")) {
      assertThat(send("Restart", Map.of("Service", hostile)).exit()).isEqualTo(2);
      assertThat(send("Logs", Map.of("Service", hostile)).exit()).isEqualTo(2);
      assertThat(send("Sync", Map.of("Timeout", hostile)).exit()).isEqualTo(2);
      assertThat(send("Maintenance", Map.of("Switch", "on", "For", hostile)).exit()).isEqualTo(2);
      assertThat(send("SupportBundle", Map.of("To", hostile)).exit()).isEqualTo(2);
    }
    assertThat(root.resolve("hit")).doesNotExist();
  }
}
