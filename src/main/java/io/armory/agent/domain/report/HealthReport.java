package io.armory.agent.domain.report;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The whole truth about the node at one instant: what every health answer, `status`, the metrics
/// and the status page are made of. Immutable; a new one is published at least every two seconds
/// while the agent works, so an old [#at] means a stuck agent.
///
/// @param at when it was made
/// @param startedAt when the agent process started
/// @param phase what the agent is busy with, see [Phase]
/// @param live the agent itself works
/// @param ready the node should get traffic
/// @param replace only a new node can help: this node's own repair failed in its window
/// @param services in start order
/// @param plan what would be done next and what is waited for
/// @param undecided the agent has not seen enough since its start to call the node ready or not
/// @param problems what keeps the agent from its work, one line each, most important first
/// @param shared what the node shares with the others of its group
/// @param backup how the agent's own backups fare; empty: it makes none
public record HealthReport(
    Instant at,
    Instant startedAt,
    String agentVersion,
    Node node,
    Phase phase,
    Verdict live,
    Verdict ready,
    Verdict replace,
    Optional<RevisionReport> revision,
    Optional<EngineReport> engine,
    List<ServiceReport> services,
    Host host,
    Plan plan,
    Optional<Maintenance> maintenance,
    LifecycleReport lifecycle,
    boolean undecided,
    List<Problem> problems,
    SharedReport shared,
    Optional<BackupReport> backup) {

  /// The same, with this of the backups.
  public HealthReport with(BackupReport of) {
    return copy(at, live, ready, services, problems, Optional.of(of));
  }

  /// The same, with more said of its services.
  public HealthReport with(List<ServiceReport> others) {
    return copy(at, live, ready, others, problems, backup);
  }

  /// The same, with more problems, which come last.
  public HealthReport alsoSaying(List<Problem> more) {
    return more.isEmpty()
        ? this
        : copy(
            at,
            live,
            ready,
            services,
            Stream.concat(problems.stream(), more.stream()).toList(),
            backup);
  }

  public HealthReport {
    services = List.copyOf(services);
    problems = List.copyOf(problems);
  }

  /// The same report with other verdicts on the agent and the node.
  public HealthReport judgedAnew(Verdict liveAnew, Verdict readyAnew) {
    return copy(at, liveAnew, readyAnew, services, problems, backup);
  }

  /// The same report, which is still the truth at a later instant.
  public HealthReport stillSo(Instant now) {
    return copy(now, live, ready, services, problems, backup);
  }

  private HealthReport copy(
      Instant atAnew,
      Verdict liveAnew,
      Verdict readyAnew,
      List<ServiceReport> servicesAnew,
      List<Problem> problemsAnew,
      Optional<BackupReport> backupAnew) {
    return new HealthReport(
        atAnew,
        startedAt,
        agentVersion,
        node,
        phase,
        liveAnew,
        readyAnew,
        replace,
        revision,
        engine,
        servicesAnew,
        host,
        plan,
        maintenance,
        lifecycle,
        undecided,
        problemsAnew,
        shared,
        backupAnew);
  }

  /// Where the agent is with the stack.
  public enum Phase {
    /// No role known, or no revision could be rendered: nothing is touched.
    WAITING,
    /// The first convergence since the agent or the node started.
    STARTING,
    /// Everything is as it should be.
    STEADY,
    /// A service is being mended.
    REPAIRING,
    /// A new revision is being rolled out.
    ROLLING_OUT,
    /// A failed revision is being replaced by the last known good one.
    ROLLING_BACK,
    /// On its way out of service.
    DRAINING,
    /// The engine cannot be read: nothing is decided.
    BLIND
  }

  /// @param reason in words; also when it holds
  /// @param since when it last changed
  public record Verdict(boolean holds, String reason, Instant since) {
    /// The same, which has held for as long as before by a clock that was set.
    public Verdict clockSet(Duration by) {
      return new Verdict(holds, reason, since.plus(by));
    }
  }

  /// @param identity absent until found
  public record Node(Optional<NodeIdentity> identity, String project) {}

  /// @param id of the revision being run or rolled out
  /// @param state `current`, `rolling out`, `rolling back`, `held back by the drain`, …in words
  /// @param stale sources cannot be read; the last known good revision is run
  /// @param staleSince when they could last be read
  /// @param rejected a newer revision that failed and will not be tried again until it changes, and
  ///   why
  /// @param heldUp why the one being rolled out does not get on now, the reason first; empty: it
  ///   does, or has
  /// @param trigger what had it rolled out; empty: that is not known
  /// @param changes what it changes, one line each, without a secret
  /// @param held by whom it is held against the sources; empty: they are followed
  /// @param awaits a revision of the sources that may not begin yet
  /// @param wanted the revision that the sources gave last; empty: they were not read yet
  /// @param failed what is not run here because it failed here; empty: nothing
  public record RevisionReport(
      String id,
      String role,
      Instant since,
      String state,
      boolean stale,
      @Nullable Instant staleSince,
      Optional<String> rejected,
      Optional<String> heldUp,
      String trigger,
      List<String> changes,
      Optional<String> held,
      Optional<Awaited> awaits,
      String wanted,
      Optional<Failed> failed) {

    public RevisionReport {
      changes = List.copyOf(changes);
    }

    /// @param why it failed, in words
    public record Failed(String revision, String why) {}
  }

  /// A revision that waits for approval, or for the hours in which changes begin by themselves.
  ///
  /// @param why what it waits for, and what to do, in words
  /// @param opens when it begins by itself; `null`: it does not
  /// @param images how far its images are, in words
  /// @param changes what it would change, one line each, without a secret
  public record Awaited(
      String revision,
      Instant since,
      String why,
      @Nullable Instant opens,
      String images,
      List<String> changes) {
    public Awaited {
      changes = List.copyOf(changes);
    }

    /// In one line.
    public String line() {
      return "revision %s waits %s".formatted(revision, why);
    }
  }

  /// One line for somebody who named a service that this node does not have.
  public String noService(String name) {
    var known = services.stream().map(ServiceReport::name).sorted().toList();
    return "no service %s on this node; it has: %s".formatted(name, String.join(", ", known));
  }

  /// Why the node is not as it was asked to be, the reason first: it is not ready, or what is to be
  /// rolled out is held up, or was rejected. Empty: it is.
  public Optional<String> shortfall() {
    return ready.holds()
        ? revision
            .flatMap(RevisionReport::heldUp)
            .or(() -> revision.flatMap(RevisionReport::rejected))
        : Optional.of(ready.reason());
  }

  /// @param reachable false: `problem` says why
  public record EngineReport(
      boolean reachable,
      String name,
      String version,
      String apiVersion,
      Instant since,
      @Nullable String problem) {}

  /// @param diskUsagePercent of the filesystem that holds the engine's data, as Lighthouse told it
  /// @param warnings one line each: disk, inodes, memory, clock
  /// @param freeMemory in bytes; 0: not known
  public record Host(double diskUsagePercent, List<String> warnings, long freeMemory) {
    public Host {
      warnings = List.copyOf(warnings);
    }

    /// One whose memory is not known.
    public Host(double diskUsagePercent, List<String> warnings) {
      this(diskUsagePercent, warnings, 0);
    }

    /// The same with so much memory left.
    public Host withFreeMemory(long bytes) {
      return new Host(diskUsagePercent, warnings, bytes);
    }
  }

  /// @param owner who asked for it
  /// @param standby the instance is to be in its group's standby meanwhile
  public record Maintenance(
      Instant since, Instant until, String reason, String owner, boolean standby) {}
}
