package io.armory.agent.reconcile.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Alert.Condition;
import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.AlertTarget;
import io.armory.agent.port.FakeStateStore;
import io.armory.agent.reconcile.driver.SystemThreads;
import io.armory.agent.testing.Reports;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class AlertWatchTest {
  private static final Instant NOW = Reports.NOW;
  private final Receiver receiver = new Receiver();
  private final Map<String, byte[]> disk = new ConcurrentHashMap<>();
  private volatile HealthReport report = Reports.ready(NOW);
  private volatile Instant steady = Instant.EPOCH;
  private volatile List<Problem> problems = List.of();
  @AutoClose private AlertWatch watch = watch();

  /// Takes what it is sent, unless it is told to do otherwise.
  private static final class Receiver implements AlertTarget {
    final List<Alert> got = new CopyOnWriteArrayList<>();
    final List<Alert> tried = new CopyOnWriteArrayList<>();
    volatile boolean addressed = true;
    volatile Optional<Kind> fails = Optional.empty();
    volatile CountDownLatch answers = new CountDownLatch(0);
    volatile boolean interrupted;

    @Override
    public String name() {
      return "webhook";
    }

    @Override
    public boolean isAddressed() {
      return addressed;
    }

    @Override
    public Outcome<String> send(Alert alert) {
      tried.add(alert);
      try {
        answers.await();
      } catch (InterruptedException e) {
        interrupted = true;
        Thread.currentThread().interrupt();
        return Outcome.failed(Kind.TRANSIENT, "interrupted");
      }
      if (fails.isPresent()) {
        return Outcome.failed(fails.get(), "the receiver answers HTTP 500");
      }
      got.add(alert);
      return Outcome.done("HTTP 200");
    }
  }

  private AlertWatch watch() {
    var settings =
        new AlertSettings(
            EnumSet.allOf(Condition.class),
            Duration.ofSeconds(10),
            85,
            "host",
            Duration.ofMillis(5),
            AlertLedger.Times.USUAL,
            new Backoff(Duration.ofMillis(1), Duration.ofMinutes(5)));
    return new AlertWatch(
        () -> report,
        p -> problems = p,
        new FakeStateStore(disk),
        () -> steady,
        new SystemThreads(),
        settings,
        List.of(receiver));
  }

  private static String said(Alert alert) {
    return alert.state() + " " + alert.condition().word();
  }

  @Test
  void a_condition_and_its_end_reach_the_receiver() {
    watch.start();
    report = Reports.troubled(NOW);
    await().until(() -> receiver.got.size() == 1);
    report = Reports.ready(NOW);
    await()
        .until(() -> {
          steady = steady.plusSeconds(60);
          return receiver.got.size() == 2;
        });
    assertThat(receiver.got)
        .map(AlertWatchTest::said)
        .containsExactly("begun not-ready", "over not-ready");
  }

  @Test
  void a_message_that_is_not_taken_is_tried_again_and_the_failure_is_a_problem_meanwhile() {
    receiver.fails = Optional.of(Kind.TRANSIENT);
    watch.start();
    report = Reports.troubled(NOW);
    await().until(() -> receiver.tried.size() > 3 && !problems.isEmpty());
    assertThat(problems)
        .containsExactly(
            new Problem("notify webhook", "the receiver answers HTTP 500", "it is tried again"));
    receiver.fails = Optional.empty();
    await().until(() -> receiver.got.size() == 1 && problems.isEmpty());
  }

  @Test
  void one_that_is_refused_for_good_does_not_keep_back_the_next() {
    receiver.fails = Optional.of(Kind.INVALID);
    watch.start();
    report = Reports.troubled(NOW);
    await().until(() -> !problems.isEmpty());
    assertThat(receiver.tried).hasSize(1);
    assertThat(problems).singleElement().asString().contains("messages dropped: 1");
    receiver.fails = Optional.empty();
    report = Reports.rejected(NOW);
    await().until(() -> problems.isEmpty());
    assertThat(receiver.got).map(AlertWatchTest::said).containsExactly("begun rollback");
  }

  @Test
  void a_receiver_that_hangs_holds_up_neither_the_watch_nor_its_end() {
    receiver.answers = new CountDownLatch(1);
    watch.start();
    report = Reports.troubled(NOW);
    await().until(() -> receiver.tried.size() == 1);
    watch.close();
    await().until(() -> receiver.interrupted);
    assertThat(receiver.got).isEmpty();
    assertThat(disk).doesNotContainKey("alerts");
  }

  @Test
  void what_was_delivered_is_not_told_again_by_the_next_agent_and_what_was_not_is() {
    watch.start();
    report = Reports.troubled(NOW);
    await().until(() -> disk.containsKey("alerts"));
    receiver.answers = new CountDownLatch(1);
    report = Reports.rejected(NOW);
    await().until(() -> receiver.tried.size() == 2);
    watch.close();

    receiver.answers = new CountDownLatch(0);
    receiver.got.clear();
    watch = watch();
    watch.start();
    await().until(() -> !receiver.got.isEmpty());
    assertThat(receiver.got).map(AlertWatchTest::said).containsExactly("begun rollback");
  }

  @Test
  void nobody_is_told_before_there_is_an_address_and_then_of_what_holds() {
    receiver.addressed = false;
    watch.start();
    report = Reports.troubled(NOW);
    steady = steady.plusSeconds(60);
    receiver.addressed = true;
    await().until(() -> receiver.got.size() == 1);
    assertThat(problems).isEmpty();
  }

  @Test
  void an_agent_that_has_not_looked_yet_says_nothing() {
    report = Reports.undecided(NOW.plusSeconds(600));
    watch.start();
    report = Reports.troubled(NOW);
    await().until(() -> receiver.got.size() == 1);
    assertThat(receiver.got).map(AlertWatchTest::said).containsExactly("begun not-ready");
  }

  @Test
  void there_is_room_for_so_many_and_the_oldest_gives_way() {
    receiver.answers = new CountDownLatch(1);
    watch.start();
    var alert =
        new Alert(
            Condition.ROLLBACK, false, "w", "y", NOW, NOW, new Alert.Origin("", "", "", "", ""));
    var sender =
        new AlertSender(
            receiver,
            new AlertRecord(new FakeStateStore(disk)),
            new Backoff(Duration.ofMillis(1), Duration.ofMinutes(5)),
            new SystemThreads());
    for (int i = 0; i <= AlertSender.ROOM + 2; i++) {
      sender.add(
          new AlertLedger.Told(new AlertLedger.Open(Condition.ROLLBACK, "" + i, "w", NOW), alert));
    }
    receiver.answers = new CountDownLatch(0);
    sender.start();
    await().until(() -> receiver.got.size() == AlertSender.ROOM);
    sender.close();
  }
}
