package io.armory.agent.adapter.aws;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ecr.EcrClient;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/// The SDK's clients, each made at its first use: one transport, one credential chain and one timer
/// for all, adaptive retry and deadlines on every call.
final class SdkClients implements AutoCloseable {
  /// Bytes: several times a large group's description, the longest answer that is asked for.
  private static final long LONGEST = 8L * 1024 * 1024;

  private final AwsOptions options;
  private final SdkHttpClient transport;
  private final DefaultCredentialsProvider credentials;
  private final ScheduledExecutorService timer;
  private final ServerClock clock = new ServerClock(InstantSource.system());
  private final Map<String, SdkAutoCloseable> clients = new ConcurrentHashMap<>();

  SdkClients(AwsOptions options) {
    this.options = options;
    this.transport =
        new BoundedBodies(
            UrlConnectionHttpClient.builder()
                .connectionTimeout(options.attempt())
                .socketTimeout(options.attempt())
                .build(),
            LONGEST);
    // The instance profile's provider falls back to IMDSv1 otherwise, and takes no such option from
    // the chain that makes it.
    System.setProperty(SdkSystemSetting.AWS_EC2_METADATA_V1_DISABLED.property(), "true");
    this.credentials = DefaultCredentialsProvider.builder().build();
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("aws-deadlines").factory());
  }

  ServerClock clock() {
    return clock;
  }

  AwsCredentialsIdentity credentials() {
    return credentials.resolveCredentials();
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

  SnsClient sns(String region) {
    return client(SnsClient.class, region, SnsClient::builder);
  }

  private <
          B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C extends SdkAutoCloseable>
      C client(Class<C> type, String region, Supplier<B> builder) {
    var made =
        clients.computeIfAbsent(
            type.getSimpleName() + "/" + region, _ -> configured(builder.get(), region).build());
    return type.cast(made);
  }

  private <B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> B configured(
      B builder, String region) {
    options.endpoint().ifPresent(builder::endpointOverride);
    return builder
        .region(Region.of(region))
        .httpClient(transport)
        .credentialsProvider(credentials)
        .overrideConfiguration(c ->
            c.apiCallAttemptTimeout(options.attempt())
                .apiCallTimeout(options.call())
                .retryStrategy(RetryMode.ADAPTIVE_V2)
                .scheduledExecutorService(timer)
                .addExecutionInterceptor(new CallReports(options.calls()))
                .addExecutionInterceptor(clock));
  }

  @Override
  public void close() {
    List<SdkAutoCloseable> all = new ArrayList<>(clients.values());
    clients.clear();
    all.forEach(SdkAutoCloseable::close);
    transport.close();
    credentials.close();
    timer.shutdownNow();
  }
}
