package io.armory.agent.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A real redis-server on loopback, with a plain and perhaps a TLS port.
public final class RedisServer implements AutoCloseable {
  private final Path directory;
  private final int port = FreePort.next();
  private final int tlsPort = FreePort.next();
  private final String password;
  private final List<String> settings;
  private Process process;

  /// @param password empty: none is wanted
  /// @param settings lines of its configuration
  public RedisServer(String password, String... settings) {
    try {
      directory =
          Files.createTempDirectory(Files.createDirectories(Path.of("target/rig")), "redis");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.password = password;
    this.settings = List.of(settings);
    this.process = start();
  }

  /// With TLS on [#tlsPort], and the plain port beside it.
  public static RedisServer secured(
      String password, Certificates.Pair certificate, Certificates authority, String... more) {
    var settings = new ArrayList<String>();
    settings.add("tls-cert-file " + certificate.certificate());
    settings.add("tls-key-file " + certificate.key());
    settings.add("tls-ca-cert-file " + authority.authority());
    settings.add("tls-auth-clients no");
    settings.addAll(List.of(more));
    return new RedisServer(password, settings.toArray(String[]::new));
  }

  private Process start() {
    var lines = new ArrayList<String>();
    lines.add("bind 127.0.0.1");
    lines.add("port " + port);
    lines.add("save \"\"");
    if (settings.stream().anyMatch(s -> s.startsWith("tls-"))) {
      lines.add("tls-port " + tlsPort);
    }
    if (!password.isEmpty()) {
      lines.add("requirepass " + password);
    }
    lines.addAll(settings);
    try {
      var file = directory.resolve("redis.conf");
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(file, lines);
      var started =
          new ProcessBuilder("redis-server", "redis.conf")
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("redis.log").toFile())
              .start();
      process = started;
      await()
          .pollInterval(Duration.ofMillis(20))
          .failFast(() -> assertThat(started.isAlive()).as(log()).isTrue())
          .until(() -> command("PING").contains("PONG"));
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException("redis-server is needed", e);
    }
  }

  public int port() {
    return port;
  }

  public int tlsPort() {
    return tlsPort;
  }

  /// Runs one command in it, over the plain port.
  public String command(String... words) {
    var command = new ArrayList<>(List.of("redis-cli", "-p", Integer.toString(port)));
    command.addAll(List.of(words));
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      if (!password.isEmpty()) {
        builder.environment().put("REDISCLI_AUTH", password);
      }
      var cli = builder.start();
      cli.getOutputStream().close();
      return new String(cli.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("redis-cli is needed", e);
    }
  }

  /// As a machine that hangs: its port still accepts, nothing is answered.
  public void pause() {
    signal("STOP");
  }

  public void goOn() {
    signal("CONT");
  }

  /// As a crash: what it knew is gone.
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /// After [#kill], at the same ports.
  public void startAnew() {
    process = start();
  }

  private void signal(String name) {
    try {
      var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("kill -" + name + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private String log() {
    try {
      return "redis-server ended: " + Files.readString(directory.resolve("redis.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
