package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.packaging.CommandDocument;
import io.armory.agent.rig.SystemdNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The Command documents on a node with the package installed and the agent running: each script as
/// SSM Agent would run it, root, in a shell; and what Run Command would show of it.
///
/// @param own the node, which is ready, and is again after each
record RunCommands(PackagedNode own) {
  /// Of standard output and of standard error, in characters.
  private static final int SHOWN = 24_000;

  private static final int SHOWN_ERRORS = 8_000;
  private static final String HIT = "/root/hit";

  private SystemdNode.Result send(String document, Map<String, String> values) {
    var result = own.script(CommandDocument.named(document).textual(values));
    assertThat(result.out().length()).isLessThan(SHOWN);
    assertThat(result.err().length()).isLessThan(SHOWN_ERRORS);
    return result;
  }

  private SystemdNode.Result must(String document, Map<String, String> values) {
    var result = send(document, values);
    assertThat(result.exit()).as(result.out() + result.err()).isZero();
    return result;
  }

  void status_and_sync_succeed_on_a_ready_node() {
    assertThat(must("Status", Map.of()).out()).startsWith("READY");
    assertThat(must("Status", Map.of("Format", "json")).out()).startsWith("{");
    must("Sync", Map.of("Timeout", "2m"));
  }

  void restart_is_of_one_service_and_done_when_it_is_up() {
    var orca = startedAt("orca");
    var gate = startedAt("gate");
    must("Restart", Map.of("Service", "gate"));
    assertThat(startedAt("gate")).isNotEqualTo(gate);
    assertThat(startedAt("orca")).isEqualTo(orca);
    assertThat(send("Restart", Map.of("Service", "none-such")).exit()).isNotZero();
  }

  private String startedAt(String service) {
    return own.node
        .must("docker", "inspect", "-f", "{{.State.StartedAt}}", container(service))
        .trimmed();
  }

  private static String container(String service) {
    return "spinnaker-" + service + "-1";
  }

  void logs_of_a_service_that_writes_much_are_cut_to_what_is_shown() {
    own.node.must(
        "docker",
        "exec",
        container("orca"),
        "sh",
        "-c",
        "i=0; while [ $i -lt 2000 ]; do echo line $i of many, all rather long ones; i=$((i+1)); done >/proc/1/fd/1");
    // The engine reads what a container writes in its own time.
    await()
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> own.node.must("docker", "logs", container("orca")).out().contains("line 1999"));
    assertThat(must("Logs", Map.of("Service", "orca", "Lines", "2000")).out()).contains("cut here");
    must("Logs", Map.of("Lines", "100"));
  }

  void maintenance_begins_and_ends() {
    must("Maintenance", Map.of("Switch", "on", "For", "1h", "Reason", "disk swap, OPS-12"));
    assertThat(must("Status", Map.of()).out()).contains("disk swap, OPS-12");
    must("Maintenance", Map.of("Switch", "off"));
    assertThat(must("Status", Map.of()).out()).doesNotContain("disk swap");
  }

  void drain_takes_the_node_out_of_service_until_it_is_started_again() {
    must("Drain", Map.of("Timeout", "2m"));
    assertThat(send("Status", Map.of()).exit()).isEqualTo(1);
    assertThat(own.health("/health/ready")).isEqualTo(503);
    assertThat(own.node.run("armory-agent", "start").exit()).isZero();
    own.awaitReady();
  }

  void support_bundle_stays_on_the_node_unless_told_otherwise() {
    var result = must("SupportBundle", Map.of());
    var file = result.trimmed();
    assertThat(file).startsWith("/").endsWith(".tar.gz");
    assertThat(own.node.must("tar", "-tzf", file).out()).contains("status");
  }

  void what_is_no_name_is_refused_before_the_agent_is_asked() {
    for (var hostile : List.of("gate; touch " + HIT, "$(touch " + HIT + ")", "--help", "'")) {
      assertThat(send("Restart", Map.of("Service", hostile)).exit()).isEqualTo(2);
      assertThat(send("Logs", Map.of("Service", hostile)).exit()).isEqualTo(2);
      assertThat(send("Sync", Map.of("Timeout", hostile)).exit()).isEqualTo(2);
      assertThat(send("Maintenance", Map.of("Switch", "on", "For", hostile)).exit()).isEqualTo(2);
      assertThat(send("SupportBundle", Map.of("To", hostile)).exit()).isEqualTo(2);
    }
    assertThat(own.node.run("test", "-e", HIT).exit()).isEqualTo(1);
  }
}
