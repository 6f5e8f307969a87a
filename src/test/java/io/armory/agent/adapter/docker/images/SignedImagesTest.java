package io.armory.agent.adapter.docker.images;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is known of images while keys are exchanged, and while registries are away or hang.
/// [SignedImagesIT] has the real cosign and a real registry.
@Timeout(90)
class SignedImagesTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final String PAYLOAD =
      "{\"critical\":{\"type\":\"cosign container image signature\",\"image\":{\"docker-manifest-digest\":\"%s\"}}}"
          .formatted(DIGEST);

  @TempDir Path directory;
  private final Map<String, String> served = new ConcurrentHashMap<>();
  private HttpServer registry;
  private SignedImages signed;
  private KeyPair first;
  private KeyPair next;

  @BeforeEach
  void start() throws Exception {
    registry = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 16);
    registry.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    registry.createContext("/", this::answer);
    registry.start();
    signed =
        new SignedImages(
            directory.resolve("site.pub"),
            KeptLines.inMemory(),
            RegistryCredentials.ANONYMOUS,
            Duration.ofSeconds(3));
    first = pair();
    next = pair();
    trust(first);
    sign(first);
  }

  @AfterEach
  void stop() {
    registry.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    var text = served.get(exchange.getRequestURI().getPath());
    var bytes = (text == null ? "" : text).getBytes(UTF_8);
    exchange.sendResponseHeaders(text == null ? 404 : 200, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static KeyPair pair() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private void trust(KeyPair... pairs) throws IOException {
    var text = new StringBuilder("# of the site\n");
    for (var pair : pairs) {
      text.append("-----BEGIN PUBLIC KEY-----\n")
          .append(Base64.getEncoder().encodeToString(pair.getPublic().getEncoded()))
          .append("\n-----END PUBLIC KEY-----\n");
    }
    Files.writeString(directory.resolve("site.pub"), text);
  }

  private void sign(KeyPair by) throws GeneralSecurityException {
    var signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(by.getPrivate());
    signature.update(PAYLOAD.getBytes(UTF_8));
    var blob = "sha256:" + "c".repeat(64);
    served.put("/v2/x/blobs/" + blob, PAYLOAD);
    served.put(
        "/v2/x/manifests/" + DIGEST.replace(':', '-') + ".sig",
        "{\"layers\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"annotations\":{\"%s\":\"%s\"}}]}"
            .formatted(
                CosignSignature.SIMPLE,
                blob,
                CosignSignature.ANNOTATION,
                Base64.getEncoder().encodeToString(signature.sign())));
  }

  private JsonNode image() throws EngineException {
    return image(registry.getAddress().getPort(), "b");
  }

  private static JsonNode image(int port, String id) throws EngineException {
    var json = "{\"Id\":\"sha256:%s\",\"RepoDigests\":[\"127.0.0.1:%d/x@%s\"]}";
    return Json.parse(json.formatted(id.repeat(64), port, DIGEST).getBytes(UTF_8));
  }

  @Test
  void an_image_stays_known_by_its_key_while_another_joins_it_and_the_registry_is_away()
      throws Exception {
    var image = image();
    signed.check("gate", image);
    registry.stop(0);
    trust(next, first);
    signed.check("gate", image);
    trust(next);
    assertThatThrownBy(() -> signed.check("gate", image)).hasMessageContaining("cannot be asked");
  }

  @Test
  void after_the_key_has_changed_it_is_refused_until_the_new_one_has_signed_it() throws Exception {
    signed.check("gate", image());
    trust(next);
    assertThatThrownBy(() -> signed.check("gate", image()))
        .hasMessageContaining("gate is refused")
        .hasMessageContaining("no signature by this key");
    sign(next);
    signed.check("gate", image());
  }

  @Test
  void a_registry_that_hangs_or_dribbles_is_given_up_and_holds_up_no_image_that_is_known()
      throws Exception {
    var image = image();
    signed.check("gate", image);
    try (var slow = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> dribble(slow));
      var other = image(slow.getLocalPort(), "d");
      var waiting =
          Thread.ofVirtual()
              .start(() ->
                  assertThatThrownBy(() -> signed.check("x", other)).hasMessageContaining("asked"));
      var began = System.nanoTime();
      signed.check("gate", image);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
      assertThat(waiting.join(Duration.ofSeconds(60))).as("it is given up").isTrue();
    }
  }

  /// Half a TLS record, then a byte now and then: each read is in time.
  private static void dribble(ServerSocket server) {
    while (!server.isClosed()) {
      try (var client = server.accept()) {
        client.getOutputStream().write(new byte[] {22, 3, 3, 64, 0});
        while (true) {
          LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
          client.getOutputStream().write('x');
        }
      } catch (IOException e) {
        // It has heard enough.
      }
    }
  }
}
