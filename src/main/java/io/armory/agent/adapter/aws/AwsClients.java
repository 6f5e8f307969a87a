package io.armory.agent.adapter.aws;

import io.armory.agent.domain.NodeIdentity;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.ssm.SsmClient;

/// The node's AWS clients, for all adapters of this room to share. Making one costs nothing: the
/// SDK is loaded when the first client is asked for.
public final class AwsClients implements AutoCloseable {
  private final AwsOptions options;
  private final ReentrantLock making = new ReentrantLock();
  private @Nullable SdkClients sdk;

  public AwsClients(AwsOptions options) {
    this.options = options;
  }

  AwsOptions options() {
    return options;
  }

  SsmClient ssm(String region) {
    return sdk().ssm(region);
  }

  Ec2Client ec2(String region) {
    return sdk().ec2(region);
  }

  AutoScalingClient autoScaling(String region) {
    return sdk().autoScaling(region);
  }

  EcrClient ecr(String region) {
    return sdk().ecr(region);
  }

  SnsClient sns(String region) {
    return sdk().sns(region);
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

  private SdkClients sdk() {
    making.lock();
    try {
      var present = sdk;
      if (present == null) {
        present = new SdkClients(options);
        sdk = present;
      }
      return present;
    } finally {
      making.unlock();
    }
  }

  @Override
  public void close() {
    making.lock();
    try {
      var present = sdk;
      sdk = null;
      if (present != null) {
        present.close();
      }
    } finally {
      making.unlock();
    }
  }
}
