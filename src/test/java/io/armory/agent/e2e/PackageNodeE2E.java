package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.SystemdNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The Debian package on a node, from `apt install` to `apt purge`. One node's life, told in order;
/// whatever is done to the agent, no container of the stack is touched.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PackageNodeE2E {
  private static final String NEXT = "99.0.0";
  private static final String CONFIGURATION = "/etc/armory-agent/agent.yaml";

  /// Longer than a node without work takes to be drained.
  private static final Duration WORK = Duration.ofSeconds(6);

  /// When the node's last drain stopped the first container, in seconds since 1970.
  private static final String FIRST_STOP =
      "journalctl -u armory-agent -o short-unix --no-pager | sed -n '/drains: the node shuts"
          + " down/,$p' | grep -m 1 'stop container .* (stopped by the drain' | cut -d ' ' -f 1";

  private static final String CACHE = "/usr/lib/armory-agent/daemon.aot";

  @TempDir static Path directory;
  private static @Nullable PackagedNode started;
  private static boolean up;

  @BeforeAll
  static void boot() {
    started = PackagedNode.boot("package");
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

  /// Who reads nothing but what is printed gets from the package to a stack, and rid of it again.
  @Test
  @Order(0)
  void what_is_printed_leads_from_apt_install_to_a_stack_in_three_minutes() {
    var began = System.nanoTime();
    var installed = own().install(PackagedNode.file("deb")).out();
    var hint = printed(installed, "to try a stack out on this host: sudo (.+)");

    node().mustShell("systemd-run -q --collect --unit=newcomer -E HOME=/root " + hint + " --rm");
    await("what up prints")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> node().journal("newcomer").contains("Ctrl-C ends the agent"));
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMinutes(3));
    var up = node().journal("newcomer");
    node().mustShell("curl -fsS -o /dev/null " + printed(up, "deck +(http\\S+)"));
    node().mustShell("curl -fsS -o /dev/null " + printed(up, "gate +(http\\S+)") + "/health");
    assertThat(node().mustShell(printed(up, "(armory-agent --root \\S+ status)")).out())
        .startsWith("READY");

    node().must("systemctl", "stop", "newcomer");
    assertThat(own().lives()).isEmpty();
  }

  private static String printed(String text, String pattern) {
    var found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).as(text).isTrue();
    return found.group(1);
  }

  @Test
  @Order(1)
  void two_tags_make_a_healthy_node() {
    node().mustShell("sed -i 's/load_balancer: 15s.*/load_balancer: 1s # ours/' " + CONFIGURATION);
    assertThat(own().restart()).isTrue();
    await("the role is missed")
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> {
          var status = node().run("armory-agent", "status");
          return status.exit() == 1 && status.out().contains("this node has no role");
        });

    node().tag(Map.of("armory:stack", "preprod", "armory:role", "standalone"));
    own().awaitReady();
    var status = node().run("armory-agent", "status");
    assertThat(status.exit()).as(status.text()).isZero();
    assertThat(status.out()).startsWith("READY").contains("stack preprod, role standalone");
    assertThat(own().lives()).hasSize(10);
    assertThat(node().must("armory-agent", "validate").out())
        .as("what reaches AWS for the unit does so for the commands, too")
        .startsWith("valid: role standalone");
    node().mustShell("curl -fsS -o /dev/null http://127.0.0.1:8084/health");
    assertThat(node().must("systemctl", "is-system-running").trimmed()).isEqualTo("running");
    await()
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> own().property("StatusText").startsWith("ready: "));
    up = true;
  }

  @Test
  @Order(2)
  void service_is_closed_as_far_as_docker_allows() throws IOException {
    var exposure = node().must("systemd-analyze", "security", "armory-agent.service").out();
    var level = exposure.replaceAll("(?s).*Overall exposure level for \\S+: ([0-9.]+).*", "$1");
    assertThat(Files.readString(Path.of("docs/hardening.md")))
        .as(exposure)
        .contains("exposure is " + level + " with systemd");
    var verified = node().must("systemd-analyze", "--man=no", "verify", "armory-agent.service");
    assertThat(verified.text()).as("unknown keys are said, and no error").isEmpty();
    var process = own().property("MainPID");
    assertThat(node().must("ps", "-o", "user=", "-p", process).trimmed()).startsWith("armory-");
    assertThat(node().mustShell("cat /proc/" + process + "/cmdline").out())
        .as("the start cache of this installation")
        .contains("-XX:AOTCache=" + CACHE);
    assertThat(node().run("runuser", "-u", "nobody", "--", "armory-agent", "status").exit())
        .as("not everybody's")
        .isEqualTo(4);
    node().mustShell("cd /etc/armory-agent/env && install -m 640 /dev/null other.env");
    node().must("runuser", "-u", "armory-agent", "--", "cat", "/etc/armory-agent/env/other.env");
    assertThat(
            node()
                .run("runuser", "-u", "nobody", "--", "cat", "/etc/armory-agent/env/other.env")
                .exit())
        .isNotZero();
  }

  private static RunCommands commands() {
    assertThat(up).as("the stack came up").isTrue();
    return new RunCommands(own());
  }

  @Test
  @Order(3)
  void run_command_status_and_sync_succeed_on_a_ready_node() {
    commands().status_and_sync_succeed_on_a_ready_node();
  }

  @Test
  @Order(3)
  void run_command_restart_is_of_one_service_and_done_when_it_is_up() {
    commands().restart_is_of_one_service_and_done_when_it_is_up();
  }

  @Test
  @Order(3)
  void run_command_logs_of_a_service_that_writes_much_are_cut_to_what_is_shown() {
    commands().logs_of_a_service_that_writes_much_are_cut_to_what_is_shown();
  }

  @Test
  @Order(3)
  void run_command_maintenance_begins_and_ends() {
    commands().maintenance_begins_and_ends();
  }

  @Test
  @Order(3)
  void run_command_drain_takes_the_node_out_of_service_until_it_is_started_again() {
    commands().drain_takes_the_node_out_of_service_until_it_is_started_again();
  }

  @Test
  @Order(3)
  void run_command_support_bundle_stays_on_the_node_unless_told_otherwise() {
    commands().support_bundle_stays_on_the_node_unless_told_otherwise();
  }

  @Test
  @Order(3)
  void run_command_what_is_no_name_is_refused_before_the_agent_is_asked() {
    commands().what_is_no_name_is_refused_before_the_agent_is_asked();
  }

  @Test
  @Order(4)
  void killed_agent_is_back_soon() {
    untouched(() -> {
      var process = own().property("MainPID");
      node().must("kill", "-KILL", process);
      awaitAnother(process);
    });
  }

  /// The unit's own patience is 30 s; the test has less.
  @Test
  @Order(5)
  void halted_agent_is_ended_by_the_watchdog() {
    assertThat(own().property("WatchdogUSec")).isEqualTo("30s");
    untouched(() -> {
      node()
          .write(
              "/run/systemd/system/armory-agent.service.d/test.conf",
              "[Service]\nWatchdogSec=3s\n");
      node().must("systemctl", "daemon-reload");
      assertThat(own().restart()).isTrue();
      var process = own().property("MainPID");
      node().must("kill", "-STOP", process);
      awaitAnother(process);
      assertThat(node().journal("armory-agent")).contains("Watchdog timeout (limit 3s)");
      node().mustShell("rm -r /run/systemd/system/armory-agent.service.d; systemctl daemon-reload");
    });
  }

  @Test
  @Order(6)
  void configuration_that_cannot_work_is_not_tried_again() {
    untouched(() -> {
      node()
          .mustShell("cp -a %1$s /root/kept && echo 'nonsense: 1' >>%1$s".formatted(CONFIGURATION));
      assertThat(own().restart()).isFalse();
      assertThat(own().property("ActiveState")).isEqualTo("failed");
      assertThat(own().property("ExecMainStatus")).isEqualTo("78");
      assertThat(own().property("NRestarts")).isEqualTo("0");
      assertThat(node().journal("armory-agent")).contains("unknown key nonsense");
      node().mustShell("cp -a /root/kept " + CONFIGURATION);
      assertThat(own().restart()).isTrue();
    });
  }

  /// With each key in turn, and at last with one that systemd cannot open.
  @Test
  @Order(7)
  void systemds_credential_seals_what_is_kept() {
    untouched(() -> {
      node()
          .mustShell(
              "umask 077; mkdir -p /etc/credstore /etc/credstore.encrypted; head -c 32 /dev/urandom"
                  + " >/etc/credstore/armory-agent.seal-key");
      sealedAnew("systemd's credential armory-agent.seal-key");
      node()
          .mustShell(
              "head -c 32 /dev/urandom | systemd-creds encrypt --name=%1$s - /etc/credstore.encrypted/%1$s"
                  .formatted("armory-agent.seal-key-encrypted"));
      var key = sealedAnew("systemd's credential armory-agent.seal-key-encrypted");
      assertThat(node().run("armory-agent", "doctor").out())
          .contains("by key " + key + ", systemd's credential armory-agent.seal-key-encrypted");
      node()
          .mustShell(
              "rm -r /etc/credstore; echo spoilt"
                  + " >/etc/credstore.encrypted/armory-agent.seal-key-encrypted");
      sealedAnew("key file /var/lib/armory-agent/seal.key");
      assertThat(node().run("systemctl", "is-failed", "armory-agent-key").trimmed())
          .isEqualTo("failed");
      assertThat(node().run("armory-agent", "doctor").out())
          .contains(
              "systemd has not opened /etc/credstore.encrypted/armory-agent.seal-key-encrypted");
      node().mustShell("rm -r /etc/credstore.encrypted; systemctl reset-failed armory-agent-key");
      assertThat(node().journal("armory-agent"))
          .containsOnlyOnce("last known good revision: sealed state last-known-good does not open")
          .contains("it was sealed with key " + key + ", which is not here");
      await("it is of no concern any more")
          .pollInterval(Duration.ofSeconds(1))
          .until(() ->
              !node().run("armory-agent", "status").out().contains("last known good revision:"));
    });
  }

  /// Restarts the agent, and waits until it has sealed the revision with this key.
  ///
  /// @return the key's ID
  private static String sealedAnew(String origin) {
    assertThat(own().restart()).isTrue();
    var said = "seals the last known good by key ";
    var last =
        node()
            .journal("armory-agent")
            .lines()
            .filter(l -> l.contains(said))
            .reduce("", (_, l) -> l);
    assertThat(last).endsWith(", " + origin);
    var key = last.substring(last.indexOf(said) + said.length(), last.indexOf(", " + origin));
    own().awaitReady();
    await("sealed by " + origin)
        .pollInterval(Duration.ofMillis(500))
        .until(() ->
            node()
                .mustShell(
                    "tail -n +2 /var/lib/armory-agent/last-known-good | head -c 13 | tail -c 8 | od"
                        + " -An -v -tx1 | tr -d ' \n'")
                .trimmed()
                .equals(key));
    return key;
  }

  /// The newer package brings another `agent.yaml`; the node's was edited and is kept. An execution
  /// that is under way is no reason to wait, as it goes on.
  @Test
  @Order(8)
  void upgrade_and_downgrade_keep_the_stack_and_the_edited_configuration() {
    var next = PackagedNode.next("deb", NEXT, directory);
    execute(Duration.ofHours(1));
    untouched(() -> {
      var process = own().property("MainPID");
      own().upgrade(next);
      assertThat(own().property("MainPID")).isNotEqualTo(process);
      assertThat(version()).isEqualTo(NEXT);
      assertThat(node().run("test", "-e", CACHE).exit()).as("no cache of another version").isOne();
      assertThat(node().must("cat", CONFIGURATION + ".dpkg-dist").out()).contains("# of the next");
    });
    untouched(() -> {
      own().installQuickly(PackagedNode.file("deb"));
      assertThat(version()).isNotEqualTo(NEXT);
    });
    assertThat(node().must("cat", CONFIGURATION).out())
        .contains("# ours")
        .doesNotContain("# of the next");
  }

  @Test
  @Order(9)
  void reboot_brings_the_same_stack_up() {
    assertThat(up).as("the stack came up").isTrue();
    var before = own().lives();
    var end = execute(WORK);
    node().reboot();
    own().awaitReady();
    var journal = node().journal("armory-agent");
    assertThat(journal)
        .as("it is drained on the way down, dependents first, and no other time")
        .containsOnlyOnce("drains: the node shuts down")
        .containsSubsequence(
            "drains: the node shuts down", "gate: stop container", "redis: stop container")
        .doesNotContain("work was cut off");
    assertThat(Double.parseDouble(node().mustShell(FIRST_STOP).trimmed()))
        .as("the execution that was under way is awaited")
        .isGreaterThan(end);
    assertThat(node().run("armory-agent", "status").exit()).isZero();
    assertThat(ids(own().lives())).isEqualTo(ids(before));
  }

  @Test
  @Order(10)
  void removal_keeps_the_stack_and_what_the_site_wrote() {
    var before = own().lives();
    apt("remove");
    assertThat(own().lives()).isEqualTo(before);
    assertThat(node().run("test", "-e", "/usr/lib/armory-agent").exit()).isEqualTo(1);
    node().must("test", "-s", CONFIGURATION);
    node().must("test", "-s", "/var/lib/armory-agent/last-known-good");
    assertThat(
            node()
                .must(
                    "docker",
                    "inspect",
                    "-f",
                    "{{.HostConfig.RestartPolicy.Name}}",
                    "spinnaker-gate-1")
                .trimmed())
        .as("the engine takes care of the stack again")
        .isEqualTo("unless-stopped");
  }

  @Test
  @Order(11)
  void purge_removes_the_stack_and_leaves_its_data() {
    node().must("docker", "run", "-d", "--name", "foreign", "armory-standin/gate:dev");
    var told = apt("purge").text();
    assertThat(own().lives()).containsOnlyKeys("foreign");
    assertThat(told).contains("docker volume rm spinnaker_postgres-data spinnaker_redis-data");
    node().must("docker", "volume", "inspect", "spinnaker_redis-data");
    assertThat(node().must("docker", "network", "ls", "--format", "{{.Name}}").out().lines())
        .containsExactlyInAnyOrder("bridge", "host", "none");
    for (var path :
        new String[] {
          "/etc/armory-agent",
          "/var/lib/armory-agent",
          "/run/armory-agent",
          "/usr/share/armory-agent"
        }) {
      assertThat(node().run("test", "-e", path).exit()).as(path).isEqualTo(1);
    }
    assertThat(node().run("systemctl", "cat", "armory-agent").exit()).isNotZero();
  }

  private static SystemdNode.Result apt(String what) {
    return node().mustShell("DEBIAN_FRONTEND=noninteractive apt " + what + " -y -q armory-agent");
  }

  /// Whatever is done: afterwards the agent finds the node ready, and no container is another one
  /// or was started anew.
  private static void untouched(Runnable whatever) {
    assertThat(up).as("the stack came up").isTrue();
    var before = own().lives();
    whatever.run();
    own().awaitReady();
    assertThat(own().lives()).as(node().journal("armory-agent")).isEqualTo(before);
  }

  /// Lets an execution be under way.
  ///
  /// @return when it may end at the earliest, in seconds since 1970
  private static double execute(Duration duration) {
    var now = node().must("date", "+%s.%N").trimmed();
    node()
        .must(
            "docker",
            "exec",
            "spinnaker-orca-1",
            "/standin",
            "ctl",
            "executions=1/" + duration.toSeconds() + "s");
    return Double.parseDouble(now) + duration.toSeconds();
  }

  private static void awaitAnother(String process) {
    await("another process than " + process)
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> {
          var now = own().property("MainPID");
          return !now.equals("0")
              && !now.equals(process)
              && own().property("ActiveState").equals("active");
        });
  }

  private static String version() {
    return node().must("dpkg-query", "-W", "-f", "${Version}", "armory-agent").trimmed();
  }

  private static Map<String, String> ids(Map<String, String> lives) {
    var all = new java.util.TreeMap<String, String>();
    lives.forEach((name, life) -> all.put(name, life.substring(0, life.indexOf(' '))));
    return all;
  }
}
