package io.armory.agent.adapter.aws;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/// How AWS is reached. What is left empty follows the SDK's own chain of variables, profiles and
/// defaults (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_SSM`, `AWS_EC2_METADATA_SERVICE_ENDPOINT`,
/// `AWS_REGION`, …).
///
/// @param endpoint of every service
/// @param metadataEndpoint of IMDS
/// @param attempt deadline of one try of a service call
/// @param call deadline of a service call with all its tries
/// @param metadataAttempt deadline of one try of IMDS
/// @param metadataPatience how long one question to IMDS is tried again; a node's IMDS may be slow
///   or refuse in its first minute, and the caller asks again later anyway
/// @param calls told of every service call
public record AwsOptions(
    Optional<URI> endpoint,
    Optional<URI> metadataEndpoint,
    Duration attempt,
    Duration call,
    Duration metadataAttempt,
    Duration metadataPatience,
    CallListener calls) {

  public static final AwsOptions STANDARD =
      new AwsOptions(
          Optional.empty(),
          Optional.empty(),
          Duration.ofSeconds(4),
          Duration.ofSeconds(20),
          Duration.ofSeconds(1),
          Duration.ofSeconds(10),
          (operation, failed, took) -> {});

  public AwsOptions withCalls(CallListener listener) {
    return new AwsOptions(
        endpoint, metadataEndpoint, attempt, call, metadataAttempt, metadataPatience, listener);
  }

  public AwsOptions withMetadataPatience(Duration patience) {
    return new AwsOptions(
        endpoint, metadataEndpoint, attempt, call, metadataAttempt, patience, calls);
  }

  /// For metrics: a call has ended, its tries taken together.
  @FunctionalInterface
  public interface CallListener {
    /// @param operation such as `ssm:GetParametersByPath`, as IAM spells it
    void called(String operation, boolean failed, Duration took);
  }
}
