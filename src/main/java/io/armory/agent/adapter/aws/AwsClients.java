package io.armory.agent.adapter.aws;

import io.armory.agent.domain.NodeIdentity;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.endpoint.AwsClientEndpointProvider;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.regions.Region;

/// The node's AWS clients, for all adapters of this room to share. Making one costs nothing: the
/// SDK is loaded when the first client is asked for.
public final class AwsClients implements AutoCloseable {
  private final AwsOptions options;
  private @Nullable SdkClients sdk;

  public AwsClients(AwsOptions options) {
    this.options = options;
  }

  AwsOptions options() {
    return options;
  }

  /// Where a service is that has no client here, as a client would find it.
  AwsClientEndpointProvider endpoint(String service, String region) {
    return AwsClientEndpointProvider.builder()
        .clientEndpointOverride(options.endpoint().orElse(null))
        .serviceEndpointOverrideEnvironmentVariable(
            "AWS_ENDPOINT_URL_" + service.toUpperCase(Locale.ROOT))
        .serviceEndpointOverrideSystemProperty("aws.endpointUrl." + service)
        .serviceProfileProperty(service)
        .serviceEndpointPrefix(service)
        .defaultProtocol("https")
        .region(Region.of(region))
        .profileFile(ProfileFile::defaultProfileFile)
        .profileName(ProfileFileSystemSetting.AWS_PROFILE.getStringValueOrThrow())
        .dualstackEnabled(false)
        .fipsEnabled(false)
        .build();
  }

  /// How far the node's clock is behind AWS's (negative: before it), as the last answer said.
  public Optional<Duration> clockBehind() {
    return sdk().clock().behind();
  }

  /// The region to work in: what the environment or the profile says, else the node's own.
  Optional<String> region(NodeIdentity node) {
    return configuredRegion().or(() -> node.fact(NodeIdentity.REGION));
  }

  Optional<String> configuredRegion() {
    return ConfiguredRegion.find();
  }

  synchronized SdkClients sdk() {
    var present = sdk;
    if (present == null) {
      present = new SdkClients(options);
      sdk = present;
    }
    return present;
  }

  @Override
  public synchronized void close() {
    var present = sdk;
    sdk = null;
    if (present != null) {
      present.close();
    }
  }
}
