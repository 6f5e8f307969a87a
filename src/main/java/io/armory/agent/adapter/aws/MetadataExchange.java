package io.armory.agent.adapter.aws;

import io.armory.agent.adapter.aws.InstanceMetadata.Answer;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.imds.Ec2MetadataClient;
import software.amazon.awssdk.imds.Ec2MetadataClientException;
import software.amazon.awssdk.imds.Ec2MetadataRetryPolicy;

/// One question to IMDS through the SDK's client, asked once. Apart from [InstanceMetadata] so that
/// the SDK is loaded at the first question only.
final class MetadataExchange implements AutoCloseable {
  /// What the SDK says of an answer without a body, which it takes for none. It is one where a
  /// tag's value is empty; a list of tags, or a fact, never is.
  private static final String EMPTY = "Response body empty";

  /// Bytes: many times a list of all tags.
  private static final long LONGEST = 256 * 1024;

  private static final String A_TAG = "tags/instance/";

  private final AwsOptions options;
  private final Duration tokenLife;
  private @Nullable Ec2MetadataClient client;
  private long clientSince;

  MetadataExchange(AwsOptions options, Duration tokenLife) {
    this.options = options;
    this.tokenLife = tokenLife;
  }

  Answer ask(String item) {
    try {
      if (InstanceIdentity.isSwitchedOff()) {
        return unknown(Kind.INVALID, "IMDS is switched off by AWS_EC2_METADATA_DISABLED");
      }
      var asked = client();
      var value = inTime(() -> asked.get("/latest/meta-data/" + item).asString());
      return MetadataShape.whyForeign(item, value)
          .map(why -> unknown(Kind.TRANSIENT, "IMDS " + item + ": " + why))
          .orElseGet(() -> new Answer.Found(value));
    } catch (Ec2MetadataClientException e) {
      return refused(item, e);
    } catch (SdkException | UncheckedIOException e) {
      return unanswered(item, e);
    } catch (IllegalArgumentException e) {
      // Its message holds the token, which no header can.
      forgetToken();
      return unknown(Kind.TRANSIENT, "IMDS gives a token that cannot be one");
    }
  }

  /// The transport bounds each read, so an answer that dribbles has no end: this bounds the whole.
  private String inTime(Callable<String> question) {
    var task = new FutureTask<>(question);
    var thread = Thread.ofVirtual().name("imds").start(task);
    try {
      // A token and an item, each with its connect and its read.
      return task.get(options.metadataAttempt().multipliedBy(4).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      throw new UncheckedIOException(new SocketTimeoutException("no end of the answer"));
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("interrupted"));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException asThrown
          ? asThrown
          : new IllegalStateException(e);
    }
  }

  private Answer refused(String item, Ec2MetadataClientException e) {
    var forToken = String.valueOf(e.getMessage()).startsWith("Could not retrieve token");
    var what = forToken ? "IMDS refuses a token" : "IMDS " + item;
    if (e.statusCode() == 404 && !forToken) {
      return new Answer.Absent();
    }
    return switch (e.statusCode()) {
      case 401 -> {
        forgetToken();
        yield unknown(Kind.TRANSIENT, what + ": HTTP 401");
      }
      case 403 ->
          unknown(
              Kind.DENIED,
              what + ": HTTP 403; IMDS is switched off for this instance, enable its endpoint");
      default -> unknown(Kind.TRANSIENT, what + ": HTTP " + e.statusCode());
    };
  }

  private Answer unanswered(String item, RuntimeException e) {
    var io = AwsFailures.ioCause(e);
    if (io.isEmpty()) {
      var cause = e.getCause() == null ? e : e.getCause();
      var words = String.valueOf(cause.getMessage());
      return words.startsWith(EMPTY) && item.startsWith(A_TAG)
          ? new Answer.Found("")
          : unknown(Kind.TRANSIENT, "IMDS " + item + ": " + AwsFailures.oneLine(words));
    }
    return switch (io.get()) {
      case SocketTimeoutException _ ->
          unknown(
              Kind.TIMEOUT,
              "IMDS "
                  + item
                  + ": no answer in "
                  + options.metadataAttempt().toMillis()
                  + " ms; not an EC2 instance, or a container behind hop limit 1");
      case ConnectException connect ->
          unknown(Kind.UNREACHABLE, "IMDS " + item + ": " + AwsFailures.reason(connect));
      case IOException other ->
          unknown(Kind.UNREACHABLE, "IMDS " + item + ": " + AwsFailures.reason(other));
    };
  }

  private static Answer unknown(Kind kind, String message) {
    return new Answer.Unknown(new Failure(kind, message));
  }

  /// A client is a token: a new one asks for a new token.
  private Ec2MetadataClient client() {
    var present = client;
    if (present != null && System.nanoTime() - clientSince < tokenLife.toNanos() / 2) {
      return present;
    }
    forgetToken();
    var builder =
        Ec2MetadataClient.builder()
            .tokenTtl(tokenLife)
            .retryPolicy(Ec2MetadataRetryPolicy.none())
            .httpClient(
                new BoundedBodies(
                    UrlConnectionHttpClient.builder()
                        .connectionTimeout(options.metadataAttempt())
                        .socketTimeout(options.metadataAttempt())
                        // IMDS is on the link; no proxy may come between.
                        .proxyConfiguration(
                            ProxyConfiguration.builder()
                                .useSystemPropertyValues(false)
                                .useEnvironmentVariablesValues(false)
                                .build())
                        .build(),
                    LONGEST));
    options.metadataEndpoint().ifPresent(builder::endpoint);
    var made = builder.build();
    client = made;
    clientSince = System.nanoTime();
    return made;
  }

  private void forgetToken() {
    var old = client;
    client = null;
    if (old != null) {
      old.close();
    }
  }

  @Override
  public void close() {
    forgetToken();
  }
}
