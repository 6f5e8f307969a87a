package io.armory.agent.reconcile;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.report.HealthReport.Host;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.health.SlowStart;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import io.armory.agent.reconcile.desired.Sources;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Why the loop wakes. Whatever happens elsewhere reaches the loop's thread as one of these, so
/// that all of its state belongs to one thread.
public sealed interface Message {

  /// The engine said something happened: a hint to look.
  record EngineSpoke(EngineEvent event) implements Message {}

  /// @param sequence what [InFlightActions#begin] gave when the look began
  record Looked(long sequence, Observation observation, Host host) implements Message {}

  record Acted(Plan.Step step, Outcome<String> outcome, Duration took) implements Message {}

  /// The images of a revision that waits were pulled, or not.
  record PulledAhead(String revision, Outcome<String> outcome) implements Message {}

  record Progressed(String subject, String line) implements Message {}

  /// @param confirms the container was well when it was asked before, and is: no reason to wake
  record Probed(String containerId, Instant startedAt, ProbeResult result, boolean confirms)
      implements Message {}

  /// What a container does that has not opened its port in its start period.
  record StartSeen(String containerId, Instant startedAt, SlowStart.Seen seen) implements Message {}

  record LogsRead(String service, Instant failedAt, List<String> lines) implements Message {}

  /// What a container's health check answered in full when it was found unhealthy.
  record HealthRead(String containerId, String body) implements Message {}

  record EvidenceRead(Evidence evidence) implements Message {}

  /// A reading of the sources begins: it sees what is in them now.
  record SourcesBegun() implements Message {}

  record SourcesRead(Sources.Reading reading) implements Message {}

  /// @param askedAt when the question was asked
  record RedisAsked(RemoteRedis redis, Outcome<RedisAnswer> outcome, Instant askedAt)
      implements Message {}

  /// Something to be done on the loop's thread, for an operator.
  record Asked(Runnable task) implements Message {}

  /// A question about what the loop knows, for another thread: nothing is changed by it.
  record Wondered(Runnable answer) implements Message {}
}
