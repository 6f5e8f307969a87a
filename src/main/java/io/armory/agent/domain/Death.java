package io.armory.agent.domain;

/// How a container's life ended, where more is known of it than its exit code.
///
/// @param what in words that follow the container's name: "was killed by hand (signal 9)"
public record Death(String what, By by) {

  /// Who ended it.
  public enum By {
    ITSELF,
    /// Somebody at the node: `docker stop`, `docker kill`, `docker rm`.
    HAND,
    /// The engine, which went down itself.
    ENGINE,
    /// The agent, on purpose: that is no failure.
    AGENT
  }
}
