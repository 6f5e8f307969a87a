package io.armory.agent.reconcile.logs;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Control.Following;
import io.armory.agent.port.Control.LogReader;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.reconcile.Rig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class LogFollowerTest {
  private static final String GATE = "spinnaker-gate-1";
  private static final LogRange USUAL = LogRange.last(100);

  private final Rig rig = new Rig(Duration.ofMinutes(5));
  private final Reader reader = new Reader();
  private final List<Following> open = new ArrayList<>();

  /// Takes all, and lets nobody go on while it is full.
  private final class Reader implements LogReader {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final AtomicInteger waiting = new AtomicInteger();
    private final Semaphore room = rig.parts.threads().semaphore(1);

    @Override
    public void take(String service, List<LogLine> taken) {
      taken.forEach(l -> lines.add(service + ": " + l.text()));
    }

    @Override
    public void awaitRoom() throws InterruptedException {
      waiting.incrementAndGet();
      try {
        room.acquire();
        room.release();
      } finally {
        waiting.decrementAndGet();
      }
    }

    void full(boolean value) {
      if (value) {
        room.acquireUninterruptibly();
      } else {
        room.release();
      }
    }
  }

  @BeforeEach
  void up() {
    rig.startSteady(chain("r1", "1"), "1", "2");
  }

  @AfterEach
  void down() {
    open.forEach(Following::close);
    rig.until(() -> rig.engine.followers() == 0);
    rig.close();
  }

  private Following follow(String service, LogRange range) {
    return switch (rig.answer(rig.desk.follow(service, range, reader))) {
      case Outcome.Done<Following>(var following) -> {
        open.add(following);
        yield following;
      }
      case Outcome.Failed<Following>(var failure) -> throw new AssertionError(failure.message());
    };
  }

  private void awaitLines(String... lines) {
    rig.untilAsserted(() -> assertThat(reader.lines).contains(lines));
    assertThat(reader.lines).containsExactly(lines);
  }

  @Test
  void the_last_lines_and_then_the_new_ones_of_one_service() {
    writes("a", "b", "c");
    follow("gate", LogRange.last(2));
    awaitLines("gate: b", "gate: c");

    rig.engine.writes("spinnaker-redis-1", "not asked for");
    writes("d");

    awaitLines("gate: b", "gate: c", "gate: d");
  }

  @Test
  void none_of_the_last_lines_when_none_are_asked_for_and_still_none_lost() {
    writes("old");
    rig.passes(Duration.ofMillis(1));
    follow("gate", new LogRange(0, Instant.EPOCH));
    rig.until(() -> rig.engine.followers() == 1);
    rig.engine.unavailable("restarts");
    writes("new");
    rig.engine.available();

    awaitLines("gate: new");
  }

  @Test
  void on_across_a_death_and_a_replacement_no_line_twice() {
    writes("first");
    follow("gate", USUAL);
    awaitLines("gate: first");
    var before = rig.engine.container(GATE).id();
    writes("dying");
    rig.engine.dies(GATE, 1);
    rig.until(() -> rig.engine.container(GATE).running());
    writes("again");
    awaitLines("gate: first", "gate: dying", "gate: again");

    rig.give(chain("r2", "2"));
    var _ = rig.desk.sync(new SyncRequest(false, Duration.ofMinutes(1)), _ -> {});
    rig.until(() ->
        // For a moment none has the name.
        rig.engine.containers().stream()
            .anyMatch(c -> c.name().equals(GATE) && !c.id().equals(before) && c.running()));
    writes("replaced");

    awaitLines("gate: first", "gate: dying", "gate: again", "gate: replaced");
    rig.until(() -> rig.engine.followers() == 1);
  }

  @Test
  void on_when_the_engine_is_back() {
    writes("first");
    follow("", USUAL);
    rig.until(() -> rig.engine.followers() == 3);
    rig.engine.unavailable("is being restarted");
    rig.until(() -> rig.engine.followers() == 0);
    writes("meanwhile");
    rig.engine.available();
    writes("afterwards");

    awaitLines("gate: first", "gate: meanwhile", "gate: afterwards");
  }

  @Test
  void a_stopped_service_is_waited_for() {
    rig.answer(rig.desk.stop("gate", "ann"));
    writes("last words");
    follow("gate", USUAL);
    awaitLines("gate: last words");
    rig.until(() -> rig.engine.followers() == 0);

    rig.answer(rig.desk.start("gate", "ann"));
    writes("back");

    awaitLines("gate: last words", "gate: back");
  }

  @Test
  void while_the_client_takes_nothing_nothing_is_read() {
    reader.full(true);
    follow("gate", USUAL);
    writes("one");
    rig.until(() -> reader.waiting.get() == 1);
    writes("two", "three");
    assertThat(reader.lines).containsExactly("gate: one");

    reader.full(false);

    awaitLines("gate: one", "gate: two", "gate: three");
  }

  @Test
  void what_is_closed_leaves_no_thread_even_one_that_waits_for_room() {
    reader.full(true);
    var following = follow("", USUAL);
    writes("one");
    rig.until(() -> reader.waiting.get() == 1 && rig.engine.followers() == 3);

    following.close();
    following.close();

    rig.until(() -> reader.waiting.get() == 0 && rig.engine.followers() == 0);
  }

  @Test
  void followers_have_a_bound_and_a_place_is_free_again_when_one_ends() {
    for (var i = 0; i < LogCommands.MOST; i++) {
      follow("gate", USUAL);
    }
    assertThat(rig.answer(rig.desk.follow("gate", USUAL, reader)).whyFailed())
        .get()
        .extracting(Failure::message)
        .asString()
        .startsWith("8 others follow logs");

    open.getFirst().close();

    rig.until(() ->
        rig.answer(rig.desk.follow("gate", USUAL, reader)) instanceof Outcome.Done<Following>(var f)
            && open.add(f));
  }

  @Test
  void an_unknown_service_is_refused_with_those_there_are() {
    assertThat(rig.answer(rig.desk.follow("gat", USUAL, reader)).whyFailed())
        .contains(
            new Failure(
                Failure.Kind.INVALID, "no service gat on this node; it has: front50, gate, redis"));
  }

  private void writes(String... lines) {
    for (var line : lines) {
      rig.engine.writes(GATE, line);
    }
  }
}
