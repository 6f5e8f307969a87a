package io.armory.agent.adapter.docker;

import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/// A private registry on loopback with one user, with TLS or without: Debian's `docker-registry`.
/// The engine trusts any certificate on 127.0.0.0/8.
public final class LocalRegistry implements AutoCloseable {
  public static final String USER = "spinnaker";
  public static final String PASSWORD = "a-password-of-the-test";

  private final Process process;
  private final String address;
  private final Path directory;

  public LocalRegistry(Path directory, boolean tls) throws IOException, InterruptedException {
    this.directory = directory;
    run(
        directory,
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem");
    run(directory, "htpasswd", "-Bbc", "users", USER, PASSWORD);
    var port = FreePort.next();
    address = "127.0.0.1:" + port;
    var certificate =
        ", tls: {certificate: \"%1$s/cert.pem\", key: \"%1$s/key.pem\"}".formatted(directory);
    Files.writeString(
        directory.resolve("config.yml"),
        """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: "%1$s/blobs"}}
        http: {addr: "%2$s"%3$s}
        auth: {htpasswd: {realm: test, path: "%1$s/users"}}
        """
            .formatted(directory, address, tls ? certificate : ""));
    process = start(directory, "docker-registry", "serve", directory + "/config.yml");
    await().until(() -> accepts(port));
  }

  public String address() {
    return address;
  }

  /// Pushes an image that was never on this node before, and takes it off the node again.
  public String publish(RealEngine engine, String name) throws IOException, InterruptedException {
    var reference = address + "/" + name + ":1";
    run(directory, "sh", "-c", "tar c cert.pem | docker import - " + reference);
    run(directory, "docker", "--config", login().toString(), "push", "-q", reference);
    forget(engine, reference);
    return reference;
  }

  public void forget(RealEngine engine, String reference) {
    engine.delete("/images/" + reference);
  }

  /// A Docker configuration directory with this registry's user in it.
  public Path login() throws IOException {
    var config = Files.createTempDirectory(directory, "docker-config");
    Files.writeString(
        config.resolve("config.json"),
        "{\"auths\":{\"https://%s\":{\"auth\":\"%s\"}}}"
            .formatted(
                address,
                Base64.getEncoder()
                    .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8))));
    return config;
  }

  private static boolean accepts(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static Process start(Path directory, String... command) throws IOException {
    try {
      return new ProcessBuilder(command)
          .directory(directory.toFile())
          .redirectErrorStream(true)
          .redirectOutput(Files.createTempFile(directory, "output", ".log").toFile())
          .start();
    } catch (IOException e) {
      throw new IOException(
          "this test needs " + command[0] + ": install docker-registry, apache2-utils, openssl", e);
    }
  }

  private static void run(Path directory, String... command)
      throws IOException, InterruptedException {
    var output = Files.createTempFile(directory, "command", ".log");
    var process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(List.of(command) + ": " + Files.readString(output));
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
