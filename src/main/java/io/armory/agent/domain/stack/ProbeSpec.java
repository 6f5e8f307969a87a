package io.armory.agent.domain.stack;

import java.time.Duration;

/// How the agent asks one container for its health, from the node and with no tool inside the
/// image. Written in a Compose file as the service extension `x-armory: {probe: {…}}`; timings
/// default to the service's `healthcheck`, and these to Docker's defaults.
///
/// @param interval time between two probes of a container
/// @param timeout longest time an answer may take, in whole
/// @param startPeriod failures in this time after the container's start do not count
/// @param failureThreshold failures in a row that make it unhealthy
/// @param successThreshold successes in a row that make it healthy again
public record ProbeSpec(
    Check check,
    Duration interval,
    Duration timeout,
    Duration startPeriod,
    int failureThreshold,
    int successThreshold) {
  private static final int STORE_PATIENCE = 4;

  public ProbeSpec {
    if (!interval.isPositive() || !timeout.isPositive() || startPeriod.isNegative()) {
      throw new IllegalArgumentException("probe: interval and timeout must be positive");
    }
    if (failureThreshold < 1 || successThreshold < 1) {
      throw new IllegalArgumentException("probe: thresholds must be at least 1");
    }
  }

  /// Failures in a row after which a restart is tried. A store that is silent may work on something
  /// long, and is left more time: what it does would begin anew.
  public int restartThreshold() {
    return check.isStore() ? STORE_PATIENCE * failureThreshold : failureThreshold;
  }

  /// The same question to one that may take so long to start.
  public ProbeSpec withStartPeriod(Duration time) {
    return new ProbeSpec(check, interval, timeout, time, failureThreshold, successThreshold);
  }

  /// The same question, with less time for the answer.
  public ProbeSpec within(Duration most) {
    return new ProbeSpec(check, interval, most, startPeriod, failureThreshold, successThreshold);
  }

  /// What is asked.
  public sealed interface Check {
    int port();

    /// Whether it keeps data that a restart may cost, or make it read for minutes.
    default boolean isStore() {
      return false;
    }
  }

  /// `GET path` must answer 2xx or 3xx.
  public record Http(int port, String path) implements Check {}

  /// A connection must be accepted.
  public record Tcp(int port) implements Check {}

  /// `PING` must be answered `+PONG`.
  public record Redis(int port) implements Check {
    @Override
    public boolean isStore() {
      return true;
    }
  }

  /// A startup packet must be answered by the request to log in, or by the refusal of a login.
  public record Postgres(int port) implements Check {
    @Override
    public boolean isStore() {
      return true;
    }
  }
}
