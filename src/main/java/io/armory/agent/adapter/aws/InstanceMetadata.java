package io.armory.agent.adapter.aws;

import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The instance metadata service, version 2 only. The SDK's client does the talking; its policy is
/// here, because it keeps a token that IMDS has forgotten until its end, and gives up at once on
/// the 401 that a young instance's IMDS answers now and then.
///
/// Rules from "Use IMDS to access instance metadata" in the EC2 user guide: the token comes from a
/// PUT, lives up to 6 h, 401 is an invalid token, 403 is IMDS switched off, 404 is no such item. A
/// 403 may also pass, so it is not taken at its first word; but neither waited for as long as a
/// silence.
final class InstanceMetadata implements AutoCloseable {
  /// IMDS's longest.
  static final Duration TOKEN_LIFE = Duration.ofHours(6);

  /// Times the same question is put to an IMDS that answers 403.
  private static final int REFUSALS = 3;

  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

  private final AwsOptions options;
  private final Duration tokenLife;
  private @Nullable MetadataExchange exchange;

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
      if (!(answer instanceof Answer.Unknown(var failure)) || !mayPass(failure.kind(), attempt)) {
        return answer;
      }
      // The last try is made when the patience ends, not when the pause before it would.
      var left = Duration.ofNanos(deadline - System.nanoTime());
      var pause = Backoff.spread(BACKOFF.after(attempt), 0.5, 1, ThreadLocalRandom.current());
      if (!left.isPositive() || !slept(pause.compareTo(left) < 0 ? pause : left)) {
        return new Answer.Unknown(
            new Failure(
                failure.kind(),
                failure.message() + " (tried " + attempt + (attempt == 1 ? " time)" : " times)")));
      }
    }
  }

  private static boolean mayPass(Kind kind, int attempt) {
    return kind == Kind.DENIED ? attempt < REFUSALS : kind.retryable();
  }

  private synchronized Answer ask(String item) {
    var present = exchange;
    if (present == null) {
      present = new MetadataExchange(options, tokenLife);
      exchange = present;
    }
    return present.ask(item);
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
  public synchronized void close() {
    var present = exchange;
    exchange = null;
    if (present != null) {
      present.close();
    }
  }
}
