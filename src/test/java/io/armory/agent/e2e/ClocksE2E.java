package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.docker.FaultySocket;
import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The node's clock is set by an hour and more, forward and back, at any instant of releases,
/// rollbacks, repairs and nothing at all. No time passes by that: nothing is given up, nothing is
/// restarted that would not be without it, and nothing waits for the clock to be there again.
class ClocksE2E {
  private static final String PART = "clocks";
  private static final int ROUNDS = Sheet.size(PART, 2);
  private static final Duration HOUR = Duration.ofHours(1);

  /// What each change has to make anew, and no more.
  private static final Set<String> OF_A_RELEASE = Set.of("front50", "orca", "gate");

  @TempDir Path root;
  private int attempts;

  private enum Change {
    RELEASE,
    SECRET,
    ROLLBACK,
    REPAIR,
    NOTHING
  }

  @Test
  void setting_the_clock_changes_nothing_but_what_it_shows() throws IOException {
    var clock = new SetClock(root);
    var socket = root.resolve("engine.sock");
    try (var engine = FaultySocket.before(EngineSocket.PATH, socket);
        var node =
            Node.inAws(root, "e2e-clocks-" + ProcessHandle.current().pid(), clock.environment())) {
      clock.tellBy(engine);
      SmallStack.configure(
          node, node.project, SmallLife.SETTINGS + "docker: {socket: " + socket + "}\n");
      SmallStack.role(node);
      var life = new SmallLife(node, Sheet.seed(PART));
      life.begin();
      // A file of it is there from now on: it has a time, too.
      life.secret();
      life.converged();
      var counts = new TreeMap<String, Integer>();
      life.live(
          ROUNDS,
          () -> {
            var change = life.any(List.of(Change.values()));
            var forward =
                clock.ahead().isNegative() || clock.ahead().isZero() && life.random.nextBoolean();
            life.story = "the clock goes %s at %s".formatted(forward ? "forward" : "back", change);
            round(life, clock, change, forward);
            counts.merge(
                "times the clock is set " + (forward ? "forward" : "back"), 1, Integer::sum);
          });
      counts.forEach((what, n) -> life.count(PART, what, n));
    }
  }

  private void round(SmallLife life, SetClock clock, Change change, boolean forward) {
    var node = life.node;
    var before = SmallStack.lives(node);
    var earlier = node.logText().length();
    var by = HOUR.multipliedBy(1 + life.random.nextInt(2));
    try (var tape = EventTape.of(node.project)) {
      change(life, change);
      life.awaitMoment(tape, () -> isOver(life, change));
      clock.set(clock.ahead().plus(forward ? by : by.negated()));
      await("it is noticed").until(() -> said(node, earlier).contains("the clock was set "));
      if (change == Change.REPAIR) {
        await("gate is repaired")
            .atMost(Duration.ofMinutes(1))
            .until(() -> SmallStack.running(node).getOrDefault("gate", 0) == 1);
      }
      await("what is expected is over")
          .atMost(Duration.ofSeconds(150))
          .until(() -> isOver(life, change));
      life.converged();
      assertNoMoreThan(change, tape);
    }
    life.check();
    assertThat(said(node, earlier)).doesNotContain("cannot be read", "stood still", "stuck");
    if (change == Change.NOTHING) {
      assertThat(SmallStack.lives(node)).isEqualTo(before);
    }
    if (change == Change.ROLLBACK) {
      life.write();
      life.converged();
    } else {
      assertThat(said(node, earlier)).doesNotContain("going back to");
    }
  }

  private void change(SmallLife life, Change change) {
    switch (change) {
      case RELEASE -> life.release();
      case SECRET -> life.secret();
      case ROLLBACK -> life.refused(++attempts);
      case REPAIR -> Shell.must("docker", "kill", life.node.container("gate"));
      case NOTHING -> {}
    }
  }

  private static boolean isOver(SmallLife life, Change change) {
    return life.hasShape() && (change != Change.ROLLBACK || life.says("was rolled back"));
  }

  private static void assertNoMoreThan(Change change, EventTape tape) {
    assertThat(tape.created())
        .as(tape.toString())
        .isSubsetOf(
            switch (change) {
              case RELEASE, ROLLBACK -> OF_A_RELEASE;
              case SECRET -> Set.of("orca");
              case REPAIR, NOTHING -> Set.<String>of();
            });
    var most =
        switch (change) {
          case RELEASE -> 3;
          // The way there, and back.
          case ROLLBACK -> 6;
          case SECRET, REPAIR -> 1;
          case NOTHING -> 0;
        };
    assertThat(tape.count("start")).as(tape.toString()).isLessThanOrEqualTo(most);
  }

  private static String said(Node node, int from) {
    return node.logText().substring(from);
  }
}
