package io.armory.agent.adapter.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the tests of this room have in common.
final class TestNode {
  private TestNode() {}

  /// Credentials for the emulator, where the SDK's chain looks first.
  static void useTestCredentials() {
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
  }

  /// Patient with each try, however slow the machine is; what goes wrong at once is not tried for
  /// long.
  static AwsOptions options(@Nullable URI endpoint, @Nullable URI metadata) {
    return new AwsOptions(
        Optional.ofNullable(endpoint),
        Optional.ofNullable(metadata),
        Duration.ofSeconds(40),
        Duration.ofSeconds(90),
        Duration.ofSeconds(10),
        Duration.ofMillis(2500),
        (operation, failed, took) -> {});
  }

  /// For a metadata service that does not answer.
  ///
  /// @param attempt deadline of one try
  /// @param patience with all of them
  static AwsOptions silent(URI endpoint, URI metadata, Duration attempt, Duration patience) {
    return new AwsOptions(
        Optional.of(endpoint),
        Optional.of(metadata),
        Duration.ofSeconds(40),
        Duration.ofSeconds(90),
        attempt,
        patience,
        (operation, failed, took) -> {});
  }

  /// With deadlines that a test can wait for.
  static AwsOptions hasty(URI endpoint) {
    return new AwsOptions(
        Optional.of(endpoint),
        Optional.empty(),
        Duration.ofMillis(300),
        Duration.ofSeconds(1),
        Duration.ofMillis(300),
        Duration.ofMillis(300),
        (operation, failed, took) -> {});
  }

  static NodeIdentity identity(String stack, Map<String, String> tags) {
    return new NodeIdentity(
        new Fact(stack, "test"),
        Optional.empty(),
        new Fact("/armory/spinnaker", "default"),
        Map.of(
            NodeIdentity.REGION,
            new Fact("us-east-1", "test"),
            NodeIdentity.INSTANCE_ID,
            new Fact("i-0123456789abcdef0", "test")),
        tags,
        List.of());
  }

  static <T> T value(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<T>) outcome).value();
  }

  /// What a map holds, for sure.
  static <T> T got(Map<String, T> map, String key) {
    assertThat(map).containsKey(key);
    return java.util.Objects.requireNonNull(map.get(key));
  }

  static Failure failure(Outcome<?> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    return ((Outcome.Failed<?>) outcome).failure();
  }
}
