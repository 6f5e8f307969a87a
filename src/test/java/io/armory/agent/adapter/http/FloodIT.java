package io.armory.agent.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One client with 500 connections, within every bound, that pipelines and never reads, against a
/// process with the daemon's heap.
@Timeout(120)
class FloodIT {
  private static final int CONNECTIONS = 500;
  private static final Duration FLOOD = Duration.ofSeconds(5);

  /// The timeout of the shipped target groups' health checks.
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  @TempDir Path root;
  private final List<SocketChannel> open = new ArrayList<>();
  private Process server;
  private int port;

  @BeforeEach
  void start() throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin/java").toString();
    server =
        new ProcessBuilder(
                java,
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                FloodedServer.class.getName(),
                socket().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    port = Integer.parseInt(server.inputReader(StandardCharsets.UTF_8).readLine());
  }

  private Path socket() {
    return root.resolve("control.sock");
  }

  @AfterEach
  void stop() throws IOException {
    for (var channel : open) {
      channel.close();
    }
    server.destroyForcibly();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics", "/health"})
  void readiness_is_answered_throughout_and_the_process_lives(String path) throws Exception {
    flood(path, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
  }

  /// By somebody of the group that may use it.
  @ParameterizedTest
  @ValueSource(strings = {"/v1/status?as=json", "/v1/nothing", "/v1/container?service=x"})
  void nor_does_a_flood_of_the_control_socket_end_it(String path) throws Exception {
    flood(path, UnixDomainSocketAddress.of(socket()));
  }

  private void flood(String path, SocketAddress target) throws Exception {
    var requests =
        ("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
            .repeat(500)
            .getBytes(StandardCharsets.UTF_8);
    for (var i = 0; i < CONNECTIONS; i++) {
      var channel = SocketChannel.open(target);
      channel.configureBlocking(false);
      open.add(channel);
    }
    var _ = ready(); // the first of a process loads its classes
    var took = new ArrayList<Duration>();
    var end = System.nanoTime() + FLOOD.toNanos();
    while (System.nanoTime() < end) {
      for (var i = 0; i < open.size(); i++) {
        write(open.get(i), requests);
        if (i % 100 == 0) {
          took.add(ready());
        }
      }
    }
    assertThat(server.waitFor(100, TimeUnit.MILLISECONDS)).as("it has ended").isFalse();
    // How fast, a busy machine cannot tell; a load balancer gives up after this long.
    assertThat(took).isNotEmpty().allMatch(t -> t.compareTo(PATIENCE) < 0);
  }

  private static void write(SocketChannel channel, byte[] requests) {
    try {
      channel.write(ByteBuffer.wrap(requests));
    } catch (IOException e) {
      // Given up by the server, as it may.
    }
  }

  private Duration ready() throws IOException {
    var began = System.nanoTime();
    try (var http = new RawHttp(port)) {
      assertThat(http.say("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n").answer())
          .startsWith("HTTP/1.1 200 ");
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
