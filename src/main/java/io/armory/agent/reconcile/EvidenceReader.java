package io.armory.agent.reconcile;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Observation.Container;
import io.armory.agent.domain.Observation.Observed;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ProbeSpec;
import io.armory.agent.domain.Revision;
import io.armory.agent.domain.Service;
import io.armory.agent.domain.ServiceReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads what a failed revision's containers have to say before they are removed. On the loop's
/// thread, but for the reading itself.
final class EvidenceReader {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");

  private final LoopState state;
  private final Consumer<Message> mailbox;

  EvidenceReader(LoopState state, Consumer<Message> mailbox) {
    this.state = state;
    this.mailbox = mailbox;
  }

  /// @param services as they were when the revision was given up
  void collect(
      Revision failed, Optional<Revision> backTo, List<ServiceReport> services, Instant now) {
    services.stream()
        .filter(s -> !s.optional() && isDown(s.state()))
        .flatMap(s ->
            Optional.ofNullable(failed.stack().services().get(s.name())).stream()
                .map(service -> draft(failed, backTo, s, service, now)))
        .forEach(this::read);
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
      Thread.ofVirtual()
          .name("health of " + containerId)
          .start(() ->
              mailbox.accept(
                  new Message.HealthRead(
                      containerId, state.parts().probe().body(address.get(), probe.get()))));
    }
  }

  private static boolean isDown(ServiceReport.State state) {
    return switch (state) {
      case STARTING, DEGRADED, DOWN, UNKNOWN -> true;
      case UP, STOPPED, STANDBY, COMPLETED -> false;
    };
  }

  /// @param address where it can be asked for its health
  private record Draft(Evidence evidence, Optional<String> address, Optional<ProbeSpec> probe) {}

  private Draft draft(
      Revision failed,
      Optional<Revision> backTo,
      ServiceReport report,
      Service service,
      Instant now) {
    var observed = state.eyes().observed().map(Observed::containers).orElse(List.of());
    var container = Evidences.container(observed, service.name(), service.definitionHash());
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
    return new Draft(
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

  private void read(Draft draft) {
    var parts = state.parts();
    state.history().evidence().reads(draft.evidence().service());
    Thread.ofVirtual()
        .name("evidence " + draft.evidence().service())
        .start(() -> {
          var e = draft.evidence();
          var lines = List.<String>of();
          var health = "";
          try {
            health =
                draft
                    .address()
                    .flatMap(a -> draft.probe().map(p -> parts.probe().body(a, p)))
                    .orElse("");
            if (!e.container().isEmpty()
                && parts.engine().lastLogLines(e.container(), Evidence.MOST_LINES)
                    instanceof Outcome.Done<List<String>>(var read)) {
              lines = read;
            }
          } catch (RuntimeException bug) {
            LOG.error("cannot read what {} left", e.name(), bug);
          }
          mailbox.accept(new Message.EvidenceRead(with(e, health, lines)));
        });
  }

  private static Evidence with(Evidence e, String health, List<String> lines) {
    return new Evidence(
        e.at(),
        e.service(),
        e.revision(),
        e.why(),
        e.container(),
        e.name(),
        e.before(),
        e.image(),
        e.end(),
        health,
        lines);
  }

  void read(Evidence evidence) {
    var all = state.history().evidence();
    if (evidence.health().isEmpty() && !all.answered(evidence.container()).isEmpty()) {
      read(with(evidence, all.answered(evidence.container()), evidence.lines()));
      return;
    }
    all.read(evidence);
    state.rollout().explain(evidence.revision(), evidence.summary());
    var kept = all.kept();
    var rejected = state.rollout().rejected();
    state.inputs().persist(() -> state.memory().keepEvidence(kept));
    state.inputs().persist(() -> state.memory().keepRejected(rejected));
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
