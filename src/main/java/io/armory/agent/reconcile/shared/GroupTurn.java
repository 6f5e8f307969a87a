package io.armory.agent.reconcile.shared;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Threads;
import io.armory.agent.port.TurnStore.Approved;
import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.reconcile.Message;
import io.armory.agent.reconcile.election.PollerDuty;
import io.armory.agent.reconcile.turn.GroupView;
import io.armory.agent.reconcile.turn.TurnTaker;
import io.armory.agent.reconcile.turn.TurnWish;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// This node's changes in turn with its group's: a revision of the sources waits until it may
/// begin, leaves the load balancers, and is rolled out. Owned by the loop's thread; [TurnTaker]
/// asks on a thread of its own.
public final class GroupTurn implements AutoCloseable {
  /// After a start, whether the turn is this node's still is waited for this long.
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /// A node that stays as it is is ready again by then, if nothing else keeps it from that.
  private static final Duration BACK = Duration.ofSeconds(5);

  private final Optional<ClusterPorts> parts;
  private final Optional<TurnTaker> taker;
  private final PollerDuty duty;
  private final List<AgentEvent> news = new ArrayList<>();
  private final ChangeNotes notes = new ChangeNotes();
  private ChangePhase phase = new ChangePhase.Idle();
  private @Nullable Waiting waiting;
  private @Nullable String jumps;
  private Instant backBy = Instant.EPOCH;
  private String me = "";

  /// @param since when anything waited first
  private record Waiting(Revision revision, Change change, Instant since) {}

  GroupTurn(
      Optional<ClusterPorts> parts,
      Consumer<Message> mailbox,
      InstantSource clock,
      Threads threads,
      PollerDuty duty) {
    this.parts = parts.filter(p -> p.turns().isPresent());
    this.taker =
        this.parts.map(p ->
            new TurnTaker(
                p.redis(),
                p.turns().orElseThrow().times(),
                p.gate()::uptime,
                clock,
                threads,
                () -> mailbox.accept(new Message.Asked(() -> {}))));
    this.duty = duty;
  }

  // ---- what the sources give

  /// Whether a revision of the sources may be put in force now. One that may not waits; it is asked
  /// for again until it may, or until the sources give another.
  ///
  /// @param ready as it was reported last
  public boolean mayBegin(
      Revision revision, TurnFacts facts, HealthReport.Verdict ready, Instant now) {
    if (taker.isEmpty() || !facts.needTurn(revision)) {
      taker.ifPresent(_ -> notes.digest(revision, facts));
      nothingToBegin(now);
      return true;
    }
    var change = notes.change(revision, facts);
    if (phase instanceof ChangePhase.Beginning under && under.change().equals(change)) {
      return true;
    }
    if (waiting == null || !waiting.change().equals(change)) {
      waiting = new Waiting(revision, change, waiting == null ? now : waiting.since());
    }
    var may = jumps != null || taker.orElseThrow().mayBegin(change.digest());
    if (!may || facts.draining()) {
      if (phase instanceof ChangePhase.Leaving) {
        stay(whyNot(), now);
      }
      return false;
    }
    if (phase instanceof ChangePhase.Leaving left && left.change().equals(change)) {
      return left.isOver(now) && begins(change, now);
    }
    if (leaves(revision, facts, ready, now)) {
      leave(change, now);
      return false;
    }
    return begins(change, now);
  }

  private boolean begins(Change change, Instant now) {
    phase = phase.begins(change);
    event("changes to revision " + change.revision(), begun(), now);
    noLonger();
    return true;
  }

  private String begun() {
    return jumps == null ? "this node has the turn" : "without its turn, " + jumps;
  }

  private void leave(Change change, Instant now) {
    var until = now.plus(settings().loadBalancer());
    phase = phase.leaves(change, now, until, duty.resign());
    event(
        "leaves the load balancers",
        "to change to revision " + change.revision() + ", " + begun(),
        now);
  }

  private String whyNot() {
    var reason = taker.map(t -> t.standing().reason()).orElse("");
    return reason.isEmpty() ? "the turn was lost before it began" : reason;
  }

  private void stay(String why, Instant now) {
    backBy = now.plus(BACK);
    phase = phase.stays();
    if (phase instanceof ChangePhase.Changing(var change, _, _)) {
      event("goes on with revision " + change.revision(), why, now);
    } else {
      event("stays as it is", why, now);
      duty.resume();
    }
  }

  /// Only if it serves anybody now, and something that counts is replaced.
  private boolean leaves(
      Revision revision, TurnFacts facts, HealthReport.Verdict ready, Instant now) {
    var isGone = !ready.holds() && !now.isBefore(ready.since().plus(settings().loadBalancer()));
    return !isGone && !isAlone() && facts.replacePublished(revision);
  }

  private boolean isAlone() {
    return board().filter(b -> b.members().size() > 1).isEmpty();
  }

  private void noLonger() {
    waiting = null;
    jumps = null;
  }

  /// The sources give nothing that could begin.
  public void nothingToBegin(Instant now) {
    noLonger();
    if (phase instanceof ChangePhase.Leaving) {
      stay("nothing is to be changed any more", now);
    }
    couldNotBegin("the sources give another revision", now);
  }

  /// What was to begin could not: its files have no room, say.
  public void couldNotBegin(String why, Instant now) {
    if (phase instanceof ChangePhase.Beginning) {
      stay(why, now);
    }
  }

  public Optional<Revision> waits() {
    return Optional.ofNullable(waiting).map(Waiting::revision);
  }

  /// Whether a node on which nothing is in force runs what is good meanwhile: not before it is
  /// known that it does not have the turn from before its agent was restarted.
  public boolean fallsBack(Instant now) {
    var wants = waiting;
    if (taker.isEmpty() || wants == null) {
      return true;
    }
    var standing = taker.get().standing();
    var mine = standing.mine().filter(h -> h.change().digest().equals(wants.change().digest()));
    var isKnown = standing.board().isPresent() || !now.isBefore(wants.since().plus(PATIENCE));
    return isKnown && mine.isEmpty();
  }

  /// When to ask again although nothing is heard.
  public Instant nextAt() {
    if (phase instanceof ChangePhase.Leaving leaving) {
      return leaving.until();
    }
    return waiting == null ? Instant.MAX : waiting.since().plus(PATIENCE);
  }

  // ---- what operators want

  /// @param by who, for the record
  public void jump(String by, Instant now) {
    if (taker.isPresent()) {
      jumps = by;
      event("is to change without its turn", by, now);
    }
  }

  /// What waits or failed here is tried again, here and everywhere.
  public void lift(Optional<String> revision) {
    notes.lift(Stream.concat(waits().map(Revision::id).stream(), revision.stream()));
  }

  /// Who asks, as the others of the group read it.
  public String signed(String by) {
    return me.isEmpty() ? by : by + " on " + me;
  }

  /// By whom the same change was approved on any node; empty: by nobody yet.
  public Optional<Approved> approved(Revision revision, TurnFacts facts) {
    return taker.isEmpty() || !facts.needTurn(revision)
        ? Optional.empty()
        : board().flatMap(b -> b.approved(notes.digest(revision, facts)));
  }

  /// Lets through what waits on nodes whose change is another than this node's, as they registered
  /// it: those of other roles. Nothing while nothing is heard of them.
  ///
  /// @param named the one revision; empty: all
  /// @return what was let through, in words
  public List<String> approveElsewhere(Optional<String> named, String by, Instant now) {
    return taker.isEmpty() || !taker.get().standing().problem().isEmpty()
        ? List.of()
        : board().map(b -> notes.approveElsewhere(b, named, signed(by), now)).orElse(List.of());
  }

  /// Revisions that failed here and that an operator has lifted on any node.
  public List<String> lifted() {
    return notes.revisions(taker.map(t -> t.standing().lifted()).orElse(List.of()));
  }

  // ---- what the group is told

  /// Once a pass, with the newest report.
  public void tell(HealthReport report, TurnFacts facts, Instant now) {
    if (taker.isEmpty()) {
      return;
    }
    if (phase instanceof ChangePhase.Changing changing) {
      follow(changing, facts, now);
    }
    notes.settle(facts, board());
    taker.get().hear(place(facts), wish(report, facts, now));
  }

  /// A revision is in force from now on. Told in that moment: the sources may be read again before
  /// the next pass ends, and what is under way is no longer something that could not begin.
  void adopted(Revision revision) {
    phase = phase.adopted(revision.id());
  }

  /// What the agent before this one had begun comes into force again, without its sources: the
  /// group is told that it is under way.
  public void goesOn(Revision revision, TurnFacts facts, Instant now) {
    if (taker.isPresent() && phase instanceof ChangePhase.Idle && facts.needTurn(revision)) {
      phase = new ChangePhase.Changing(notes.change(revision, facts), false, false);
      event(
          "goes on with revision " + revision.id(), "the agent before this one had begun it", now);
    }
  }

  private void follow(ChangePhase.Changing changing, TurnFacts facts, Instant now) {
    if (isBack(facts.proven(), facts.goodAt(), now) && changing.resigned() && !facts.draining()) {
      duty.resume();
      phase = changing.back();
    }
    if (facts.proven()) {
      phase = new ChangePhase.Idle();
      event("passes the turn on", "the change is over", now);
    }
  }

  /// What is new has been healthy for long enough to be sent to.
  private boolean isBack(boolean proven, Optional<Instant> goodAt, Instant now) {
    return proven || goodAt.filter(at -> !now.isBefore(at.minus(settings().serves()))).isPresent();
  }

  private Optional<TurnTaker.Place> place(TurnFacts facts) {
    var of = facts.proven() ? facts.inForce() : facts.good().or(facts::inForce);
    var redis = of.flatMap(Revision::redis);
    if (redis.isEmpty() || facts.identity().isEmpty()) {
      return Optional.empty();
    }
    var who = facts.identity().get();
    me = name(who);
    return Optional.of(new TurnTaker.Place(redis.get(), who.stack().value(), me));
  }

  private String name(NodeIdentity who) {
    return who.fact(NodeIdentity.INSTANCE_ID)
        .or(() -> who.fact(NodeIdentity.PRIVATE_IP))
        .orElseGet(() ->
            parts.orElseThrow().gate().holder("node") instanceof Outcome.Done<String>(var unique)
                ? unique
                : "node");
  }

  private TurnWish wish(HealthReport report, TurnFacts facts, Instant now) {
    var of = facts.inForce();
    return new TurnWish(
        of.map(Revision::role).orElse(""),
        report.ready().holds(),
        report.ready().reason(),
        report.ready().since(),
        phase instanceof ChangePhase.Leaving || now.isBefore(backBy),
        of.map(Revision::id).orElse(""),
        facts.good().map(g -> notes.digest(g, facts)).orElse(""),
        report.agentVersion(),
        Optional.ofNullable(waiting).map(Waiting::change),
        notes.awaits(facts),
        phase.underWay(),
        notes.failed(facts, me, now),
        notes.lift(),
        notes.allApproved(facts),
        notes.withdraw(),
        settings().limit());
  }

  private TurnSettings settings() {
    return parts.flatMap(ClusterPorts::turns).orElseThrow();
  }

  // ---- what is reported

  /// Why the node is not to get traffic because of its change; empty: it may.
  ///
  /// @param proven what is in force is good
  /// @param goodAt when it is, if it stays healthy
  public String blocker(boolean proven, Optional<Instant> goodAt, Instant now) {
    return phase.blocker(taker.isPresent() && isBack(proven, goodAt, now), goodAt.isPresent());
  }

  public Optional<GroupReport> report() {
    return taker
        .filter(t -> !me.isEmpty())
        .map(t ->
            GroupView.of(
                t.standing(),
                me,
                Optional.ofNullable(waiting).map(Waiting::change),
                settings().limit(),
                settings().times()));
  }

  /// What waits here failed on another node, and why; empty: it did not.
  public Optional<String> heldBack() {
    var wants = waiting;
    return wants == null || notes.isLifted(wants.change())
        ? Optional.empty()
        : board()
            .flatMap(b -> b.heldBack(wants.change().digest()))
            .map(h ->
                "revision %s is held back, as it failed on %s: %s"
                    .formatted(wants.change().revision(), h.node(), h.reason()));
  }

  private Optional<Board> board() {
    return taker.flatMap(t -> t.standing().board());
  }

  /// What has happened since it was asked last.
  public List<AgentEvent> news() {
    var all = List.copyOf(news);
    news.clear();
    return all;
  }

  public void clockSet(Duration by) {
    var wants = waiting;
    waiting =
        wants == null
            ? null
            : new Waiting(wants.revision(), wants.change(), wants.since().plus(by));
    backBy = backBy.plus(by);
    phase = phase.clockSet(by);
  }

  private void event(String what, String why, Instant now) {
    news.add(new AgentEvent(now, "turn", "", what, why, null));
  }

  @Override
  public void close() {
    taker.ifPresent(TurnTaker::close);
  }
}
