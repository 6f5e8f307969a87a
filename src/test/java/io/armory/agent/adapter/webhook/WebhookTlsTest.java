package io.armory.agent.adapter.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A receiver whose certificate is of nobody that the world knows.
@Timeout(60)
class WebhookTlsTest {
  private static final String PASSWORD = "changeit";
  private static final Alert ALERT =
      new Alert(
          Alert.Condition.DISK,
          false,
          "its disk fills up",
          "91 %",
          Instant.EPOCH,
          Instant.EPOCH,
          new Alert.Origin("i-1", "h", "s", "r", "1"));

  @TempDir static Path dir;
  private static HttpsServer server;

  @BeforeAll
  static void serve() throws Exception {
    var store = dir.resolve("keys.p12");
    keytool(
        store,
        "-genkeypair",
        "-alias",
        "own",
        "-keyalg",
        "EC",
        "-dname",
        "CN=localhost",
        "-ext",
        "san=dns:localhost");
    var own = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    var encoded = Base64.getMimeEncoder().encodeToString(own.getCertificate("own").getEncoded());
    Files.writeString(
        dir.resolve("ca.pem"),
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n".formatted(encoded));
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  private static void keytool(Path store, String... arguments) throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static Webhook webhook(Optional<Path> authorities) {
    var url = "https://localhost:" + server.getAddress().getPort() + "/x";
    return new Webhook(
        new WebhookAddress(Optional.empty(), () -> Optional.of(url)),
        authorities,
        _ -> "{}",
        Duration.ofSeconds(20));
  }

  @Test
  void its_authority_has_to_be_named() {
    for (var outcome :
        List.of(webhook(Optional.empty()).send(ALERT), webhook(Optional.empty()).reach())) {
      assertThat(outcome.whyFailed().orElseThrow().message())
          .contains("no TLS that can be trusted");
    }
    var named = webhook(Optional.of(dir.resolve("ca.pem")));
    assertThat(named.reach()).isInstanceOf(Outcome.Done.class);
    assertThat(named.send(ALERT)).isEqualTo(Outcome.done("HTTP 204"));
  }

  @Test
  void a_file_without_an_authority_is_said_to_be_of_no_use() throws IOException {
    var missing = webhook(Optional.of(dir.resolve("none.pem"))).send(ALERT);
    assertThat(missing.whyFailed().orElseThrow().message())
        .contains("notify.webhook.ca_file is of no use: no such file");
    var empty = Files.createFile(dir.resolve("empty.pem"));
    assertThat(webhook(Optional.of(empty)).reach().whyFailed().orElseThrow().message())
        .contains("no certificate in it");
  }
}
