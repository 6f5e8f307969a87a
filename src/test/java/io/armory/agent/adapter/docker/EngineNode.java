package io.armory.agent.adapter.docker;

import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.SystemdNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A node with another engine than this machine's, which answers on a socket that this machine
/// sees.
final class EngineNode implements AutoCloseable {
  private final SystemdNode node;
  private final Path directory;

  private EngineNode(SystemdNode node, Path directory) {
    this.node = node;
    this.directory = directory;
  }

  /// Docker as Debian has it.
  static EngineNode docker(String suite, String... images) {
    var here = boot(suite, "docker", List.of());
    return here.set(() -> here.docker(images));
  }

  private void docker(String... images) {
    node.write(
        "/etc/systemd/system/docker.service.d/socket.conf",
        """
        [Service]
        ExecStart=
        ExecStart=/usr/sbin/dockerd -H unix:///var/run/docker.sock -H unix:///sock/engine.sock
        """);
    node.mustShell("systemctl daemon-reload && systemctl restart docker");
    awaitEngine();
    node.loadImages(images);
  }

  /// Podman's service for Docker's clients. Its limits are those that a node may set here.
  static EngineNode podman(String suite, String... images) {
    var here = boot(suite, "podman", SystemdNode.withoutDocker());
    return here.set(() -> here.podman(images));
  }

  private void podman(String... images) {
    node.mustShell(
        """
        mkdir -p /etc/containers
        files=$(ulimit -Hn)
        processes=$(awk '/Max processes/ {print $4}' /proc/1/limits)
        cat >/etc/containers/containers.conf <<CONF
        [containers]
        default_ulimits=["nofile=$files:$files","nproc=$processes:$processes"]
        [engine]
        cgroup_manager="cgroupfs"
        runtime="crun"
        [network]
        network_backend="netavark"
        CONF
        systemd-run -q --unit podman-api podman system service --time=0 unix:///sock/engine.sock
        """);
    awaitEngine();
    for (var image : images) {
      load(image);
    }
  }

  /// A node that cannot be set up is not left behind.
  private EngineNode set(Runnable up) {
    try {
      up.run();
      return this;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static EngineNode boot(String suite, String engine, List<String> more) {
    try {
      var directory = Files.createTempDirectory("engine-node");
      var image = SystemdNode.image(suite);
      var name = "it-engine-" + suite + "-" + engine + "-" + pid();
      var options = new ArrayList<>(more);
      options.addAll(List.of("-v", directory + ":/sock", "-v", "/var/lib/containers", "-m", "2g"));
      var node = SystemdNode.boot(name, image, options.toArray(String[]::new));
      return new EngineNode(node, directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long pid() {
    return ProcessHandle.current().pid();
  }

  private void load(String image) {
    var archive = directory.resolve("image.tar");
    try {
      var save = new ProcessBuilder("docker", "save", "-o", archive.toString(), image).inheritIO();
      if (save.start().waitFor() != 0) {
        throw new AssertionError("docker save " + image);
      }
      node.must("podman", "load", "-q", "-i", "/sock/image.tar");
      Files.delete(archive);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void awaitEngine() {
    await("the engine of " + node.name())
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(500))
        .until(() ->
            node.run(
                        "curl",
                        "-sf",
                        "-m",
                        "2",
                        "--unix-socket",
                        "/sock/engine.sock",
                        "http://engine/_ping")
                    .exit()
                == 0);
  }

  Path socket() {
    return directory.resolve("engine.sock");
  }

  SystemdNode node() {
    return node;
  }

  @Override
  public void close() {
    node.close();
  }
}
