package io.armory.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.BackupSchedule;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.BackupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.DataContainers;
import io.armory.agent.port.EventLog;
import io.armory.agent.port.FakeStateStore;
import io.armory.agent.port.Front50;
import io.armory.agent.port.Workload.Endpoint;
import io.armory.agent.reconcile.driver.SystemThreads;
import io.armory.agent.testing.Reports;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When a backup is due, what is told of it, and which old ones go.
class BackupTimerTest {
  private static final Duration EVERY = Duration.ofHours(1);

  @TempDir Path directory;
  private final Map<String, byte[]> disk = new HashMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private Optional<BackupReport> told = Optional.empty();
  private Instant now = Instant.parse("2026-01-31T12:00:00Z");
  private HealthReport report = Reports.ready(now);
  private String data = "REDIS0011 and so on";

  private final class Data implements DataContainers {
    @Override
    public Outcome<String> read(String container, List<String> command, OutputStream to) {
      try {
        to.write(data.getBytes(StandardCharsets.UTF_8));
        return Outcome.done("it said so");
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public Outcome<String> assistant(String container, String name) {
      throw new AssertionError();
    }

    @Override
    public Outcome<String> run(String assistant, String script) {
      throw new AssertionError();
    }

    @Override
    public Outcome<String> put(String assistant, String to, String name, Path file) {
      throw new AssertionError();
    }

    @Override
    public Outcome<String> dismiss(String name) {
      throw new AssertionError();
    }
  }

  private BackupTimer timer() {
    var timer =
        new BackupTimer(
            new BackupTimer.Parts(
                new Delivery(
                    new Backup("0.1.0", new Data(), new NoFront50(), new NoKeys()),
                    Optional::empty,
                    directory.resolve("sending")),
                () -> Optional.of(Nodes.of("standalone", "redis")),
                () -> report,
                new FakeStateStore(disk),
                new EventLog() {
                  @Override
                  public void append(AgentEvent event) {}

                  @Override
                  public List<AgentEvent> since(Instant from, int limit) {
                    return List.of();
                  }
                },
                () -> now,
                new SystemThreads(),
                r -> told = Optional.of(r),
                said -> {
                  problems.clear();
                  problems.addAll(said);
                }),
            new BackupSchedule(Optional.of(EVERY), directory + "/", 2),
            EVERY);
    return timer;
  }

  private static final class NoFront50 implements Front50 {
    @Override
    public Outcome<String> get(Endpoint front50, String path) {
      return Outcome.failed(Failure.Kind.UNREACHABLE, "not here");
    }

    @Override
    public Outcome<String> post(Endpoint front50, String path, String json) {
      return Outcome.failed(Failure.Kind.UNREACHABLE, "not here");
    }
  }

  private List<String> archives() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(f -> f.getFileName() + "").filter(f -> f.endsWith(".zip")).sorted().toList();
    }
  }

  @Test
  void one_is_made_when_it_is_due_also_over_a_restart() throws IOException {
    timer().tend();
    assertThat(archives()).containsExactly("armory-agent-backup-prod-i-0abc-20260131T120000Z.zip");
    assertThat(told.orElseThrow().last()).contains(now);

    now = now.plus(Duration.ofMinutes(59));
    timer().tend();
    assertThat(archives()).hasSize(1);
    now = now.plus(Duration.ofMinutes(1));
    timer().tend();
    assertThat(archives()).hasSize(2);
  }

  @Test
  void one_by_hand_counts_where_its_own_go() throws IOException {
    var timer = timer();
    timer.madeByHand("/mnt/stick/mine.zip");
    timer.madeByHand("s3://acme/mine.zip");
    timer.madeByHand(directory.resolve("mine.zip").toString());
    timer.tend();
    assertThat(archives()).isEmpty();
    assertThat(told.orElseThrow().to()).isEqualTo(directory.resolve("mine.zip").toString());

    now = now.plus(EVERY);
    timer.tend();
    assertThat(archives()).hasSize(1);
  }

  @Test
  void the_oldest_of_its_own_go_and_nobody_elses() throws IOException {
    var foreign = "armory-agent-backup-dev-i-1-20200101T000000Z.zip";
    Files.writeString(directory.resolve(foreign), "not one of these");
    Files.writeString(directory.resolve("mine.zip"), "");
    var timer = timer();
    for (var i = 0; i < 4; i++) {
      timer.tend();
      now = now.plus(EVERY);
    }
    assertThat(archives())
        .containsExactlyInAnyOrder(
            foreign,
            "mine.zip",
            "armory-agent-backup-prod-i-0abc-20260131T140000Z.zip",
            "armory-agent-backup-prod-i-0abc-20260131T150000Z.zip");
  }

  @Test
  void a_failure_is_told_and_tried_again_after_a_while() throws IOException {
    data = "";
    var timer = timer();
    timer.tend();
    assertThat(problems.toString()).contains("backup", "redis: it gave no data: it said so");
    assertThat(archives()).isEmpty();

    data = "REDIS0011";
    timer.tend();
    assertThat(archives()).as("not at once").isEmpty();
    now = now.plus(Duration.ofMinutes(10));
    timer.tend();
    assertThat(archives()).hasSize(1);
    assertThat(problems).isEmpty();
    assertThat(told.orElseThrow().failed()).isEmpty();
  }

  @Test
  void nothing_is_made_before_the_agent_knows_the_node() throws IOException {
    report = Reports.undecided(now);
    timer().tend();
    assertThat(archives()).isEmpty();
  }
}
