package io.armory.agent.adapter.docker.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.docker.DockerEngine;
import io.armory.agent.adapter.docker.LocalRegistry;
import io.armory.agent.adapter.docker.RealEngine;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.RegistryCredentials;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pulls from a real registry with TLS and a password.
class ImagePullIT {
  @RegisterExtension final RealEngine real = new RealEngine();
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_private_image_comes_with_the_right_password_and_not_without(boolean tls) throws Exception {
    try (var registry = new LocalRegistry(directory, tls)) {
      var image = registry.publish(real, "private/gate");
      var right = credentials(registry.address(), LocalRegistry.PASSWORD);
      var wrong = credentials(registry.address(), "not-the-password");

      assertThat(failure(pull(RegistryCredentials.ANONYMOUS, image)))
          .satisfies(f -> {
            assertThat(f.message()).contains(image);
            // On loopback the engine tries plain HTTP after TLS, and tells of the last attempt.
            if (!tls) {
              assertThat(f.kind()).isEqualTo(Failure.Kind.IMAGE_UNAVAILABLE);
              assertThat(f.message()).contains("no basic auth credentials");
            }
          });
      assertThat(failure(pull(wrong, image)))
          .satisfies(f -> {
            assertThat(f.kind().retryable()).isTrue();
            assertThat(f.message()).doesNotContain("not-the-password");
          });
      assertThat(failure(pull(right, registry.address() + "/private/absent:1")).kind())
          .isEqualTo(Failure.Kind.IMAGE_UNAVAILABLE);

      var progress = new CopyOnWriteArrayList<String>();
      var id = done(pull(right, image, progress::add));

      assertThat(id).isEqualTo(real.get("/images/" + image + "/json").path("Id").asText());
      assertThat(progress).contains("1 of 1 layers, 100 %");
      registry.forget(real, image);

      var fromFile = new DockerConfigFile(registry.login().resolve("config.json"));
      assertThat(done(pull(fromFile, image))).isEqualTo(id);
      registry.forget(real, image);
    }
  }

  @Test
  void a_registry_that_says_nothing_is_given_up() throws Exception {
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var image = "127.0.0.1:" + silent.getLocalPort() + "/private/gate:1";
      var pull = pull(RegistryCredentials.ANONYMOUS, image, line -> {}, Duration.ofSeconds(3));

      assertThat(failure(pull).kind()).isEqualTo(Failure.Kind.TIMEOUT);
    }
  }

  @Test
  void credentials_that_cannot_be_had_are_the_reason_given() {
    RegistryCredentials broken =
        registry -> Outcome.failed(Failure.Kind.TRANSIENT, "the token expired");

    var failure = failure(pull(broken, "registry.example.test/gate:1"));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.TRANSIENT);
    assertThat(failure.message())
        .contains("no credentials for registry.example.test: the token expired");
  }

  private static RegistryCredentials credentials(String address, String password) {
    return registry ->
        Outcome.done(
            registry.equals(address)
                ? Optional.of(
                    new RegistryCredentials.Credential(LocalRegistry.USER, new Secret(password)))
                : Optional.empty());
  }

  private static Outcome<String> pull(RegistryCredentials credentials, String image) {
    return pull(credentials, image, line -> {});
  }

  private static Outcome<String> pull(
      RegistryCredentials credentials, String image, Consumer<String> progress) {
    return pull(credentials, image, progress, DockerEngine.Deadlines.USUAL.pullSilence());
  }

  private static Outcome<String> pull(
      RegistryCredentials credentials, String image, Consumer<String> progress, Duration silence) {
    var usual = Duration.ofSeconds(10);
    var deadlines = new DockerEngine.Deadlines(usual, usual, usual, silence, usual, usual);
    try (var engine =
        DockerEngine.open(
            DockerEngine.DEFAULT_SOCKET, credentials, deadlines, InstantSource.system())) {
      return engine.execute(new Action.PullImage("gate", image, null), progress);
    }
  }

  private static Failure failure(Outcome<String> outcome) {
    return switch (outcome) {
      case Outcome.Failed<String>(Failure failure) -> failure;
      case Outcome.Done<String> done -> throw new AssertionError(done.toString());
    };
  }

  private static String done(Outcome<String> outcome) {
    return switch (outcome) {
      case Outcome.Done<String>(String value) -> value;
      case Outcome.Failed<String>(Failure failure) -> throw new AssertionError(failure.toString());
    };
  }
}
