package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.MotoServer;
import io.armory.agent.rig.Relay;
import io.armory.agent.rig.SystemdNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;

/// A fresh Debian node with Docker Engine, in AWS as its stand-ins play it, and the package as
/// `./dev package` makes it. The images have the names that the shipped templates ask for, so that
/// nothing has to be said but who the node is; what a site adds here only has the engine ask
/// seldom.
final class PackagedNode implements AutoCloseable {
  private static final List<String> SERVICES =
      List.of("gate", "deck", "orca", "clouddriver", "front50", "echo", "igor", "rosco");
  private static final Duration READY = Duration.ofMinutes(3);
  private static final String UNIT = "armory-agent";

  final SystemdNode node;
  final MotoServer aws;
  private final Relay services;

  private PackagedNode(SystemdNode node, MotoServer aws) throws IOException {
    this.node = node;
    this.aws = aws;
    this.services = new Relay(InetAddress.getByName(node.gateway()), aws.endpoint());
  }

  /// @param name of the node, made unique
  static PackagedNode boot(String name) {
    var aws = new MotoServer();
    var node =
        SystemdNode.boot("e2e-" + name + "-" + ProcessHandle.current().pid(), SystemdNode.image());
    try {
      var packaged = new PackagedNode(node, aws);
      packaged.surround();
      return packaged;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      node.close();
      aws.close();
      throw e;
    }
  }

  /// What is around a node before anybody installs anything: AWS, and a registry's images.
  private void surround() throws IOException {
    node.tag(Map.of());
    node.write("/" + Node.OVERRIDE, Node.QUIET);
    node.write("/etc/default/armory-agent", "AWS_ENDPOINT_URL=" + services.endpoint() + "\n");
    var stack = Files.readString(Path.of("compose-templates/spinnaker.yml"));
    var registry = fallback(stack, "SPINNAKER_REGISTRY");
    var release = fallback(stack, "SPINNAKER_RELEASE");
    var images = new TreeMap<String, String>();
    SERVICES.forEach(
        s -> images.put("armory-standin/" + s + ":dev", registry + "/" + s + ":" + release));
    images.put("armory-standin/redis:dev", fallback(stack, "REDIS_IMAGE"));
    images.put("armory-standin/postgres:dev", fallback(stack, "POSTGRES_IMAGE"));
    node.loadImages(images.keySet().toArray(String[]::new));
    images.forEach((local, name) -> node.must("docker", "tag", local, name));
  }

  private static String fallback(String stack, String parameter) {
    var found = Pattern.compile("\\$\\{" + parameter + ":-([^}]+)}").matcher(stack);
    assertThat(found.find()).as(parameter + " has a default").isTrue();
    return found.group(1);
  }

  /// The package of this checkout.
  ///
  /// @param kind `deb` or `rpm`
  static Path file(String kind) {
    var pattern =
        kind.equals("deb")
            ? "armory-agent_*_" + Shell.must("dpkg", "--print-architecture").trimmed() + ".deb"
            : "armory-agent-*." + Shell.must("uname", "-m").trimmed() + ".rpm";
    try (var found = Files.newDirectoryStream(Path.of("target"), pattern)) {
      for (var file : found) {
        return file;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("no target/" + pattern + ": make it by ./dev package");
  }

  /// The package as a later version with another `agent.yaml`.
  static Path next(String kind, String version, Path folder) {
    Shell.must("src/test/rig/next-package.sh", kind, version, folder.toString());
    try (var found = Files.newDirectoryStream(folder, "armory-agent*." + kind)) {
      return found.iterator().next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// `apt install ./FILE`, as the README says it.
  SystemdNode.Result install(Path deb) {
    return apt("", deb);
  }

  /// As [#install], over another version and a configuration that was edited, about which dpkg
  /// would ask. Without the start caches, which take ten seconds to record: they are of one version
  /// alone.
  void upgrade(Path deb) {
    apt("ARMORY_AGENT_NO_AOT=1", deb, "-o Dpkg::Options::=--force-confold");
  }

  private SystemdNode.Result apt(String environment, Path deb, String... options) {
    var name = "" + deb.getFileName();
    node.copyIn(deb, "/root/" + name);
    return node.mustShell(
        "cd /root && DEBIAN_FRONTEND=noninteractive %s apt install -y -q %s ./%s </dev/null && rm %s"
            .formatted(environment, String.join(" ", options), name, name));
  }

  /// By dpkg alone, without the start caches.
  void installQuickly(Path deb) {
    var name = "" + deb.getFileName();
    node.copyIn(deb, "/root/" + name);
    node.mustShell(
        "ARMORY_AGENT_NO_AOT=1 dpkg -i --force-confold /root/%1$s && rm /root/%1$s"
            .formatted(name));
  }

  /// Runs a script as SSM Agent does: root, a file, `sh`.
  SystemdNode.Result script(String script) {
    node.write("/var/lib/amazon/ssm/_script.sh", script);
    return node.run("sh", "/var/lib/amazon/ssm/_script.sh");
  }

  /// Restarts the unit and says whether systemd found it started.
  boolean restart() {
    return node.run("systemctl", "restart", UNIT).exit() == 0;
  }

  String property(String name) {
    return node.must("systemctl", "show", "-p", name, "--value", UNIT).trimmed();
  }

  int health(String path) {
    return status(node.address(), path);
  }

  /// Asked from outside: a process in the node for each question would keep the machine busy.
  ///
  /// @return 0: no answer
  private static int status(String address, String path) {
    try {
      var connection =
          (HttpURLConnection)
              URI.create("http://" + address + ":5000" + path).toURL().openConnection();
      connection.setRequestProperty("Connection", "close");
      connection.setConnectTimeout(20_000);
      connection.setReadTimeout(20_000);
      return connection.getResponseCode();
    } catch (IOException e) {
      return 0;
    }
  }

  void awaitReady() {
    var address = node.address();
    try {
      await("ready")
          .atMost(READY)
          .pollInterval(Duration.ofMillis(200))
          .until(() -> status(address, "/health/ready") == 200);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          node.run("armory-agent", "status").text() + "\n" + node.journal(UNIT), e);
    }
  }

  /// Container name → its ID and its start.
  Map<String, String> lives() {
    var all = new TreeMap<String, String>();
    node.mustShell(
            "docker ps -aq | xargs -r docker inspect -f '{{.Name}} {{.Id}} {{.State.StartedAt}}'")
        .out()
        .lines()
        .forEach(l -> all.put(l.substring(1, l.indexOf(' ')), l.substring(l.indexOf(' ') + 1)));
    return all;
  }

  @Override
  public void close() {
    node.close();
    services.close();
    aws.close();
  }
}
