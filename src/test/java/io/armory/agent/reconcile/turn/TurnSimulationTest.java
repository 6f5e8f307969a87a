package io.armory.agent.reconcile.turn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.port.TurnStore.HeldBack;
import io.armory.agent.port.TurnStore.Step;
import io.armory.agent.rig.Sheet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Nodes and a store on a clock of their own, in steps of half a second: agents are killed, paused
/// and cut off, their clocks run unevenly, calls are slow and lost, services fail by themselves,
/// the store is away, forgets, and goes over to a replica that lags. Releases come all the time,
/// good and bad ones.
///
/// Never do more nodes begin than may; a bad release runs on one node, and on another only where
/// the one before was lost; once all is well again, a good one reaches all within the bound that
/// its waves allow.
@Tag("clockless")
class TurnSimulationTest {
  private static final int SEEDS =
      Boolean.getBoolean("armory.long") ? 20_000 : Sheet.size("failovers.turns", 500);
  private static final TurnTimes TIMES = TurnTimes.USUAL;
  private static final boolean TAPE = Boolean.getBoolean("turn.tape");
  private static final long STEP = 500;
  private static final long TROUBLED = 300_000;
  private static final long LEAVES = 5_000;
  private static final long CHANGE = 20_000;
  private static final long FAILS = 30_000;
  private static final long BAKE = 10_000;
  private static final long TTL = TIMES.ttl().toMillis();

  private enum Doing {
    NOTHING,
    CHANGING,
    GOING_BACK,
    BAKING
  }

  /// One node. What runs goes on while its agent does not.
  private static final class SimNode {
    final String name;
    final double rate;
    final long offset;
    Turn turn;
    Doing doing = Doing.NOTHING;
    String good = "g0";
    String runs = "g0";
    String target = "";
    long since;
    long leavesUntil;
    long unwellUntil;
    long agentAwayUntil;
    long cutOffUntil;
    long heard;
    boolean wasGone;
    boolean half;
    final List<String> tape = new ArrayList<>();
    final Map<String, HeldBack> failed = new HashMap<>();
    @Nullable Runnable answer;
    long answerAt;
    long calls;
    long begins;

    SimNode(String name, Random random) {
      this.name = name;
      this.rate = 0.97 + random.nextDouble() * 0.06;
      this.offset = random.nextInt(1_000_000);
      this.turn = new Turn(name, TIMES);
    }

    Duration now(long t) {
      return Duration.ofMillis((long) (t * rate) + offset);
    }

    boolean isReady(long t) {
      return (doing == Doing.NOTHING || doing == Doing.BAKING)
          && !half
          && leavesUntil == 0
          && t >= unwellUntil;
    }

    boolean isChanging() {
      return doing == Doing.CHANGING || doing == Doing.GOING_BACK;
    }
  }

  private record Way(long arrives, Runnable work) {}

  private long time;
  private final FakeTurnStore store = new FakeTurnStore(() -> time);
  private final ArrayDeque<Runnable> replicas = new ArrayDeque<>();
  private final List<SimNode> nodes = new ArrayList<>();
  private final List<Way> wire = new ArrayList<>();
  private final Map<String, Set<String>> ran = new HashMap<>();
  private final Map<String, Set<String>> lost = new HashMap<>();
  private MaxUnavailable limit = MaxUnavailable.ONE;
  private Random random = new Random();
  private String release = "g0";
  private int releases;
  private boolean isWell;
  private String label = "";

  @Test
  void never_more_than_may_and_never_for_ever() {
    var begun = 0;
    for (var seed = Integer.getInteger("turn.from", 0); seed < SEEDS; seed++) {
      var group = new TurnSimulationTest();
      group.run(seed);
      begun += group.releases;
    }
    Sheet.count("failovers", "releases through simulated groups", begun, 0);
  }

  private void run(int seed) {
    random = new Random(seed);
    label = "seed " + seed;
    var count = 2 + random.nextInt(5);
    limit = random.nextInt(3) == 0 ? new MaxUnavailable(2, false) : MaxUnavailable.ONE;
    for (var n = 0; n < count; n++) {
      nodes.add(new SimNode("n" + n, random));
    }
    var start = 1_000_000L;
    var healed = start + TROUBLED;
    for (time = start; time < healed; time += STEP) {
      trouble();
      step();
    }
    heal();
    var isBad = random.nextInt(3) == 0;
    release = next(isBad);
    var wave = LEAVES + FAILS + CHANGE + BAKE + 15_000;
    var bound = healed + 2 * TTL + 15_000 + (count + 1) * wave;
    for (; time < bound && !isOver(isBad); time += STEP) {
      step();
    }
    assertThat(isOver(isBad))
        .as(() -> "%s: %s has come as far as it may: %s".formatted(label, release, state()))
        .isTrue();
  }

  private String state() {
    return nodes.stream()
        .map(n ->
            "%s %s runs %s good %s: %s"
                .formatted(
                    n.name,
                    n.doing,
                    n.runs,
                    n.good,
                    n.turn.standing(wish(n), n.now(time)).reason()))
        .toList()
        .toString();
  }

  private boolean isOver(boolean isBad) {
    if (!nodes.stream().allMatch(n -> n.doing == Doing.NOTHING && n.isReady(time))) {
      return false;
    }
    return isBad
        ? nodes.stream().allMatch(n -> n.failed.containsKey(release) || isHeldBack(n))
        : nodes.stream().allMatch(n -> n.good.equals(release));
  }

  private boolean isHeldBack(SimNode node) {
    var standing = node.turn.standing(wish(node), node.now(time));
    return standing.heldBack() && standing.reason().contains("as it failed on n");
  }

  private String next(boolean isBad) {
    return (isBad ? "bad" : "good") + ++releases;
  }

  private void heal() {
    isWell = true;
    store.out = false;
    for (var node : nodes) {
      node.agentAwayUntil = time;
      node.cutOffUntil = time;
      node.unwellUntil = time;
    }
  }

  private long outUntil;

  private void trouble() {
    store.out = time < outUntil;
    if (random.nextInt(80) == 0) {
      release = next(random.nextInt(3) == 0);
    }
    if (random.nextInt(60) != 0) {
      return;
    }
    var node = nodes.get(random.nextInt(nodes.size()));
    var until = time + random.nextInt(50_000);
    switch (random.nextInt(8)) {
      case 0 -> node.agentAwayUntil = until;
      case 1 -> kill(node, until);
      case 2 -> node.cutOffUntil = until;
      case 3 -> node.unwellUntil = until;
      case 4 -> outUntil = time + random.nextInt(40_000);
      case 5 -> store.forget();
      default -> {
        if (replicas.peekFirst() != null) {
          replicas.peekFirst().run();
        }
      }
    }
  }

  /// The agent, that is: the next one knows what was kept, and not whether it had begun. Without
  /// its turn it mends what was good.
  private void kill(SimNode node, long until) {
    node.agentAwayUntil = until;
    node.turn = new Turn(node.name, TIMES);
    node.leavesUntil = 0;
    node.answer = null;
    if (node.doing == Doing.CHANGING) {
      lose(node);
      node.half = true;
      node.doing = Doing.NOTHING;
      node.since = until;
    }
  }

  /// It could not tell anybody what became of it.
  private void lose(SimNode node) {
    ran.forEach((what, names) -> {
      if (names.contains(node.name) && !store.isHeldBack(what)) {
        lost.computeIfAbsent(what, w -> new HashSet<>()).add(node.name);
      }
    });
  }

  private void step() {
    replicas.addLast(store.replica());
    if (replicas.size() > 5) {
      replicas.removeFirst();
    }
    var due = wire.stream().filter(w -> w.arrives <= time).toList();
    wire.removeAll(due);
    due.stream().sorted(Comparator.comparingLong(Way::arrives)).forEach(w -> w.work.run());
    for (var node : nodes) {
      if (time - node.heard >= TTL) {
        lose(node);
        node.wasGone = node.doing != Doing.NOTHING;
      }
      if (time >= node.agentAwayUntil) {
        agent(node);
      }
    }
  }

  private void agent(SimNode node) {
    var answer = node.answer;
    if (answer != null && time >= node.answerAt) {
      node.answer = null;
      answer.run();
    }
    progress(node);
    var wish = wish(node);
    if (wish.wants().isPresent()
        && node.doing != Doing.GOING_BACK
        && node.turn.standing(wish, node.now(time)).mayBegin(release, node.now(time))) {
      node.leavesUntil = node.leavesUntil == 0 ? time + LEAVES : node.leavesUntil;
      if (time >= node.leavesUntil) {
        begin(node);
      }
    } else {
      node.leavesUntil = 0;
    }
    wish = wish(node);
    if (node.answer == null) {
      var said = wish;
      node.turn.due(said, node.now(time), Instant.EPOCH).ifPresent(s -> ask(node, said, s));
    }
  }

  private void begin(SimNode node) {
    var isRetargeted = node.doing != Doing.NOTHING;
    node.half = false;
    node.leavesUntil = 0;
    node.doing = Doing.CHANGING;
    node.target = release;
    node.runs = release;
    node.since = time;
    node.begins++;
    if (!isRetargeted) {
      node.wasGone = false;
    }
    ran.computeIfAbsent(release, r -> new HashSet<>()).add(node.name);
    var changing =
        nodes.stream()
            .filter(n -> n.doing != Doing.NOTHING && !n.wasGone)
            .map(n -> n.name)
            .toList();
    assertThat(changing)
        .as(() -> "%s at %d ms: %s begins".formatted(label, time, node.name))
        .hasSizeLessThanOrEqualTo(limit.of(nodes.size()));
    if (release.startsWith("bad")) {
      assertThat(ran.get(release))
          .as(() -> "%s at %d ms: nodes with %s%s".formatted(label, time, release, tapes()))
          .hasSizeLessThanOrEqualTo(1 + lost.getOrDefault(release, Set.of()).size());
    }
  }

  private String tapes() {
    return TAPE
        ? nodes.stream()
            .map(n ->
                "\n"
                    + n.name
                    + "\n"
                    + String.join(
                        "\n", n.tape.subList(Math.max(0, n.tape.size() - 40), n.tape.size())))
            .toList()
            .toString()
        : "";
  }

  private void progress(SimNode node) {
    var took = time - node.since;
    switch (node.doing) {
      case CHANGING -> {
        if (node.target.startsWith("bad") && took >= FAILS) {
          node.failed.put(
              node.target,
              new HeldBack(
                  new Change(node.target, node.target),
                  node.name,
                  "gate is down",
                  Instant.EPOCH,
                  false));
          node.doing = Doing.GOING_BACK;
          node.since = time;
        } else if (!node.target.startsWith("bad") && took >= CHANGE) {
          node.doing = Doing.BAKING;
          node.since = time;
        }
      }
      case GOING_BACK -> {
        if (took >= CHANGE) {
          node.runs = node.good;
          node.doing = Doing.NOTHING;
        }
      }
      case BAKING -> {
        if (!node.isReady(time)) {
          node.since = time;
        } else if (took >= BAKE) {
          node.good = node.target;
          node.doing = Doing.NOTHING;
        }
      }
      case NOTHING -> {
        if (node.half && took >= CHANGE) {
          node.half = false;
          node.runs = node.good;
        }
      }
    }
  }

  private TurnWish wish(SimNode node) {
    var isRun = node.runs.equals(release) && !node.half;
    return new TurnWish(
        "ha",
        node.isReady(time),
        node.isReady(time) ? "all are up" : "gate is down",
        Instant.EPOCH,
        node.leavesUntil > 0,
        node.runs,
        node.good,
        "1",
        isRun || node.failed.containsKey(release)
            ? Optional.empty()
            : Optional.of(new Change(release, release)),
        Optional.empty(),
        node.doing == Doing.NOTHING
            ? Optional.empty()
            : Optional.of(new Change(node.target, node.target)),
        List.copyOf(node.failed.values()),
        List.of(),
        List.of(),
        List.of(),
        limit);
  }

  private int delay() {
    return !isWell && random.nextInt(10) == 0 ? random.nextInt(2000) : random.nextInt(50);
  }

  /// Asked now; carried out when it arrives, or not at all; answered later, or never.
  private void ask(SimNode node, TurnWish wish, Step step) {
    node.calls++;
    if (TAPE) {
      node.tape.add(
          time
              + " "
              + step
              + " "
              + wish.changes()
              + " "
              + node.turn.standing(wish, node.now(time)).mine());
    }
    var turn = node.turn;
    var asked = node.now(time);
    var arrives = time + delay();
    node.answerAt = arrives + delay();
    Outcome<Board> nothing = Outcome.failed(new Failure(Failure.Kind.TIMEOUT, "no answer"));
    var result = new AtomicReference<Outcome<Board>>(nothing);
    var isLost = !isWell && random.nextInt(50) == 0;
    if (time >= node.cutOffUntil) {
      var member = turn.member(wish);
      var highest = turn.highest();
      var known = turn.known(wish);
      wire.add(
          new Way(
              arrives,
              () -> {
                result.set(store.exchange(member, TIMES.ttl(), step, highest, known));
                if (result.get() instanceof Outcome.Done) {
                  node.heard = time;
                }
              }));
    }
    node.answer =
        () ->
            turn.answered(
                wish, step, asked, node.now(time), isLost ? nothing : requireNonNull(result.get()));
  }

  @Test
  void two_hundred_nodes_at_ten_per_cent() {
    limit = MaxUnavailable.parse("10%").orElseThrow();
    label = "200 nodes";
    random = new Random(4711);
    for (var n = 0; n < 200; n++) {
      nodes.add(new SimNode("n" + n, random));
    }
    time = 1_000_000;
    heal();
    for (var until = time + 2 * TTL; time < until; time += STEP) {
      step();
    }
    var from = time;
    nodes.forEach(n -> n.calls = 0);
    release = next(false);
    // One proves it, and then twenty at a time: each wave is given what a change takes, the looks
    // at the board, and the confirmation.
    var wave = CHANGE + BAKE + 3 * TIMES.busy().toMillis() + TIMES.confirm().toMillis() + 6_000;
    var bound = from + (1 + 10) * wave;
    for (; time < bound && !isOver(false); time += STEP) {
      step();
    }
    assertThat(isOver(false)).as(() -> "%d ms: %s".formatted(time - from, state())).isTrue();
    var seconds = (time - from) / 1000.0;
    var most = nodes.stream().mapToLong(n -> n.calls).max().orElseThrow() / seconds;
    assertThat(most).as("calls a second of the busiest node").isLessThan(2);
    assertThat(nodes).allMatch(n -> n.begins == 1);

    release = next(true);
    for (var until = time + 3 * wave; time < until; time += STEP) {
      step();
    }
    assertThat(ran.get(release)).hasSize(1);
    assertThat(isOver(true)).as(this::state).isTrue();
  }
}
