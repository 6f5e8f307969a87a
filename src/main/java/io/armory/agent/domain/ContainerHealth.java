package io.armory.agent.domain;

import java.time.Instant;

/// What the agent holds of one running container.
///
/// @param reason in words: "answers 503", "no answer in 5 s, 3 times"
/// @param since when the verdict last changed
/// @param answered whether its last probe was answered at all
public record ContainerHealth(Verdict verdict, String reason, Instant since, boolean answered) {

  public enum Verdict {
    /// In its start period, or not asked often enough yet.
    STARTING,
    HEALTHY,
    UNHEALTHY
  }

  public boolean healthy() {
    return verdict == Verdict.HEALTHY;
  }

  public boolean unhealthy() {
    return verdict == Verdict.UNHEALTHY;
  }
}
