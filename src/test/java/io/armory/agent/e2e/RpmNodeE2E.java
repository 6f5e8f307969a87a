package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.SystemdNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The rpm as far as it can be shown without a Red Hat system: real rpm, a live systemd and the
/// whole stack, on a node that has what RHEL 8 provides by name only. What that leaves open is in
/// `docs/packages.md`. One node's life, told in order.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RpmNodeE2E {
  private static final String NEXT = "99.0.0";
  private static final String CONFIGURATION = "/etc/armory-agent/agent.yaml";

  private static final String CACHE = "/usr/lib/armory-agent/daemon.aot";

  @TempDir static Path directory;
  private static @Nullable PackagedNode started;
  private static boolean up;

  @BeforeAll
  static void boot() {
    var own = PackagedNode.boot("rpm");
    started = own;
    own.node.tag(Map.of("armory:stack", "preprod", "armory:role", "standalone"));
    own.node.copyIn(PackagedNode.file("rpm"), "/root/agent.rpm");
    own.node.copyIn(PackagedNode.next("rpm", NEXT, directory), "/root/next.rpm");
    stubs("");
    stubs("no");
  }

  private static void stubs(String docker) {
    var folder = directory.resolve("stubs");
    var define = docker.isEmpty() ? "stub yes" : "docker " + docker;
    Shell.must(
        "rpmbuild",
        "-bb",
        "--quiet",
        "--define",
        "_topdir " + folder,
        "--define",
        define,
        "src/test/rig/rhel-stubs.spec");
    var name = docker.isEmpty() ? "rhel-stubs" : "rhel-stubs-no-docker";
    node()
        .copyIn(
            folder.resolve("RPMS/noarch/" + name + "-8-1.noarch.rpm"), "/root/" + name + ".rpm");
  }

  @AfterAll
  static void end() {
    if (started != null) {
      started.close();
    }
  }

  private static PackagedNode own() {
    return Objects.requireNonNull(started, "the node was not started");
  }

  private static SystemdNode node() {
    return own().node;
  }

  /// Debian's rpm warns of itself unless told.
  private static SystemdNode.Result rpm(String arguments) {
    return node().shell("cd /root && rpm --force-debian " + arguments);
  }

  private static SystemdNode.Result must(String arguments) {
    var result = rpm(arguments);
    assertThat(result.exit()).as(result.text()).isZero();
    return result;
  }

  @Test
  @Order(1)
  void without_an_engine_or_a_c_library_it_is_not_installed() {
    var bare = rpm("-U agent.rpm");
    assertThat(bare.exit()).isNotZero();
    assertThat(bare.text()).contains("glibc >= 2.28 is needed", "systemd >= 239 is needed");
    must("-U rhel-stubs-no-docker.rpm");
    var engineless = rpm("-U agent.rpm");
    assertThat(engineless.exit()).isNotZero();
    assertThat(engineless.text()).contains("(docker-ce >= 20.10 or").doesNotContain("glibc");
    must("-e rhel-stubs-no-docker");
  }

  @Test
  @Order(2)
  void installation_makes_a_healthy_node() {
    must("-U rhel-stubs.rpm");
    must("-U agent.rpm");
    own().awaitReady();
    assertThat(node().run("armory-agent", "status").exit()).isZero();
    assertThat(node().must("systemctl", "is-enabled", "armory-agent").trimmed())
        .isEqualTo("enabled");
    assertThat(node().must("stat", "-c", "%a %U:%G", "/etc/armory-agent/env").trimmed())
        .isEqualTo("2750 root:armory-agent");
    assertThat(node().must("id", "-nG", "armory-agent").out()).contains("docker");
    assertThat(node().mustShell("cat /proc/" + own().property("MainPID") + "/cmdline").out())
        .contains("-XX:AOTCache=" + CACHE);
    assertThat(must("-V armory-agent").text()).as("everything is as it was packed").isEmpty();
    up = true;
  }

  @Test
  @Order(3)
  void upgrade_and_downgrade_keep_the_stack_and_the_edited_configuration() {
    node()
        .mustShell("sed -i 's/^project: spinnaker.*/project: spinnaker # ours/' " + CONFIGURATION);
    replaced("", "-U next.rpm", NEXT);
    node().must("test", "-s", CACHE);
    assertThat(node().must("cat", CONFIGURATION + ".rpmnew").out()).contains("# of the next");
    var version = must("-qp --qf '%{VERSION}' agent.rpm").trimmed();
    replaced("ARMORY_AGENT_NO_AOT=1", "-U --oldpackage agent.rpm", version);
    assertThat(node().run("test", "-e", CACHE).exit()).as("no cache of another version").isOne();
    assertThat(node().must("cat", CONFIGURATION).out())
        .contains("# ours")
        .doesNotContain("# of the next");
  }

  private static void replaced(String environment, String how, String version) {
    assertThat(up).as("the stack came up").isTrue();
    var before = own().lives();
    var process = own().property("MainPID");
    node().mustShell("cd /root && " + environment + " rpm --force-debian " + how);
    assertThat(must("-q --qf '%{VERSION}' armory-agent").trimmed()).isEqualTo(version);
    await()
        .pollInterval(Duration.ofMillis(500))
        .until(() -> !own().property("MainPID").equals(process));
    own().awaitReady();
    assertThat(own().lives()).as(node().journal("armory-agent")).isEqualTo(before);
  }

  @Test
  @Order(4)
  void removal_keeps_the_stack_and_what_the_site_wrote() {
    assertThat(up).as("the stack came up").isTrue();
    var before = own().lives();
    must("-e armory-agent");
    assertThat(own().lives()).isEqualTo(before);
    assertThat(node().run("systemctl", "is-active", "armory-agent").exit()).isNotZero();
    assertThat(node().run("systemctl", "is-enabled", "armory-agent").exit()).isNotZero();
    assertThat(node().must("cat", CONFIGURATION + ".rpmsave").out()).contains("# ours");
    node().must("test", "-s", "/var/lib/armory-agent/last-known-good");
    assertThat(node().run("test", "-e", "/usr/lib/armory-agent").exit()).isEqualTo(1);
  }
}
