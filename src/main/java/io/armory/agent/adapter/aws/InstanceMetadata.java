package io.armory.agent.adapter.aws;

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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.imds.Ec2MetadataClient;
import software.amazon.awssdk.imds.Ec2MetadataClientException;
import software.amazon.awssdk.imds.Ec2MetadataRetryPolicy;

/// The instance metadata service, version 2 only. The SDK's client does the talking; its policy is
/// here, because it keeps a token that IMDS has forgotten until its end, and gives up at once on
/// the 401 that a young instance's IMDS answers now and then.
///
/// Rules from "Use IMDS to access instance metadata" in the EC2 user guide: the token comes from a
/// PUT, lives up to 6 h, 401 is an invalid token, 403 is IMDS switched off, 404 is no such item.
final class InstanceMetadata implements AutoCloseable {
  /// IMDS's longest.
  static final Duration TOKEN_LIFE = Duration.ofHours(6);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final AwsOptions options;
  private final Duration tokenLife;
  private final ReentrantLock asking = new ReentrantLock();
  private @Nullable Ec2MetadataClient client;
  private long clientSince;

  InstanceMetadata(AwsOptions options) {
    this(options, TOKEN_LIFE);
  }

  /// @param tokenLife asked of IMDS, whole seconds; the token is renewed at half of it
  InstanceMetadata(AwsOptions options, Duration tokenLife) {
    this.options = options;
    this.tokenLife = tokenLife;
  }

  sealed interface Answer {
    record Found(String value) implements Answer {}

    /// IMDS answered that there is no such item.
    record Absent() implements Answer {}

    /// Nothing was learned.
    record Unknown(Failure failure) implements Answer {}
  }

  /// @param item below `/latest/meta-data/`, percent-encoded where need be
  Answer get(String item) {
    var deadline = System.nanoTime() + options.metadataPatience().toNanos();
    for (var attempt = 1; ; attempt++) {
      var answer = ask(item);
      if (!(answer instanceof Answer.Unknown(var failure)) || failure.kind() == Kind.DENIED) {
        return answer;
      }
      var pause = pause(attempt);
      if (System.nanoTime() + pause.toNanos() >= deadline || !slept(pause)) {
        return new Answer.Unknown(
            new Failure(
                failure.kind(),
                failure.message() + " (tried " + attempt + (attempt == 1 ? " time)" : " times)")));
      }
    }
  }

  private Answer ask(String item) {
    asking.lock();
    try {
      if (SdkSystemSetting.AWS_EC2_METADATA_DISABLED.getBooleanValue().orElse(false)) {
        return unknown(Kind.DENIED, "IMDS is switched off by AWS_EC2_METADATA_DISABLED");
      }
      var asked = client();
      return new Answer.Found(inTime(() -> asked.get("/latest/meta-data/" + item).asString()));
    } catch (Ec2MetadataClientException e) {
      return refused(item, e);
    } catch (SdkException | UncheckedIOException e) {
      return unanswered(item, e);
    } finally {
      asking.unlock();
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
      return unknown(
          Kind.TRANSIENT, "IMDS " + item + ": " + AwsFailures.oneLine(cause.getMessage() + ""));
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
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(options.metadataAttempt())
                    .socketTimeout(options.metadataAttempt())
                    // IMDS is on the link; no proxy may come between.
                    .proxyConfiguration(
                        ProxyConfiguration.builder()
                            .useSystemPropertyValues(false)
                            .useEnvironmentVariablesValues(false)
                            .build()));
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

  private static Duration pause(int attempt) {
    var ceiling =
        Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(attempt - 1, 10));
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(ceiling / 2, ceiling + 1));
  }

  private static boolean slept(Duration pause) {
    try {
      Thread.sleep(pause);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    asking.lock();
    try {
      forgetToken();
    } finally {
      asking.unlock();
    }
  }
}
