package io.armory.agent.reconcile;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.reconcile.evidence.FailureEvidence;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Reads what a failed revision's containers have to say before they are removed.
record EvidenceReader(ReconcilerState state) {
  /// @param services as they were when the revision was given up
  void collect(
      Revision failed, Optional<Revision> backTo, List<ServiceReport> services, Instant now) {
    services.stream()
        .filter(s -> !s.optional() && isDown(s.state()))
        .flatMap(s ->
            Optional.ofNullable(failed.stack().services().get(s.name())).stream()
                .map(service -> draft(failed, backTo, s, service, now)))
        .forEach(draft -> {
          state.history().evidence().reads(draft.draft().service());
          state.effects().add(draft);
        });
  }

  /// What its health check says in full: a restart ends that, and may come before its revision is
  /// given up.
  void ask(String containerId) {
    var container = state.eyes().observed().flatMap(o -> o.container(containerId));
    var address = container.flatMap(c -> state.eyes().addressOf(state.stack(), c));
    var probe =
        container
            .flatMap(c -> Optional.ofNullable(state.stack().services().get(c.service())))
            .flatMap(Service::probe);
    if (address.isPresent() && probe.isPresent()) {
      state.effects().add(new Effect.ReadHealth(containerId, address.get(), probe.get()));
    }
  }

  private static boolean isDown(ServiceReport.State state) {
    return switch (state) {
      case STARTING, DEGRADED, DOWN, UNKNOWN -> true;
      case UP, STOPPED, STANDBY, COMPLETED -> false;
    };
  }

  private Effect.ReadEvidence draft(
      Revision failed,
      Optional<Revision> backTo,
      ServiceReport report,
      Service service,
      Instant now) {
    var observed = state.eyes().observed().map(Observed::containers).orElse(List.of());
    var container = FailureEvidence.container(observed, service.name(), service.definitionHash());
    var before =
        backTo
            .flatMap(b -> Optional.ofNullable(b.stack().services().get(service.name())))
            .map(b -> b.container().image());
    var evidence =
        new Evidence(
            now,
            service.name(),
            failed.id(),
            report.reason(),
            container.map(Container::id).orElse(""),
            container.map(Container::name).orElse(""),
            before.orElse(""),
            service.container().image(),
            container.map(EvidenceReader::end).orElse("it was never made"),
            "",
            List.of());
    return new Effect.ReadEvidence(
        evidence,
        container.filter(Container::running).flatMap(c -> state.eyes().addressOf(state.stack(), c)),
        service.probe());
  }

  private static String end(Container c) {
    var error = c.error() == null || c.error().isEmpty() ? "" : ": " + c.error();
    return switch (c.state()) {
      case CREATED -> "never started" + error;
      case RUNNING, PAUSED, RESTARTING, REMOVING ->
          c.state().name().toLowerCase(java.util.Locale.ROOT);
      case EXITED, DEAD ->
          (c.oomKilled()
                  ? "killed by the kernel: out of memory"
                  : "exited with code " + c.exitCode())
              + error;
    };
  }

  void read(Evidence evidence) {
    var all = state.history().evidence();
    if (evidence.health().isEmpty() && !all.answered(evidence.container()).isEmpty()) {
      read(evidence.with(all.answered(evidence.container()), evidence.lines()));
      return;
    }
    all.read(evidence);
    state.rollout().explain(evidence.revision(), evidence.summary());
    var kept = all.kept();
    var rejected = state.rollout().rejected();
    state.documents().persist("evidence", () -> state.memory().keepEvidence(kept));
    state.documents().persist("rejected", () -> state.memory().keepRejected(rejected));
    var images = evidence.before().isEmpty() ? "" : evidence.before() + " → ";
    state.event(
        "evidence",
        evidence.service(),
        "%s with revision %s (%s%s); see: armory-agent logs %s --failed"
            .formatted(
                evidence.end(), evidence.revision(), images, evidence.image(), evidence.service()),
        evidence.why() + evidence.summary());
  }
}
