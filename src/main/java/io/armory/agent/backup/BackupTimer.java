package io.armory.agent.backup;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.backup.Delivery.Delivered;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.BackupSchedule;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.S3Address;
import io.armory.agent.domain.report.BackupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.EventLog;
import io.armory.agent.port.StateJson;
import io.armory.agent.port.StateStore;
import io.armory.agent.port.Supervised;
import io.armory.agent.port.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a backup whenever one is due, and removes the oldest of its own from a directory. When the
/// last one was made is kept: a restart of the agent neither forgets nor repeats one.
public final class BackupTimer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.backup");
  private static final String NAME = "backup";
  private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
  private static final Duration AGAIN = Duration.ofMinutes(10);
  private static final Pattern OWN = Pattern.compile("armory-agent-backup-.*\\.zip");

  /// What it works with.
  ///
  /// @param stores those of this node; empty: that is not known yet
  /// @param told how the backups fare, and what is wrong with them
  public record Parts(
      Delivery delivery,
      Supplier<Optional<NodeStores>> stores,
      Supplier<HealthReport> report,
      StateStore state,
      EventLog events,
      InstantSource clock,
      Threads threads,
      Consumer<BackupReport> told,
      Consumer<List<Problem>> problems) {}

  private final Parts parts;
  private final Duration every;
  private final BackupSchedule schedule;
  private final Queue<ByHand> byHand = new ConcurrentLinkedQueue<>();
  private BackupReport known;
  private Instant notBefore = Instant.MIN;
  private @Nullable Thread thread;

  /// @param every of the schedule
  public BackupTimer(Parts parts, BackupSchedule schedule, Duration every) {
    this.parts = parts;
    this.schedule = schedule;
    this.every = every;
    this.known = recalled();
  }

  public void start() {
    tell();
    var threads = parts.threads();
    thread =
        threads.start(
            "backup",
            new Supervised(
                threads,
                LOG,
                "the care for backups",
                LOOK_EVERY,
                () -> {
                  tend();
                  threads.sleep(LOOK_EVERY);
                  return true;
                }));
  }

  private record ByHand(String address, Instant at) {}

  /// One that somebody made counts where it is kept as the agent's own are, from the next look on:
  /// what was put elsewhere may be gone tomorrow.
  public void madeByHand(String address) {
    if (isWhereOwnGo(address)) {
      byHand.add(new ByHand(address, parts.clock().instant()));
    }
  }

  private boolean isWhereOwnGo(String address) {
    var to = schedule.to();
    if (S3Address.isMeant(to) || S3Address.isMeant(address)) {
      return address.startsWith(to.replaceFirst("/*$", "") + "/");
    }
    return Path.of(address).startsWith(Path.of(to).toAbsolutePath().normalize());
  }

  private void takeIn() {
    for (var made = byHand.poll(); made != null; made = byHand.poll()) {
      known = new BackupReport(every, Optional.of(made.at()), made.address(), Optional.empty(), "");
      keep();
      tell();
    }
  }

  /// One round. A stack that starts or is worked on is left alone, but not for ever.
  void tend() {
    takeIn();
    var now = parts.clock().instant();
    var due = known.last().map(l -> l.plus(every)).orElse(Instant.MIN);
    var report = parts.report().get();
    var patient = !report.ready().holds() && now.isBefore(report.startedAt().plus(AGAIN));
    if (now.isBefore(due) || now.isBefore(notBefore) || report.undecided() || patient) {
      return;
    }
    var node = parts.stores().get();
    if (node.isEmpty()) {
      return;
    }
    var made = parts.delivery().make(node.get(), schedule.to(), now, line -> LOG.info("{}", line));
    switch (made) {
      case Outcome.Done<Delivered>(var delivered) -> {
        known =
            new BackupReport(every, Optional.of(now), delivered.address(), Optional.empty(), "");
        LOG.info("backup {}: {}", delivered.address(), delivered.words());
        event("made", delivered.address() + ": " + delivered.words());
        thin(node.get(), delivered.address());
      }
      case Outcome.Failed<Delivered>(var failure) -> {
        known =
            new BackupReport(every, known.last(), known.to(), Optional.of(now), failure.message());
        notBefore = now.plus(AGAIN);
        LOG.error("backup failed: {}", failure.message());
        event("failed", failure.message());
      }
    }
    keep();
    tell();
  }

  private void tell() {
    parts.told().accept(known);
    parts
        .problems()
        .accept(
            known
                .failed()
                .map(at ->
                    List.of(
                        new Problem(
                            "backup",
                            "the last one failed at " + at + ": " + known.why(),
                            "it is tried again every " + AGAIN.toMinutes() + " min")))
                .orElse(List.of()));
  }

  private void event(String what, String why) {
    parts
        .events()
        .append(new AgentEvent(parts.clock().instant(), NAME, "", "backup " + what, why, null));
  }

  // ---------------------------------------------------------------- the oldest go

  /// Only what it made itself, by the name and by what is in it.
  private void thin(NodeStores node, String newest) {
    var directory = Path.of(newest).getParent();
    if (S3Address.isMeant(newest) || directory == null) {
      return;
    }
    record Kept(Path file, Instant at) {}
    var own = new ArrayList<Kept>();
    try (var files = Files.list(directory)) {
      for (var file : files.filter(f -> OWN.matcher(f.getFileName() + "").matches()).toList()) {
        var manifest = Archive.glance(file);
        if (manifest != null
            && manifest.stack().equals(node.stack())
            && manifest.instance().equals(node.instance())) {
          own.add(new Kept(file, manifest.at()));
        }
      }
      own.sort(Comparator.comparing(Kept::at).reversed());
      for (var old : own.subList(Math.min(schedule.keep(), own.size()), own.size())) {
        Files.deleteIfExists(old.file());
        LOG.info("{} removed: {} newer ones are kept", old.file(), schedule.keep());
      }
    } catch (IOException e) {
      LOG.warn("old backups are left: {}", e.getMessage());
    }
  }

  // ---------------------------------------------------------------- over a restart

  private void keep() {
    var tree = StateJson.object().put("to", known.to()).put("why", known.why());
    known.last().ifPresent(at -> tree.put("last", at.toString()));
    known.failed().ifPresent(at -> tree.put("failed", at.toString()));
    StateJson.save(parts.state(), NAME, tree)
        .whyFailed()
        .ifPresent(f -> LOG.warn("{}", f.message()));
  }

  private BackupReport recalled() {
    var none = new BackupReport(every, Optional.empty(), "", Optional.empty(), "");
    return switch (StateJson.load(parts.state(), NAME)) {
      case Outcome.Failed<Optional<JsonNode>>(var failure) -> {
        LOG.warn("{}", failure.message());
        yield none;
      }
      case Outcome.Done<Optional<JsonNode>>(var tree) -> tree.map(t -> read(t, none)).orElse(none);
    };
  }

  private BackupReport read(JsonNode tree, BackupReport none) {
    try {
      return new BackupReport(
          every,
          Optional.ofNullable(tree.get("last")).map(at -> Instant.parse(at.asText())),
          tree.path("to").asText(),
          Optional.ofNullable(tree.get("failed")).map(at -> Instant.parse(at.asText())),
          tree.path("why").asText());
    } catch (DateTimeException e) {
      LOG.warn("when the last backup was made is not known: {}", e.getMessage());
      return none;
    }
  }

  @Override
  public void close() {
    Threads.interrupt(thread);
  }
}
