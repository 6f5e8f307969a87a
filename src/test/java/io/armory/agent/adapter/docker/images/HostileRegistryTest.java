package io.armory.agent.adapter.docker.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What no registry in order says to the question for signatures: the image is refused in one short
/// line and in time, nothing but registries is asked, and not for ever.
@Timeout(90)
class HostileRegistryTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final String LAYER =
      "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"annotations\":{\"%s\":\"AAAA\"}}"
          .formatted(CosignSignature.SIMPLE, "c".repeat(64), CosignSignature.ANNOTATION);
  private static final String REFERRER = "{\"digest\":\"sha256:%s\"}".formatted("e".repeat(64));

  /// Of an answer without an end: what is written at most.
  private static final int ENDLESS = 16 * 1024 * 1024;

  @TempDir Path directory;
  private final AtomicInteger asked = new AtomicInteger();
  @AutoClose private ServerSocket server;
  private SignedImages signed;

  static Stream<Named<String>> answers() {
    return Stream.of(
        login("no realm", "Bearer service=\"x\""),
        login("an empty realm", "Bearer realm=\"\""),
        login("a realm without a host", "Bearer realm=\"https:///token\""),
        login("a realm that is a name", "Bearer realm=\"token\""),
        login("a realm by mail", "Bearer realm=\"mailto:a@b\""),
        login("a realm of files", "Bearer realm=\"file://localhost/etc/passwd\""),
        login("a realm of a jar", "Bearer realm=\"jar:file:/x.jar!/y\""),
        login("a realm by FTP", "Bearer realm=\"ftp://127.0.0.1/x\""),
        login("a realm in plain text elsewhere", "Bearer realm=\"http://203.0.113.1/token\""),
        login("a realm that is no URL", "Bearer realm=\"http://[\""),
        login("a realm of a port that cannot be", "Bearer realm=\"https://127.0.0.1:99999/\""),
        login("a realm of 100,000 characters", "Bearer realm=\"" + "x".repeat(100_000) + "\""),
        login("another way to log in", "Negotiate"),
        Named.of(
            "a token of two lines",
            "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm=\"http://127.0.0.1:PORT/t\"\r\n"
                + "Content-Length: 27\r\n\r\n{\"token\":\"hunter2\\r\\nX: y\"}"),
        login("no way to log in", ""),
        redirect("nowhere", ""),
        redirect("to itself", "/"),
        redirect("to a file", "file:///etc/passwd"),
        redirect("to FTP", "ftp://127.0.0.1/x"),
        redirect("to a mail", "mailto:a@b"),
        redirect("to plain text elsewhere", "http://203.0.113.1/x"),
        redirect("with a login", "http://a:hunter2@203.0.113.1/x?X-Amz-Signature=hunter2"),
        redirect("with a login that is no URL", "https://a/x?X-Amz-Signature=hunter2|"),
        redirect("to control characters", "http://a\u001b[31m\u0007/"),
        redirect("to a host without an end", "http://" + "x".repeat(50_000) + "/"),
        ok("a page", "<html><body>Please log in</body></html>"),
        ok("nothing", ""),
        ok("a list", "[]"),
        ok("two answers", "{} {}"),
        ok("layers that are none", "{\"layers\":{\"a\":1},\"manifests\":\"x\"}"),
        ok("what is nested deeply", "[".repeat(200_000)),
        ok("a number without an end", "{\"layers\":" + "9".repeat(200_000) + "}"),
        ok("5,000 signatures", "{\"layers\":[" + many(LAYER, 5_000) + "]}"),
        ok("5,000 referrers", "{\"manifests\":[" + many(REFERRER, 5_000) + "]}"),
        ok(
            "referrers and signatures of each other",
            "{\"manifests\":[%s],\"layers\":[%s]}"
                .formatted(many(REFERRER, 500), many(LAYER, 500))),
        Named.of("a status that is none", "HTTP/1.1 999999999999 Fine\r\n\r\n"),
        Named.of("a status below zero", "HTTP/1.1 -5 Fine\r\n\r\n"),
        Named.of("another protocol", "SSH-2.0-OpenSSH_9.9\r\n"),
        Named.of("no answer", ""),
        Named.of("a length below zero", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
        Named.of("more than it says", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}{}{}"),
        Named.of("less than it says", "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{}"),
        Named.of("chunks that are none", chunked("zz\r\n")),
        Named.of("a chunk of 2 GiB", chunked("7fffffff\r\n")),
        Named.of("an answer without an end", "HTTP/1.1 200 OK\r\n\r\n…"),
        Named.of("a header without an end", "HTTP/1.1 200 OK\r\nX: …"));
  }

  private static String chunked(String body) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
  }

  private static String many(String one, int times) {
    return IntStream.range(0, times).mapToObj(_ -> one).collect(Collectors.joining(","));
  }

  private static Named<String> login(String name, String challenge) {
    return Named.of(
        name,
        "HTTP/1.1 401 No\r\nWWW-Authenticate: " + challenge + "\r\nContent-Length: 0\r\n\r\n");
  }

  private static Named<String> redirect(String name, String location) {
    return Named.of(
        "a redirect " + name,
        "HTTP/1.1 307 There\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n");
  }

  private static Named<String> ok(String name, String body) {
    return Named.of(
        name, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
  }

  @BeforeEach
  void listen() throws Exception {
    server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    var key = generator.generateKeyPair().getPublic().getEncoded();
    Files.writeString(
        directory.resolve("site.pub"),
        "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
            .formatted(Base64.getEncoder().encodeToString(key)));
    signed =
        new SignedImages(
            directory.resolve("site.pub"),
            KeptLines.inMemory(),
            RegistryCredentials.ANONYMOUS,
            Duration.ofSeconds(2));
  }

  private void serve(String answer) {
    while (!server.isClosed()) {
      try {
        var client = server.accept();
        Thread.ofVirtual().start(() -> answer(client, answer));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void answer(Socket client, String answer) {
    try (client) {
      var in = client.getInputStream();
      // It speaks no TLS.
      if (in.read() == 22 || !isQuestion(in)) {
        return;
      }
      asked.incrementAndGet();
      var out = client.getOutputStream();
      var port = String.valueOf(server.getLocalPort());
      out.write(answer.replace("…", "").replace("PORT", port).getBytes(ISO_8859_1));
      if (answer.endsWith("…")) {
        var more = "x".repeat(8192).getBytes(ISO_8859_1);
        for (var sent = 0; sent < ENDLESS; sent += more.length) {
          out.write(more);
        }
      }
      out.flush();
      client.shutdownOutput();
      var _ = in.skip(Long.MAX_VALUE);
    } catch (IOException e) {
      // It has heard enough.
    }
  }

  private static boolean isQuestion(InputStream in) throws IOException {
    var end = 0;
    for (var b = in.read(); b >= 0 && end < 4; b = end < 4 ? in.read() : b) {
      end = b == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : 0;
      if (end == 4) {
        return true;
      }
    }
    return false;
  }

  @ParameterizedTest
  @MethodSource("answers")
  void refuses(String answer) throws EngineException {
    Thread.ofVirtual().start(() -> serve(answer));
    var image =
        Json.parse(
            "{\"Id\":\"sha256:%s\",\"RepoDigests\":[\"127.0.0.1:%d/x@%s\"]}"
                .formatted("b".repeat(64), server.getLocalPort(), DIGEST)
                .getBytes(ISO_8859_1));
    var began = System.nanoTime();

    var refusal = catchThrowable(() -> signed.check("gate", image));

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    assertThat(refusal).isInstanceOf(EngineException.class);
    assertThat(refusal.getMessage())
        .hasSizeLessThan(300)
        .matches("\\P{Cntrl}+")
        .doesNotContain("hunter2")
        .containsAnyOf("cannot be asked for signatures", "to the question for", "is refused");
    assertThat(asked).hasValueBetween(1, 100);
  }
}
