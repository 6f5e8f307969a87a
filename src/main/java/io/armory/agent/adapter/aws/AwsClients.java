package io.armory.agent.adapter.aws;

import io.armory.agent.domain.NodeIdentity;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/// The node's AWS clients, each made at its first use and shared: one transport, one credential
/// chain, one timer. Adaptive retry and deadlines on every call.
public final class AwsClients implements AutoCloseable {
  private final AwsOptions options;
  private final Map<String, SdkAutoCloseable> clients = new ConcurrentHashMap<>();
  private final ReentrantLock making = new ReentrantLock();
  private @Nullable Shared shared;

  public AwsClients(AwsOptions options) {
    this.options = options;
  }

  /// What all clients have in common.
  private record Shared(
      SdkHttpClient transport,
      DefaultCredentialsProvider credentials,
      ScheduledExecutorService timer) {}

  AwsOptions options() {
    return options;
  }

  SsmClient ssm(String region) {
    return client(SsmClient.class, region, SsmClient::builder);
  }

  Ec2Client ec2(String region) {
    return client(Ec2Client.class, region, Ec2Client::builder);
  }

  AutoScalingClient autoScaling(String region) {
    return client(AutoScalingClient.class, region, AutoScalingClient::builder);
  }

  EcrClient ecr(String region) {
    return client(EcrClient.class, region, EcrClient::builder);
  }

  /// The region to work in: what the environment or the profile says, else the node's own. The
  /// SDK's chain would ask IMDS by itself; here the identity has done that already.
  Optional<String> region(NodeIdentity node) {
    return configuredRegion().or(() -> node.fact(NodeIdentity.REGION));
  }

  Optional<String> configuredRegion() {
    try {
      return Optional.of(
          new AwsRegionProviderChain(
                  new SystemSettingsRegionProvider(), new AwsProfileRegionProvider())
              .getRegion()
              .id());
    } catch (SdkClientException e) {
      return Optional.empty();
    }
  }

  private <
          B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C extends SdkAutoCloseable>
      C client(Class<C> type, String region, java.util.function.Supplier<B> builder) {
    var made =
        clients.computeIfAbsent(
            type.getSimpleName() + "/" + region, _ -> configured(builder.get(), region).build());
    return type.cast(made);
  }

  private <B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> B configured(
      B builder, String region) {
    var common = shared();
    Optional<URI> endpoint = options.endpoint();
    endpoint.ifPresent(builder::endpointOverride);
    return builder
        .region(Region.of(region))
        .httpClient(common.transport())
        .credentialsProvider(common.credentials())
        .overrideConfiguration(c ->
            c.apiCallAttemptTimeout(options.attempt())
                .apiCallTimeout(options.call())
                .retryStrategy(RetryMode.ADAPTIVE_V2)
                .scheduledExecutorService(common.timer())
                .addExecutionInterceptor(new CallReports(options.calls())));
  }

  private Shared shared() {
    making.lock();
    try {
      var common = shared;
      if (common == null) {
        common = new Shared(transport(options), credentials(), timer());
        shared = common;
      }
      return common;
    } finally {
      making.unlock();
    }
  }

  private static SdkHttpClient transport(AwsOptions options) {
    return UrlConnectionHttpClient.builder()
        .connectionTimeout(options.attempt())
        .socketTimeout(options.attempt())
        .build();
  }

  private static DefaultCredentialsProvider credentials() {
    // The instance profile's provider falls back to IMDSv1 otherwise, and takes no such option from
    // the chain that makes it.
    System.setProperty(SdkSystemSetting.AWS_EC2_METADATA_V1_DISABLED.property(), "true");
    return DefaultCredentialsProvider.builder().build();
  }

  private static ScheduledExecutorService timer() {
    return Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().daemon().name("aws-deadlines").factory());
  }

  @Override
  public void close() {
    List<SdkAutoCloseable> all = new ArrayList<>(clients.values());
    clients.clear();
    all.forEach(SdkAutoCloseable::close);
    making.lock();
    try {
      var common = shared;
      if (common != null) {
        common.transport().close();
        common.credentials().close();
        common.timer().shutdownNow();
        shared = null;
      }
    } finally {
      making.unlock();
    }
  }
}
