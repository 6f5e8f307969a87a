package io.armory.agent.reconcile.driver;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.health.SlowStart.Seen;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Message;
import io.armory.agent.reconcile.execute.ImagePuller;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Begins what the core wants done, on threads of its own, and reports what came of it. Called on
/// the core's thread.
final class EffectRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");

  private final ReconcilerPorts parts;
  private final Consumer<Message> mailbox;
  private final ActionExecutor actions;
  private final ProbeScheduler probes;
  private final SourcePoller sources;
  private final StateWriter writer;
  private volatile HealthReport.Host host = new HealthReport.Host(0, List.of());

  /// @param parameters as they are known
  EffectRunner(ReconcilerPorts parts, Consumer<Message> mailbox, Supplier<Parameters> parameters) {
    this.parts = parts;
    this.mailbox = mailbox;
    this.actions = new ActionExecutor(parts.engine(), mailbox, parts.threads());
    this.probes = new ProbeScheduler(parts, mailbox);
    this.sources = new SourcePoller(parts, parameters, mailbox);
    this.writer = new StateWriter(parts.threads(), mailbox);
  }

  void perform(Effect effect) {
    switch (effect) {
      case Effect.Observe observe -> begin("look", () -> look(observe));
      case Effect.Execute(var step) -> actions.launch(step);
      case Effect.PullAhead(var revision) ->
          begin("pull ahead", () -> new Message.PulledAhead(revision.id(), pull(revision)));
      case Effect.Kill(var action) ->
          parts
              .threads()
              .start("kill " + action.name(), () -> parts.engine().execute(action, line -> {}));
      case Effect.AimProbes(var targets) -> probes.watch(targets);
      case Effect.SeeStart see ->
          begin("look at the start of " + see.containerId(), () -> start(see));
      case Effect.ReadHealth read ->
          begin(
              "health of " + read.containerId(),
              () ->
                  new Message.HealthRead(
                      read.containerId(), parts.probe().body(read.address(), read.probe())));
      case Effect.ReadEvidence read ->
          begin("evidence " + read.draft().service(), () -> evidence(read));
      case Effect.ReadLogs read -> parts.threads().start("logs", () -> logs(read));
      case Effect.FollowSources _ -> sources.start();
      case Effect.ReadSources _ -> sources.refresh();
      case Effect.Write(var write, var ended) -> writer.write(write, ended);
      case Effect.Log(var severity, var line) -> log(severity, line);
      case Effect.Notify(var event) -> parts.events().append(event);
      case Effect.Answer(var answer) -> answer.run();
      case Effect.Publish _ -> throw new IllegalArgumentException("the driver publishes");
    }
  }

  private void begin(String name, Supplier<Message> question) {
    parts.threads().start(name, () -> mailbox.accept(question.get()));
  }

  private Outcome<String> pull(Revision revision) {
    try {
      return ImagePuller.missing(parts.engine(), revision.stack());
    } catch (RuntimeException | Error bug) {
      LOG.error("pulling ahead for {} met a bug", revision, bug);
      return Outcome.failed(Failure.Kind.TRANSIENT, "bug while pulling: " + bug);
    }
  }

  private static void log(Effect.Severity severity, String line) {
    switch (severity) {
      case INFO -> LOG.info("{}", line);
      case WARN -> LOG.warn("{}", line);
      case ERROR -> LOG.error("{}", line);
    }
  }

  /// Whatever happens, the look ends: without its end there would never be another.
  private Message look(Effect.Observe wanted) {
    try {
      var engine = parts.engine();
      var seen = wanted.glance() ? engine.glance(wanted.scope()) : engine.observe(wanted.scope());
      var now = parts.host().get();
      host = now;
      return new Message.Looked(wanted.sequence(), seen, now);
    } catch (RuntimeException | Error e) {
      LOG.error("looking at the engine met a bug", e);
      return new Message.Looked(
          wanted.sequence(),
          new Observation.Unavailable(
              parts.clock().instant(),
              new Failure(Failure.Kind.TRANSIENT, "bug while looking: " + e)),
          host);
    }
  }

  private Message start(Effect.SeeStart wanted) {
    var engine = parts.engine();
    var id = wanted.containerId();
    var processor =
        engine.processorTime(id) instanceof Outcome.Done<Duration>(var time)
            ? Optional.of(time)
            : Optional.<Duration>empty();
    var line =
        engine.logLines(id, LogRange.last(1)) instanceof Outcome.Done<List<LogLine>>(var lines)
            ? lines.stream().map(LogLine::at).findFirst()
            : Optional.<Instant>empty();
    return new Message.StartSeen(id, wanted.startedAt(), new Seen(wanted.now(), processor, line));
  }

  private Message evidence(Effect.ReadEvidence wanted) {
    var draft = wanted.draft();
    var lines = List.<String>of();
    var health = "";
    try {
      health =
          wanted
              .address()
              .flatMap(a -> wanted.probe().map(p -> parts.probe().body(a, p)))
              .orElse("");
      if (!draft.container().isEmpty()
          && parts.engine().lastLogLines(draft.container(), Evidence.MOST_LINES)
              instanceof Outcome.Done<List<String>>(var read)) {
        lines = read;
      }
    } catch (RuntimeException | Error bug) {
      LOG.error("cannot read what {} left", draft.name(), bug);
    }
    return new Message.EvidenceRead(draft.with(health, lines));
  }

  private void logs(Effect.ReadLogs wanted) {
    if (parts.engine().lastLogLines(wanted.containerId(), wanted.lines())
        instanceof Outcome.Done<List<String>>(var lines)) {
      mailbox.accept(new Message.LogsRead(wanted.service(), wanted.failedAt(), lines));
    }
  }

  @Override
  public void close() {
    sources.close();
    writer.close();
    probes.close();
  }
}
