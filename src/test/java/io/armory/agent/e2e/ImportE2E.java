package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.render.ComposePeer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An old installation is imported with the command, and what comes of it runs.
class ImportE2E {
  private static final String PLANTED = "plant";

  @TempDir Path root;
  private Node node;

  @BeforeEach
  void make() {
    node = new Node(root, "e2e-import-" + ProcessHandle.current().pid());
  }

  @AfterEach
  void remove() {
    node.close();
  }

  private Path installation(String name) throws IOException {
    var from = Path.of("src/test/resources/legacy", name);
    try (var files = Files.walk(from)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var to = root.resolve(from.relativize(file).toString());
        Files.createDirectories(Objects.requireNonNull(to.getParent()));
        Files.copy(file, to);
      }
    }
    return root.resolve("opt/spinnaker");
  }

  @Test
  void an_imported_stand_alone_stack_comes_up_and_keeps_its_secrets() throws Exception {
    var old = installation("standalone");
    // Where the stand-ins are is the only thing a site of 2017 could not say.
    Files.writeString(
        old.resolve("env/default.env"),
        node.read("etc/armory-agent/env/default.env")
            + "STACK_SUBNET=%s\n".formatted(SmallStack.subnet()),
        StandardOpenOption.APPEND);
    Files.delete(root.resolve("etc/armory-agent/env/default.env"));

    var rehearsal = node.cli("import", old.toString(), "--dry-run");
    assertThat(rehearsal.exit()).as(rehearsal.err()).isEqualTo(1);
    assertThat(root.resolve("etc/armory-agent/config")).doesNotExist();

    var run = node.cli("import", old.toString(), "--json");
    assertThat(run.exit()).as(run.err()).isEqualTo(1);
    var report = new ObjectMapper().readTree(run.out());
    assertThat(report.path("stacks"))
        .singleElement()
        .satisfies(s -> {
          assertThat(s.path("stack").asText()).isEqualTo("preprod");
          assertThat(s.path("role").asText()).isEqualTo("standalone");
          assertThat(s.path("problems")).isEmpty();
        });
    assertThat(rehearsal.out() + run.out()).doesNotContain(PLANTED);
    assertThat(run.out()).contains("env/default.env:25", "compose/docker-compose.override.yml:18");
    node.write(
        "etc/armory-agent/agent.yaml",
        node.read("etc/armory-agent/agent.yaml").replace("stack: e2e", "stack: preprod"));
    assertThat(node.cli("validate").exit()).isZero();

    node.startAgent();
    node.awaitReady();
    // Its pipelines are in the bucket that it names: no database beside it.
    assertThat(node.containers()).hasSize(10).containsKey(node.project + "-ecr-token-refresh-1");
    assertComposeAccepts();
    for (var container : node.containers().values()) {
      assertThat(Shell.must("docker", "inspect", container).out()).doesNotContain(PLANTED);
    }
    assertThat(Shell.must("docker", "inspect", node.container("gate")).out())
        .contains(
            "AUTH_ENABLED=true",
            "/run/secrets/spring/GATE_LOCAL_SPRING_OAUTH2_CLIENT_CLIENTSECRET_SECRET");
    assertNobodyElseCanRead(old);
  }

  private void assertComposeAccepts() throws Exception {
    var file = root.resolve("rendered.yml");
    Files.writeString(file, node.cli("render").out());
    var answer = ComposePeer.run(root, Map.of(), List.of("-f", file.toString(), "config", "-q"));
    assertThat(answer.exit()).as(answer.errors()).isZero();
  }

  private void assertNobodyElseCanRead(Path old) throws IOException {
    try (var files = Files.walk(root)) {
      for (var file : files.filter(Files::isRegularFile).filter(f -> !f.startsWith(old)).toList()) {
        var open =
            Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)
                && !file.startsWith(root.resolve("run"));
        if (open) {
          assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
              .as(file.toString())
              .doesNotContain(PLANTED);
        }
      }
    }
  }

  @Test
  void nothing_is_overwritten_and_a_second_import_changes_nothing() throws IOException {
    var old = installation("ha");
    Files.delete(root.resolve("etc/armory-agent/env/default.env"));
    Files.delete(root.resolve("etc/armory-agent/agent.yaml"));
    var run = node.cli("import", old.toString(), "--role", "ha-polling", "--stack", "ha");
    assertThat(run.exit()).as(run.out() + run.err()).isZero();
    assertThat(run.out()).contains("stack ha: role ha-polling, valid, 9 services");
    assertThat(node.read("etc/armory-agent/agent.yaml"))
        .contains("  role: ha-polling\n  stack: ha\n");
    var again = node.cli("import", old.toString(), "--role", "ha-polling", "--stack", "ha");
    assertThat(again.exit()).isZero();
    assertThat(again.out()).contains("unchanged").doesNotContain("  new  ", "replaced");

    node.write("etc/armory-agent/config/clouddriver-local.yml", "mine: true\n");
    var refused = node.cli("import", old.toString(), "--role", "ha-polling", "--stack", "ha");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("--force");
    assertThat(refused.out()).contains("in the way").contains("clouddriver-local.yml");
    assertThat(node.read("etc/armory-agent/config/clouddriver-local.yml"))
        .isEqualTo("mine: true\n");
    assertThat(
            node.cli("import", old.toString(), "--role", "ha-polling", "--stack", "ha", "--force")
                .exit())
        .isZero();
    assertThat(node.read("etc/armory-agent/config/clouddriver-local.yml")).contains("acme");
  }

  @Test
  void what_is_no_installation_is_one_line() {
    for (var wrong : List.of("/nonexistent", root.resolve("usr").toString())) {
      var run = node.cli("import", wrong);
      assertThat(run.exit()).isEqualTo(2);
      assertThat(run.err().lines()).singleElement().asString().contains(wrong);
    }
  }
}
