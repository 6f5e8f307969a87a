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

/// The load balancer: gate on all nodes whose `/health/ready` says 200, asked every 5 s, out after
/// two failures and in after two successes; and the one address of the group's Redis.
final class Haproxy implements AutoCloseable {
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
    text.append(
        """
        listen gate
          mode http
          bind %s:18084
          option httpchk GET /health/ready
          retries 0
          default-server check inter 5s fall 2 rise 2 port 5000 on-marked-down shutdown-sessions
        """
            .formatted(address));
    new TreeMap<>(nodes)
        .forEach((name, ip) -> text.append("  server %s %s:8084\n".formatted(name, ip)));
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
