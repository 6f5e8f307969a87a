package io.armory.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Approval;
import io.armory.agent.port.Control.ApproveRequest;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.reconcile.turn.FakeTurnStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Three nodes, whole but for their engines, that share one store.
@Timeout(600)
class GroupTurnTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @AutoClose private final NodeGroup group = new NodeGroup(new SteppedThreads());
  private final FakeTurnStore store = group.store;
  private final List<Rig> nodes = group.nodes;

  @Test
  void a_good_release_reaches_all_one_after_the_other_out_of_the_load_balancer_first() {
    group.start(3);
    group.give("2");
    group.until(() -> group.isDone("r2"));

    assertThat(group.most).isEqualTo(1);
    for (var node : nodes) {
      var told = node.events.stream().filter(e -> e.kind().equals("turn")).map(e -> e.what());
      assertThat(told)
          .containsExactly(
              "leaves the load balancers", "changes to revision r2", "passes the turn on");
    }
  }

  @Test
  void one_approval_serves_the_group_and_each_still_takes_its_turn() {
    group.approval = Approval.MANUAL;
    group.start(3);
    group.give("2");
    group.until(() -> nodes.stream().allMatch(GroupTurnTest::awaits));
    assertThat(nodes).allMatch(n -> NodeGroup.runs(n).equals("r1") && n.isReady());
    group.until(() ->
        NodeGroup.group(nodes.getFirst()).nodes().stream()
            .allMatch(n -> n.why().equals("waits for approval")));

    var request = new ApproveRequest(Optional.of("r2"), "ann", LONG);
    var approving = nodes.get(1).desk.approve(request, line -> {});
    group.until(() -> group.isDone("r2"));
    assertThat(group.most).isEqualTo(1);
    assertThat(nodes.get(1).answer(approving).whyFailed()).isEmpty();
    for (var node : nodes) {
      assertThat(node.desk.history().getLast().trigger()).isEqualTo("approved by ann on n2");
    }

    // Another revision waits anew, and so does the same one later.
    group.give("3");
    group.until(() -> nodes.stream().allMatch(GroupTurnTest::awaits));
    group.give("2");
    group.until(() -> nodes.stream().noneMatch(GroupTurnTest::awaits));
    group.give("1");
    group.until(() -> nodes.stream().allMatch(GroupTurnTest::awaits));
    assertThat(nodes).allMatch(n -> NodeGroup.runs(n).equals("r2"));
    group.until(() -> !store.isApproved());
  }

  /// Nodes of another role have another revision of the same change.
  @Test
  void one_approval_serves_all_roles_and_one_of_a_revision_that_alone() {
    group.approval = Approval.MANUAL;
    group.start(3);
    var other = nodes.get(2);
    nodes.subList(0, 2).forEach(n -> n.give(NodeGroup.release("2")));
    other.give(NodeGroup.release("3"));
    awaitsSeen("r2", "r2", "r3");

    var said = new ArrayList<String>();
    var named = new ApproveRequest(Optional.of("r3"), "ann", LONG);
    assertThat(nodes.get(0).answer(nodes.get(0).desk.approve(named, said::add)).whyFailed())
        .isEmpty();
    assertThat(said).containsExactly("revision r3 of role ha on n3 is approved");
    group.until(() -> NodeGroup.runs(other).equals("r3") && other.loop.core().rollout().isProven());
    assertThat(other.desk.history().getLast().trigger()).isEqualTo("approved by ann on n1");
    assertThat(nodes.subList(0, 2)).allMatch(GroupTurnTest::awaits);

    // Nobody may let through later what waited here once, and is not what the sources give.
    other.give(NodeGroup.release("2"));
    group.until(() -> awaits(other));
    other.give(NodeGroup.release("1"));
    awaitsSeen("r2", "r2", "r1");
    group.until(() -> !store.isApproved());

    var all = new ApproveRequest(Optional.empty(), "bob", LONG);
    var approving = nodes.get(0).desk.approve(all, said::add);
    group.until(() -> NodeGroup.runs(other).equals("r1") && other.isReady());
    group.until(() -> nodes.stream().noneMatch(GroupTurnTest::awaits));
    assertThat(nodes.get(0).answer(approving).whyFailed()).isEmpty();
    assertThat(NodeGroup.runs(nodes.get(0))).isEqualTo("r2");
    group.until(() -> NodeGroup.runs(nodes.get(1)).equals("r2"));
    assertThat(group.most).isEqualTo(1);
  }

  private void awaitsSeen(String... revisions) {
    group.until(() ->
        NodeGroup.group(nodes.getFirst()).nodes().stream()
            .map(n -> n.waitsFor().orElse("") + " " + n.why())
            .toList()
            .equals(Stream.of(revisions).map(r -> r + " waits for approval").toList()));
  }

  private static boolean awaits(Rig node) {
    return node.report().revision().flatMap(r -> r.awaits()).isPresent();
  }

  @Test
  void a_bad_release_runs_on_one_node_and_is_held_back_on_the_others_until_it_is_lifted() {
    group.start(3);
    nodes.forEach(n -> n.sick.add(n.idOf("image/gate:2")));
    group.give("2");
    group.until(() ->
        nodes.stream().filter(n -> rejected(n).contains("as it failed on n")).count() == 2
            && nodes.stream().allMatch(Rig::isReady));

    assertThat(group.most).isEqualTo(1);
    assertThat(nodes).allMatch(n -> NodeGroup.runs(n).equals("r1"));
    var tried = nodes.stream().filter(n -> n.subjectsOf("image/gate:2") > 0).toList();
    assertThat(tried).hasSize(1);
    var other = nodes.stream().filter(n -> !tried.contains(n)).findFirst().orElseThrow();
    var thoughts = other.thoughts.get();
    other.passes(Duration.ofSeconds(10));
    assertThat(other.thoughts.get() - thoughts).as("who waits is idle").isLessThan(400);
    var sync = other.answer(other.desk.sync(new SyncRequest(false, LONG), line -> {}));
    assertThat(sync.whyFailed().orElseThrow().message())
        .contains("revision r2 is held back, as it failed on n", "gate", "sync --retry");

    nodes.forEach(n -> n.sick.clear());
    var lines = new CopyOnWriteArrayList<String>();
    var retried = other.answer(other.desk.sync(new SyncRequest(false, true, LONG), lines::add));
    assertThat(retried.whyFailed()).isEmpty();
    group.until(() -> group.isDone("r2"));
    assertThat(group.most).isEqualTo(1);
  }

  private static String rejected(Rig node) {
    return node.report().revision().flatMap(r -> r.rejected()).orElse("");
  }

  /// A turn and its load balancers take a while, in which others may go out of service.
  @Test
  void a_node_that_leaves_its_load_balancers_stays_when_another_goes_out_of_service() {
    group.start(3);
    group.give("2");
    var first = awaitLeaving();
    store.joins("n9", Duration.ofSeconds(5), "gate is down");
    group.until(() -> told(first, "stays as it is"));

    assertThat(first.events).anyMatch(e -> e.why().contains("n9 is not ready: gate is down"));
    group.until(() -> nodes.stream().allMatch(Rig::isReady));
    assertThat(nodes).allMatch(n -> NodeGroup.runs(n).equals("r1"));
    group.until(() -> group.isDone("r2"));
  }

  /// The one before could not say so in time.
  @Test
  void a_node_that_has_its_turn_does_not_begin_what_has_failed_elsewhere_meanwhile() {
    group.start(3);
    group.give("2");
    var first = awaitLeaving();
    var wants = NodeGroup.group(first).waiting().orElseThrow();
    store.fails(wants, "n9", "gate is down");
    group.until(() -> told(first, "stays as it is"));

    group.until(() ->
        nodes.stream().allMatch(n -> rejected(n).contains("as it failed on n9") && n.isReady()));
    assertThat(nodes).allMatch(n -> n.subjectsOf("image/gate:2") == 0);
  }

  /// It is out, and has given the poller's duty up, for whatever it changes to in the end.
  @Test
  void a_node_that_is_given_another_change_on_its_way_comes_back_as_from_one() {
    group.start(3);
    nodes.forEach(n -> n.sick.add(n.idOf("image/gate:2")));
    group.give("2");
    group.until(() -> nodes.stream().anyMatch(n -> NodeGroup.runs(n).equals("r2")));
    var first =
        nodes.stream().filter(n -> NodeGroup.runs(n).equals("r2")).findFirst().orElseThrow();
    first.passes(Duration.ofMillis(500));
    group.give("3");
    group.until(() -> told(first, "is healthy; good after"));
    first.passes(NodeGroup.BAKE.dividedBy(4));
    assertThat(first.isReady()).isFalse();

    group.until(() -> group.isDone("r3"));
    assertThat(group.most).isEqualTo(1);
  }

  /// Half of the bake: what falls over in it is sent no request.
  @Test
  void a_changed_node_is_sent_to_again_when_it_has_been_healthy_for_a_while() {
    group.start(3);
    group.give("2");
    group.until(() -> nodes.stream().anyMatch(n -> told(n, "is healthy; good after")));
    var first =
        nodes.stream().filter(n -> told(n, "is healthy; good after")).findFirst().orElseThrow();
    first.passes(NodeGroup.BAKE.dividedBy(4));
    assertThat(first.isReady()).isFalse();
    assertThat(first.report().ready().reason())
        .contains("is out of its load balancers until all is healthy for a while");
    first.passes(NodeGroup.BAKE.dividedBy(2));
    assertThat(first.isReady()).isTrue();
    assertThat(told(first, "passes the turn on")).isFalse();
    group.until(() -> group.isDone("r2"));
    assertThat(group.most).isEqualTo(1);
  }

  private Rig awaitLeaving() {
    group.until(() -> nodes.stream().anyMatch(n -> told(n, "leaves the load balancers")));
    return nodes.stream()
        .filter(n -> told(n, "leaves the load balancers"))
        .findFirst()
        .orElseThrow();
  }

  private static boolean told(Rig node, String what) {
    return node.events.stream().anyMatch(e -> e.what().contains(what));
  }

  @Test
  void without_the_store_nothing_begins_and_sync_now_does_not_wait() {
    group.start(2);
    store.out = true;
    group.give("2");
    var node = nodes.getFirst();
    group.until(() -> NodeGroup.group(node).reason().contains("cannot be asked"));
    assertThat(nodes).allMatch(n -> NodeGroup.runs(n).equals("r1"));

    var lines = new CopyOnWriteArrayList<String>();
    var waits = nodes.getLast().desk.sync(new SyncRequest(false, LONG), lines::add);
    group.until(() -> lines.stream().anyMatch(l -> l.contains("no rollout begins: no answer")));
    var jumps =
        node.answer(node.desk.sync(new SyncRequest(false, false, true, "uid 0", LONG), l -> {}));
    assertThat(jumps.whyFailed()).isEmpty();
    assertThat(NodeGroup.runs(node)).isEqualTo("r2");
    assertThat(node.events).anyMatch(e -> e.why().contains("by sync --now, asked for by uid 0"));
    assertThat(waits).isNotDone();

    store.out = false;
    assertThat(node.answer(waits).whyFailed()).isEmpty();
    assertThat(NodeGroup.runs(nodes.getLast())).isEqualTo("r2");
  }

  @Test
  void an_agent_that_is_restarted_in_its_turn_goes_on_with_it() {
    group.start(2);
    nodes.forEach(n -> n.sick.add(n.idOf("image/gate:2")));
    group.give("2");
    group.until(() -> nodes.stream().anyMatch(n -> NodeGroup.runs(n).equals("r2")));
    var node = nodes.stream().filter(n -> NodeGroup.runs(n).equals("r2")).findFirst().orElseThrow();
    var before = node.events.size();
    node.sick.clear();
    nodes.forEach(n -> n.sick.clear());
    node.restart(Duration.ofSeconds(3));

    group.until(() -> group.isDone("r2"));
    assertThat(node.events.stream().skip(before).map(e -> e.what()))
        .noneMatch(w -> w.contains("rolling out revision r1"));
  }
}
