package io.armory.agent.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// The load balancers, which check as the Terraform modules have it, and more often: gate by the
/// node's `/health/ready`, each internal port by its own service; and the one address of the
/// group's Redis.
///
/// What people have asked of a node that is not ready any more is answered, as a load balancer of
/// AWS lets it be.
///
/// On AWS an instance is a target of the internal ports once its launch hook was answered, which is
/// when it was ready: until then nobody is behind them, however well a service is. See [#register].
final class Haproxy implements AutoCloseable {
  /// What nodes that run one part of the stack find behind `DEFAULT_DNS_NAME`.
  private static final Map<String, Integer> INTERNAL =
      Map.of(
          "front50",
          8080,
          "clouddriver",
          7002,
          "orca",
          8083,
          "rosco",
          8087,
          "echo",
          8089,
          "igor",
          8088);

  private final Path socket;
  private final Process process;
  private final Path log;
  private final String interval;

  /// @param interval of its checks
  /// @param redis name → address
  /// @param nodes name → address
  Haproxy(
      Path files,
      String address,
      String interval,
      Map<String, String> redis,
      Map<String, String> nodes) {
    this.interval = interval;
    this.socket = files.resolve("haproxy.sock");
    this.log = files.resolve("haproxy.log");
    var text =
        new StringBuilder(
            """
            global
              stats socket %s level admin
            defaults
              timeout connect 2s
              timeout client 2m
              timeout server 2m
              timeout check 2s
            listen redis
              mode tcp
              bind %s:16379
              default-server on-marked-down shutdown-sessions
            """
                .formatted(socket, address));
    new TreeMap<>(redis)
        .forEach((name, ip) ->
            text.append(
                "  server %s %s:6379%s\n"
                    .formatted(name, ip, name.equals("a") ? "" : " disabled")));
    listen(text, "gate", address + ":18084", 8084, "/health/ready", "fall 2 port 5000", nodes);
    var cut = "fall 3 disabled on-marked-down shutdown-sessions";
    INTERNAL.forEach(
        (name, port) -> listen(text, name, address + ":" + port, port, "/health", cut, nodes));
    try {
      var config = files.resolve("haproxy.cfg");
      Files.writeString(config, text);
      process =
          new ProcessBuilder("haproxy", "-db", "-f", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void listen(
      StringBuilder text,
      String name,
      String address,
      int port,
      String path,
      String check,
      Map<String, String> nodes) {
    text.append(
        """
        listen %s
          mode http
          bind %s
          option httpchk GET %s
          retries 0
          default-server check inter %s rise 2 %s
        """
            .formatted(name, address, path, interval, check));
    new TreeMap<>(nodes)
        .forEach((node, ip) -> text.append("  server %s %s:%d\n".formatted(node, ip, port)));
  }

  /// The node's launch hook was answered: it is a target of the internal ports from now on.
  void register(HaNode node) {
    INTERNAL
        .keySet()
        .forEach(name -> ask("set server %s/%s state ready".formatted(name, node.name())));
  }

  /// Redis is at this one from now on.
  void moveRedis(String from, String to) {
    ask("set server redis/" + from + " state maint");
    ask("shutdown sessions server redis/" + from);
    ask("set server redis/" + to + " state ready");
  }

  boolean sends(HaNode node) {
    return sends("gate", node);
  }

  /// Whether the node is behind each of the internal ports.
  boolean sendsInside(HaNode node) {
    return INTERNAL.keySet().stream().allMatch(name -> sends(name, node));
  }

  private boolean sends(String name, HaNode node) {
    return ask("show stat")
        .lines()
        .filter(l -> l.startsWith(name + "," + node.name() + ","))
        .anyMatch(l -> l.split(",", -1)[17].startsWith("UP"));
  }

  private String ask(String command) {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
      var all = new ByteArrayOutputStream();
      var buffer = ByteBuffer.allocate(16384);
      while (channel.read(buffer) >= 0) {
        all.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      return all.toString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("haproxy does not answer: " + log, e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
