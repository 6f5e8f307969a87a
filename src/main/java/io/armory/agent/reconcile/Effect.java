package io.armory.agent.reconcile;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.ContainerEngine.Scope;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What the core wants to happen outside of it. Whoever performs one reports what came of it as a
/// [Message]; effects of one call are begun in their order, and none is waited for.
public sealed interface Effect {

  /// Look at the engine and the node; answered by [Message.Looked].
  ///
  /// @param glance nothing happened, or to single containers alone: what is known of all that has
  ///   not changed will do
  record Observe(long sequence, Scope scope, boolean glance) implements Effect {}

  /// Carry out a step; answered by [Message.Progressed] and [Message.Acted].
  record Execute(Plan.Step step) implements Effect {}

  /// Pull the images of a revision that waits, those that are not here; answered by
  /// [Message.PulledAhead].
  record PullAhead(Revision revision) implements Effect {}

  /// End a container past every plan; answered by nothing.
  record Kill(Action.StopContainer action) implements Effect {}

  /// Ask exactly these for their health from now on, by container ID; answered by [Message.Probed],
  /// time and again.
  record AimProbes(Map<String, ProbeTarget> targets) implements Effect {}

  /// A container that is asked for its health.
  ///
  /// @param address as seen from the node
  /// @param startedAt when its present life began
  record ProbeTarget(String service, String address, Instant startedAt, ProbeSpec spec) {}

  /// See what a container does that has not opened its port; answered by [Message.StartSeen].
  record SeeStart(String containerId, Instant startedAt, Instant now) implements Effect {}

  /// Read a health check's whole answer; answered by [Message.HealthRead].
  record ReadHealth(String containerId, String address, ProbeSpec probe) implements Effect {}

  /// Complete what is kept of a failure with the container's log and health; answered by
  /// [Message.EvidenceRead].
  ///
  /// @param address where it can be asked for its health
  record ReadEvidence(Evidence draft, Optional<String> address, Optional<ProbeSpec> probe)
      implements Effect {}

  /// Read the last lines of a container's log; answered by [Message.LogsRead].
  record ReadLogs(String service, Instant failedAt, String containerId, int lines)
      implements Effect {}

  /// Begin to read the sources at their pace; answered by [Message.SourcesBegun] and
  /// [Message.SourcesRead], time and again.
  record FollowSources() implements Effect {}

  /// Read the sources now.
  record ReadSources() implements Effect {}

  /// Write to the node's disk; writes are made one after the other, in the order they were wanted.
  ///
  /// @param ended told of the end, on the core's thread
  record Write(Supplier<Outcome<String>> write, Consumer<Outcome<String>> ended)
      implements Effect {}

  /// A line for the agent's log.
  record Log(Severity severity, String line) implements Effect {}

  enum Severity {
    INFO,
    WARN,
    ERROR
  }

  /// An event for people, kept and shown by `events`.
  record Notify(AgentEvent event) implements Effect {}

  /// Answer who asked, after all that was wanted before.
  record Answer(Runnable answer) implements Effect {}

  /// The newest report.
  ///
  /// @param planned it comes of a whole pass, not only of time that went by
  record Publish(HealthReport report, boolean planned) implements Effect {}
}
