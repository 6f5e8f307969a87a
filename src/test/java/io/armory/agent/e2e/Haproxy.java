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

/// The load balancer: gate and the internal ports of all nodes whose `/health/ready` says 200,
/// asked every 5 s, out after two failures and in after two successes; and the one address of the
/// group's Redis.
///
/// On AWS an instance is a target once its launch hook was answered, which is when it was ready:
/// until then nobody is behind any port, whatever the check of that port is.
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

  /// @param redis name → address
  /// @param nodes name → address
  Haproxy(Path files, String address, Map<String, String> redis, Map<String, String> nodes) {
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
    listen(text, "gate", address + ":18084", 8084, nodes);
    INTERNAL.forEach((name, port) -> listen(text, name, address + ":" + port, port, nodes));
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

  private static void listen(
      StringBuilder text, String name, String address, int port, Map<String, String> nodes) {
    text.append(
        """
        listen %s
          mode http
          bind %s
          option httpchk GET /health/ready
          retries 0
          default-server check inter 5s fall 2 rise 2 port 5000 on-marked-down shutdown-sessions
        """
            .formatted(name, address));
    new TreeMap<>(nodes)
        .forEach((node, ip) -> text.append("  server %s %s:%d\n".formatted(node, ip, port)));
  }

  /// Redis is at this one from now on.
  void moveRedis(String from, String to) {
    ask("set server redis/" + from + " state maint");
    ask("shutdown sessions server redis/" + from);
    ask("set server redis/" + to + " state ready");
  }

  boolean sends(HaNode node) {
    return ask("show stat")
        .lines()
        .filter(l -> l.startsWith("gate," + node.name() + ","))
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
