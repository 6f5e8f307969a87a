package io.armory.agent.domain.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// One service, as the agent judges it.
///
/// @param reason why it is in this state, in words: "answers 503", "waits for front50"
/// @param since when it entered this state
/// @param restarts by the agent, since it started, because something was wrong: not those asked for
/// @param lastFailure the last thing that went wrong, kept after it was mended
/// @param doing what the agent does about it now: "restarts in 8 s"; empty: nothing to do
/// @param optional does not count for readiness
/// @param published ports of the node
/// @param usage empty: nobody asked for it, or it cannot be read
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
    List<ContainerReport> containers,
    List<Integer> published,
    Optional<Usage> usage) {

  public ServiceReport {
    containers = List.copyOf(containers);
    published = List.copyOf(published);
  }

  /// The same, using this.
  public ServiceReport with(Usage used) {
    return new ServiceReport(
        name,
        state,
        reason,
        since,
        restarts,
        lastFailure,
        doing,
        optional,
        image,
        containers,
        published,
        Optional.of(used));
  }

  /// What its containers use together.
  ///
  /// @param memory in bytes, without what the kernel only caches and gives back
  /// @param memoryLimit in bytes; 0: there is none
  /// @param processor time since they were started
  /// @param processors that it may use at most; 0: as many as there are
  /// @param cpu of one processor, of late: 1.5 is one and a half; empty: not known yet
  public record Usage(
      long memory, long memoryLimit, Duration processor, double processors, OptionalDouble cpu) {
    public Usage plus(Usage other) {
      return new Usage(
          memory + other.memory,
          memoryLimit == 0 || other.memoryLimit == 0 ? 0 : memoryLimit + other.memoryLimit,
          processor.plus(other.processor),
          processors == 0 || other.processors == 0 ? 0 : processors + other.processors,
          cpu.isEmpty() || other.cpu.isEmpty()
              ? OptionalDouble.empty()
              : OptionalDouble.of(cpu.getAsDouble() + other.cpu.getAsDouble()));
    }
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
