package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.rig.SystemdNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The install script of the machine image on a Debian node: images come from a registry, stay, and
/// nothing else of the machine does.
class MachineImageE2E {
  private static final List<String> SERVICES =
      List.of(
          "front50",
          "clouddriver",
          "orca",
          "rosco",
          "echo",
          "igor",
          "gate",
          "deck",
          "redis",
          "postgres");
  private static final String REGISTRY = "localhost:5055/armory";

  @Test
  void image_has_the_agent_and_the_images_and_nothing_of_the_machine() {
    var name = "e2e-ami-" + ProcessHandle.current().pid();
    try (var node = SystemdNode.boot(name, SystemdNode.image())) {
      serveImages(node);
      node.tag(Map.of());
      node.copyIn(PackagedNode.file("deb"), "/root/armory-agent.deb");
      node.copyIn(Path.of("packaging/ami/install.sh"), "/root/install.sh");
      leaveTraces(node);
      makeSsmAgent(node);
      // PackageNodeE2E has the start caches recorded, which takes ten seconds.
      node.mustShell(
          "ARMORY_AGENT_NO_AOT=1 ROLES='standalone ha' SPINNAKER_REGISTRY="
              + REGISTRY
              + " SPINNAKER_RELEASE=dev REGISTRY_LOGIN=/root/login.json SSM_AGENT=/root/ssm.deb"
              + " bash /root/install.sh /root/armory-agent.deb");
      nothingIsLeft(node);
      assertThat(node.must("cat", "/etc/armory-agent/env/default.env").out())
          .contains("SPINNAKER_REGISTRY=" + REGISTRY + "\n", "SPINNAKER_RELEASE=dev\n");
      assertThat(
              node.run("systemctl", "is-enabled", "armory-agent", "docker", "amazon-ssm-agent")
                  .out())
          .isEqualTo("enabled\nenabled\nenabled\n");
      node.must("systemctl", "start", "docker");
      var images = node.must("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}").out();
      SERVICES.forEach(s -> assertThat(images).contains(REGISTRY + "/" + s + ":dev\n"));
      assertThat(node.must("docker", "ps", "-aq").out()).isEmpty();
      var unknown = node.run("armory-agent", "pull", "--role", "none-such");
      assertThat(unknown.exit()).isEqualTo(2);
      assertThat(unknown.err()).contains("there is no role none-such");
      node.must("systemctl", "stop", "registry");
      var unreachable = node.run("armory-agent", "pull", "--role", "gate");
      assertThat(unreachable.exit()).isEqualTo(1);
    }
  }

  /// A registry of the node's own, which its engine trusts.
  private static void serveImages(SystemdNode node) {
    node.loadImages(
        SERVICES.stream().map(s -> "armory-standin/" + s + ":dev").toArray(String[]::new));
    node.copyIn(Path.of("/usr/bin/docker-registry"), "/usr/bin/docker-registry");
    node.write(
        "/etc/registry.yml",
        """
        version: 0.1
        storage: {filesystem: {rootdirectory: /srv/registry}}
        http: {addr: "127.0.0.1:5055"}
        """);
    node.mustShell("systemd-run -q --unit registry docker-registry serve /etc/registry.yml");
    node.mustShell(
        "for i in $(seq 1000); do curl -fsS http://127.0.0.1:5055/v2/ >/dev/null && exit; sleep"
            + " 0.1; done; exit 1");
    for (var service : SERVICES) {
      var local = "armory-standin/" + service + ":dev";
      var remote = REGISTRY + "/" + service + ":dev";
      node.mustShell(
          "docker tag %1$s %2$s && docker push -q %2$s && docker rmi -f %1$s %2$s"
              .formatted(local, remote));
    }
  }

  /// A package of its name: the real one is AWS' alone.
  private static void makeSsmAgent(SystemdNode node) {
    node.write(
        "/root/ssm/DEBIAN/control",
        """
        Package: amazon-ssm-agent
        Version: 3.3
        Architecture: all
        Maintainer: nobody <nobody@example.com>
        Description: plays SSM Agent
        """);
    node.write(
        "/root/ssm/lib/systemd/system/amazon-ssm-agent.service",
        "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n");
    node.mustShell("dpkg-deb --build /root/ssm /root/ssm.deb && rm -r /root/ssm");
  }

  private static void leaveTraces(SystemdNode node) {
    node.write(
        "/etc/armory-agent/env/default.env",
        "REDIS_IMAGE=%1$s/redis:dev\nPOSTGRES_IMAGE=%1$s/postgres:dev\n".formatted(REGISTRY));
    node.write("/root/login.json", "{\"auths\": {}}");
    node.write("/root/.docker/config.json", "{\"auths\": {\"x\": {\"auth\": \"PLANTED-TRACE\"}}}");
    node.write("/root/.aws/credentials", "PLANTED-TRACE");
    node.write("/root/.bash_history", "PLANTED-TRACE");
    node.write("/home/ubuntu/.ssh/authorized_keys", "PLANTED-TRACE");
    node.write("/etc/ssh/ssh_host_ed25519_key", "PLANTED-TRACE");
    node.write("/var/lib/cloud/instances/i-0123/user-data.txt", "PLANTED-TRACE");
    node.write("/var/lib/armory-agent/digest-key", "PLANTED-TRACE");
    node.write("/var/log/cloud-init.log", "PLANTED-TRACE");
    node.write("/var/tmp/build", "PLANTED-TRACE");
    node.mustShell("docker create --name left " + REGISTRY + "/gate:dev >/dev/null");
  }

  private static void nothingIsLeft(SystemdNode node) {
    assertThat(
            node.shell(
                    "grep -rl PLANTED-TRACE /root /home /etc /var --exclude-dir=docker"
                        + " --exclude-dir=containerd 2>/dev/null")
                .out())
        .isEmpty();
    assertThat(node.must("cat", "/etc/machine-id").out()).isEmpty();
    assertThat(node.must("find", "/var/lib/armory-agent", "-mindepth", "1").out()).isEmpty();
    assertThat(node.must("find", "/var/log", "-name", "*.log", "-size", "+0").out()).isEmpty();
  }
}
