package io.armory.agent.adapter.aws;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.armory.agent.domain.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Objects to and from a server that keeps what it is sent, and looks at how it was signed.
class S3ObjectsTest {
  private static final List<String> CREDENTIALS =
      List.of("aws.accessKeyId", "aws.secretAccessKey", "aws.sessionToken");

  @TempDir Path directory;
  private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  private final List<String> signed = new CopyOnWriteArrayList<>();
  private final HttpServer server = server();
  private final AwsClients clients =
      new AwsClients(
          new AwsOptions(
              Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort())),
              Optional.empty(),
              Duration.ofSeconds(2),
              Duration.ofSeconds(4),
              Duration.ofSeconds(1),
              Duration.ofSeconds(1),
              (_, _, _) -> {}));
  private final S3Objects vault = new S3Objects(clients, Optional.empty());
  private volatile String elsewhere = "";

  private HttpServer server() {
    try {
      var made = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      made.createContext("/", this::answer);
      made.start();
      return made;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getRawPath();
      var headers = exchange.getRequestHeaders();
      signed.add(
          headers.getFirst("Authorization")
              + " "
              + headers.getFirst("x-amz-content-sha256")
              + " "
              + headers.getFirst("Content-Length"));
      var body = exchange.getRequestBody().readAllBytes();
      if (!elsewhere.isEmpty() && !signed.getLast().contains("/" + elsewhere + "/")) {
        exchange.getResponseHeaders().add("x-amz-bucket-region", elsewhere);
        exchange.sendResponseHeaders(301, -1);
      } else if (path.startsWith("/closed/")) {
        refuse(exchange, 403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
      } else if (exchange.getRequestMethod().equals("PUT")) {
        objects.put(path, body);
        exchange.sendResponseHeaders(200, -1);
      } else if (objects.containsKey(path)) {
        exchange.sendResponseHeaders(200, objects.get(path).length);
        exchange.getResponseBody().write(objects.get(path));
      } else {
        refuse(exchange, 404, "<Error><Code>NoSuchKey</Code></Error>");
      }
    }
  }

  private static void refuse(HttpExchange exchange, int status, String text) throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @BeforeEach
  void credentials() {
    CREDENTIALS.forEach(name -> System.setProperty(name, "test"));
  }

  @AfterEach
  void close() {
    CREDENTIALS.forEach(System::clearProperty);
    clients.close();
    server.stop(0);
  }

  @Test
  void an_object_goes_there_and_comes_back() throws IOException {
    var file = Files.writeString(directory.resolve("a.zip"), "content");
    assertThat(vault.put("acme", "spin naker/a.zip", file).whyFailed()).isEmpty();
    assertThat(objects).containsOnlyKeys("/acme/spin%20naker/a.zip");
    assertThat(signed.getFirst())
        .contains("AWS4-HMAC-SHA256", "/s3/aws4_request", "x-amz-security-token")
        .as("SHA-256 of the content, and its length")
        .endsWith("ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73 7");
    var back = directory.resolve("b.zip");
    assertThat(vault.get("acme", "spin naker/a.zip", back).whyFailed()).isEmpty();
    assertThat(back).hasContent("content");
  }

  @Test
  void a_bucket_of_another_region_is_found_there() throws IOException {
    elsewhere = "eu-central-1";
    var file = Files.writeString(directory.resolve("a.zip"), "content");
    assertThat(vault.put("acme", "a.zip", file).whyFailed()).isEmpty();
    assertThat(signed).hasSize(2);
    assertThat(objects).hasSize(1);
  }

  @Test
  void a_refusal_is_said_in_s3s_words() throws IOException {
    var file = Files.writeString(directory.resolve("a.zip"), "content");
    var denied = vault.put("closed", "a.zip", file).whyFailed().orElseThrow();
    assertThat(denied.kind()).isEqualTo(Failure.Kind.DENIED);
    assertThat(denied.blame()).as("no right of this node's").isEqualTo(Failure.Blame.OUTSIDE);
    assertThat(denied.message()).isEqualTo("s3:PutObject s3://closed/a.zip: AccessDenied, no");
    var missing = vault.get("acme", "none.zip", file).whyFailed().orElseThrow();
    assertThat(missing.message()).isEqualTo("s3:GetObject s3://acme/none.zip: NoSuchKey");
  }
}
