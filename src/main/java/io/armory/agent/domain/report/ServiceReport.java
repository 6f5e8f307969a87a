package io.armory.agent.domain.report;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One service, as the agent judges it.
///
/// @param reason why it is in this state, in words: "answers 503", "waits for front50"
/// @param since when it entered this state
/// @param restarts by the agent, since it started, because something was wrong: not those asked for
/// @param lastFailure the last thing that went wrong, kept after it was mended
/// @param doing what the agent does about it now: "restarts in 8 s"; empty: nothing to do
/// @param optional does not count for readiness
public record ServiceReport(
    String name,
    State state,
    String reason,
    Instant since,
    int restarts,
    Optional<LastFailure> lastFailure,
    String doing,
    boolean optional,
    String image,
    List<ContainerReport> containers) {

  public ServiceReport {
    containers = List.copyOf(containers);
  }

  public enum State {
    /// Not created yet, or running and not yet healthy in its start period.
    STARTING,
    UP,
    /// Some replicas are up, or healthy while something is out of order.
    DEGRADED,
    DOWN,
    /// Its container cannot be read, and nothing else tells how it is.
    UNKNOWN,
    /// On purpose; the reason says by whom.
    STOPPED,
    /// Another node runs it; the reason says which.
    STANDBY,
    /// A one-shot that ended with exit code 0.
    COMPLETED
  }

  /// @param what "exited with code 1", "killed by the kernel: out of memory", "no answer in 5 s"
  public record LastFailure(Instant at, String what, List<String> logLines) {
    public LastFailure {
      logLines = List.copyOf(logLines);
    }
  }

  /// @param engineState the engine's word
  /// @param healthy it runs, and is well by the agent's judgement
  public record ContainerReport(
      String id, String name, String engineState, @Nullable Instant startedAt, boolean healthy) {}

  public boolean isUp() {
    return state == State.UP || state == State.COMPLETED;
  }
}
