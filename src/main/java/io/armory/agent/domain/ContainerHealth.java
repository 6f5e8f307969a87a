package io.armory.agent.domain;

import java.time.Instant;

/// What the agent holds of one running container.
///
/// @param reason in words: "answers 503", "no answer in 5 s, 3 times"
/// @param since when the verdict last changed
/// @param answered whether its last answer was that of a service at work: what is silent, or says
///   that it loads or lacks something, may be why its dependents are not well
public record ContainerHealth(Verdict verdict, String reason, Instant since, boolean answered) {

  public enum Verdict {
    /// In its start period, or not asked often enough yet.
    STARTING,
    HEALTHY,
    /// Not well, and nothing that a restart would mend.
    AILING,
    UNHEALTHY
  }

  public boolean healthy() {
    return verdict == Verdict.HEALTHY;
  }

  public boolean unhealthy() {
    return verdict == Verdict.UNHEALTHY || verdict == Verdict.AILING;
  }

  /// Unhealthy in a way that a restart may mend.
  public boolean wantsRestart() {
    return verdict == Verdict.UNHEALTHY;
  }
}
