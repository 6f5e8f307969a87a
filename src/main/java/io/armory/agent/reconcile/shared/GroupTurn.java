package io.armory.agent.reconcile.shared;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.port.Threads;
import io.armory.agent.port.TurnStore.Approved;
import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.port.TurnStore.HeldBack;
import io.armory.agent.reconcile.Message;
import io.armory.agent.reconcile.election.PollerDuty;
import io.armory.agent.reconcile.turn.ChangeDigest;
import io.armory.agent.reconcile.turn.GroupView;
import io.armory.agent.reconcile.turn.TurnTaker;
import io.armory.agent.reconcile.turn.TurnWish;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// This node's changes in turn with its group's: a revision of the sources waits until it may
/// begin, leaves the load balancers, and is rolled out. Owned by the loop's thread; [TurnTaker]
/// asks on a thread of its own.
///
/// No turn is needed for what a node starts with, for going back to what is good, and where no
/// Redis is shared.
public final class GroupTurn implements AutoCloseable {
  /// A poller's lease has run out by then, whatever became of its release.
  private static final Duration RESIGNATION = Duration.ofSeconds(30);

  /// After a start, whether the turn is this node's still is waited for this long.
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /// A node that stays as it is is ready again by then, if nothing else keeps it from that.
  private static final Duration BACK = Duration.ofSeconds(5);

  private final Optional<ClusterPorts> parts;
  private final Optional<TurnTaker> taker;
  private final PollerDuty duty;
  private final List<AgentEvent> news = new ArrayList<>();
  private final Map<String, String> digests = new LinkedHashMap<>();
  private final Map<String, Instant> failedAt = new HashMap<>();
  private final Set<String> lift = new HashSet<>();
  private final Set<String> withdraw = new HashSet<>();
  private final Map<String, Approved> approvedElsewhere = new LinkedHashMap<>();
  private String approved = "";
  private String awaited = "";
  private Phase phase = new Phase.Idle();

  /// What is under way, while another change that is to come in its place is not in force yet.
  private Phase.@Nullable Changing before;

  private @Nullable Waiting waiting;
  private @Nullable String jumps;
  private @Nullable Instant firstWait;
  private Instant backBy = Instant.EPOCH;
  private String me = "";

  private record Waiting(Revision revision, Change change) {}

  private sealed interface Phase {
    record Idle() implements Phase {}

    /// Not ready any more, and still as it was.
    ///
    /// @param until the load balancers have noticed
    record Leaving(
        Change change, Instant since, Instant until, CompletableFuture<Outcome<String>> resigned)
        implements Phase {}

    /// @param out of the load balancers until it is healthy
    /// @param adopted it is in force; before that its files are put
    record Changing(Change change, boolean out, boolean resigned, boolean adopted)
        implements Phase {}
  }

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
    var needed = taker.isPresent() && needsTurn(revision, facts);
    if (!needed) {
      remember(revision, facts);
      nothingWaits(now);
      return true;
    }
    var change = change(revision, facts);
    if (phase instanceof Phase.Changing(var to, _, _, var adopted)
        && !adopted
        && to.equals(change)) {
      return true;
    }
    if (waiting == null || !waiting.change().equals(change)) {
      waiting = new Waiting(revision, change);
      firstWait = firstWait == null ? now : firstWait;
    }
    var may = jumps != null || taker.orElseThrow().mayBegin(change.digest());
    if (!may || facts.draining()) {
      if (phase instanceof Phase.Leaving) {
        stay(whyNot(), now);
      }
      return false;
    }
    return switch (phase) {
      case Phase.Leaving(var to, var since, var until, var resigned) when to.equals(change) -> {
        if (now.isBefore(until) || (!resigned.isDone() && now.isBefore(since.plus(RESIGNATION)))) {
          yield false;
        }
        yield begins(change, now);
      }
      case Phase.Idle _, Phase.Changing _, Phase.Leaving _ -> {
        if (!leaves(revision, facts, ready, now)) {
          yield begins(change, now);
        }
        leave(change, now);
        yield false;
      }
    };
  }

  private boolean needsTurn(Revision revision, TurnFacts facts) {
    var good = facts.good();
    return good.flatMap(Revision::redis).isPresent()
        && !good.get().id().equals(revision.id())
        && facts.inForce().filter(r -> r.id().equals(revision.id())).isEmpty();
  }

  /// Out of the load balancers and without the poller's duty as it is already, be it for another
  /// change that this one comes in the place of.
  private boolean begins(Change change, Instant now) {
    if (phase instanceof Phase.Changing under && under.adopted()) {
      before = under;
    }
    phase =
        switch (phase) {
          case Phase.Idle _ -> new Phase.Changing(change, false, false, false);
          case Phase.Leaving _ -> new Phase.Changing(change, true, true, false);
          case Phase.Changing(_, var out, var resigned, _) ->
              new Phase.Changing(change, out, resigned, false);
        };
    event("changes to revision " + change.revision(), begun(), now);
    noLonger();
    return true;
  }

  private String begun() {
    return jumps == null ? "this node has the turn" : "without its turn, " + jumps;
  }

  private void leave(Change change, Instant now) {
    var until = now.plus(parts.orElseThrow().turns().orElseThrow().loadBalancer());
    phase = new Phase.Leaving(change, now, until, duty.resign());
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
    var under = before;
    if (phase instanceof Phase.Changing && under != null) {
      event("goes on with revision " + under.change().revision(), why, now);
      phase = under;
      before = null;
      return;
    }
    event("stays as it is", why, now);
    backBy = now.plus(BACK);
    phase = new Phase.Idle();
    duty.resume();
  }

  /// Only if it serves anybody now, and something that counts is replaced.
  private boolean leaves(
      Revision revision, TurnFacts facts, HealthReport.Verdict ready, Instant now) {
    var settings = parts.orElseThrow().turns().orElseThrow();
    var isGone = !ready.holds() && !now.isBefore(ready.since().plus(settings.loadBalancer()));
    var isContinued = facts.inForce().isEmpty();
    if (isGone || isContinued || isAlone()) {
      return false;
    }
    var before = facts.inForce().orElseThrow().stack().services();
    var after = revision.stack().services();
    return before.values().stream().anyMatch(GroupTurn::isPublished)
        && before.values().stream()
            .anyMatch(s -> {
              var next = after.get(s.name());
              return next == null
                  || (!s.optional() && !next.definitionHash().equals(s.definitionHash()));
            });
  }

  private static boolean isPublished(Service service) {
    return !service.container().networking().ports().isEmpty();
  }

  private boolean isAlone() {
    return taker.flatMap(t -> t.standing().board()).filter(b -> b.members().size() > 1).isEmpty();
  }

  private void noLonger() {
    waiting = null;
    firstWait = null;
    jumps = null;
  }

  private void nothingWaits(Instant now) {
    noLonger();
    if (phase instanceof Phase.Leaving) {
      stay("nothing is to be changed any more", now);
    }
    couldNotBegin("the sources give another revision", now);
  }

  /// What was to begin could not: its files have no room, say.
  public void couldNotBegin(String why, Instant now) {
    if (phase instanceof Phase.Changing(_, _, _, var adopted) && !adopted) {
      stay(why, now);
    }
  }

  /// The sources give nothing that could begin.
  public void nothingToBegin(Instant now) {
    nothingWaits(now);
  }

  public Optional<Revision> waits() {
    return Optional.ofNullable(waiting).map(Waiting::revision);
  }

  /// Whether a node on which nothing is in force runs what is good meanwhile: not before it is
  /// known that it does not have the turn from before its agent was restarted.
  public boolean fallsBack(Instant now) {
    var first = firstWait;
    var wants = waiting;
    if (taker.isEmpty() || first == null || wants == null) {
      return true;
    }
    var standing = taker.get().standing();
    var mine = standing.mine().filter(h -> h.change().digest().equals(wants.change().digest()));
    var isKnown = standing.board().isPresent() || !now.isBefore(first.plus(PATIENCE));
    return isKnown && mine.isEmpty();
  }

  /// When to ask again although nothing is heard.
  public Instant nextAt() {
    var first = firstWait;
    return switch (phase) {
      case Phase.Leaving leaving -> leaving.until();
      case Phase.Idle _, Phase.Changing _ -> first == null ? Instant.MAX : first.plus(PATIENCE);
    };
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
    Stream.concat(waits().map(Revision::id).stream(), revision.stream())
        .map(digests::get)
        .filter(d -> d != null)
        .forEach(lift::add);
  }

  /// Who asks, as the others of the group read it.
  public String signed(String by) {
    return me.isEmpty() ? by : by + " on " + me;
  }

  /// By whom the same change was approved on any node; empty: by nobody yet.
  public Optional<Approved> approved(Revision revision, TurnFacts facts) {
    return taker.isEmpty() || !needsTurn(revision, facts)
        ? Optional.empty()
        : board().flatMap(b -> b.approved(remember(revision, facts)));
  }

  /// Lets through what waits on nodes whose change is another than this node's, as they registered
  /// it: those of other roles. Nothing while nothing is heard of them.
  ///
  /// @param named the one revision; empty: all
  /// @return what was let through, in words
  public List<String> approveElsewhere(Optional<String> named, String by, Instant now) {
    if (taker.isEmpty() || !taker.get().standing().problem().isEmpty()) {
      return List.of();
    }
    var words = new LinkedHashMap<String, String>();
    for (var member : board().map(Board::members).orElse(List.of())) {
      var change = member.awaits().filter(c -> !c.digest().equals(awaited)).orElse(null);
      if (change != null && named.filter(n -> !change.revision().startsWith(n)).isEmpty()) {
        approvedElsewhere.put(change.digest(), new Approved(change, signed(by), now));
        words.merge(
            change.digest(),
            "revision %s of role %s on %s"
                .formatted(change.revision(), member.role(), member.node()),
            (before, _) -> before + ", " + member.node());
      }
    }
    return List.copyOf(words.values());
  }

  /// Revisions that failed here and that an operator has lifted on any node.
  public List<String> lifted() {
    var lifted = taker.map(t -> t.standing().lifted()).orElse(List.of());
    return digests.entrySet().stream()
        .filter(e -> lifted.contains(e.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  // ---- what the group is told

  /// Once a pass, with the newest report.
  public void tell(HealthReport report, TurnFacts facts, Instant now) {
    if (taker.isEmpty()) {
      return;
    }
    if (phase instanceof Phase.Changing changing) {
      follow(changing, facts, now);
    }
    withdraw(approved(facts), awaits(facts));
    lift.removeIf(d -> board().filter(b -> b.heldBack(d).isPresent()).isEmpty());
    taker.get().hear(place(facts), wish(report, facts, now));
  }

  /// A revision is in force from now on. Told in that moment: the sources may be read again before
  /// the next pass ends, and what is under way is no longer something that could not begin.
  void adopted(Revision revision) {
    if (phase instanceof Phase.Changing(var change, var out, var resigned, _)
        && change.revision().equals(revision.id())) {
      phase = new Phase.Changing(change, out, resigned, true);
      before = null;
    }
  }

  private void follow(Phase.Changing changing, TurnFacts facts, Instant now) {
    if (!changing.adopted()) {
      return;
    }
    if (isBack(facts.proven(), facts.goodAt(), now) && changing.resigned() && !facts.draining()) {
      duty.resume();
      phase = new Phase.Changing(changing.change(), false, false, true);
    }
    if (facts.proven()) {
      phase = new Phase.Idle();
      event("passes the turn on", "the change is over", now);
    }
  }

  /// What is new has been healthy for long enough to be sent to.
  private boolean isBack(boolean proven, Optional<Instant> goodAt, Instant now) {
    return proven
        || goodAt
            .filter(
                at -> !now.isBefore(at.minus(parts.orElseThrow().turns().orElseThrow().serves())))
            .isPresent();
  }

  private Optional<TurnTaker.Place> place(TurnFacts facts) {
    var of = facts.proven() ? facts.inForce() : facts.good().or(facts::inForce);
    var redis = of.flatMap(Revision::redis);
    if (redis.isEmpty() || facts.identity().isEmpty()) {
      return Optional.empty();
    }
    var who = facts.identity().get();
    me = name(who);
    return Optional.of(place(redis.get(), who));
  }

  private TurnTaker.Place place(RemoteRedis redis, NodeIdentity who) {
    return new TurnTaker.Place(redis, who.stack().value(), me);
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
    Optional<Change> changes =
        phase instanceof Phase.Changing changing
            ? Optional.of(changing.change())
            : Optional.empty();
    return new TurnWish(
        of.map(Revision::role).orElse(""),
        report.ready().holds(),
        report.ready().reason(),
        report.ready().since(),
        phase instanceof Phase.Leaving || now.isBefore(backBy),
        of.map(Revision::id).orElse(""),
        facts.good().map(g -> change(g, facts).digest()).orElse(""),
        report.agentVersion(),
        Optional.ofNullable(waiting).map(Waiting::change),
        awaits(facts),
        changes,
        failed(facts, now),
        List.copyOf(lift),
        Stream.concat(approved(facts).stream(), approvedElsewhere.values().stream()).toList(),
        List.copyOf(withdraw),
        parts.orElseThrow().turns().orElseThrow().limit());
  }

  private List<HeldBack> failed(TurnFacts facts, Instant now) {
    failedAt.keySet().retainAll(facts.rejected().keySet());
    return facts.rejected().entrySet().stream()
        .filter(e -> digests.containsKey(e.getKey()))
        .map(e ->
            new HeldBack(
                new Change(digests.getOrDefault(e.getKey(), ""), e.getKey()),
                me,
                e.getValue(),
                failedAt.computeIfAbsent(e.getKey(), id -> now),
                false))
        .toList();
  }

  private Optional<Approved> approved(TurnFacts facts) {
    return facts
        .approved()
        .filter(g -> digests.containsKey(g.revision()))
        .map(g ->
            new Approved(
                new Change(digests.getOrDefault(g.revision(), ""), g.revision()), g.by(), g.at()));
  }

  private Optional<Change> awaits(TurnFacts facts) {
    return facts.awaits().map(r -> change(r, facts));
  }

  /// What was approved, or waited for that, and is not what the sources give any more would need it
  /// anew.
  private void withdraw(Optional<Approved> now, Optional<Change> awaits) {
    withdraw.addAll(List.of(approved, awaited));
    approved = now.map(a -> a.change().digest()).orElse("");
    awaited = awaits.map(Change::digest).orElse("");
    withdraw.removeAll(List.of(approved, awaited));
    approvedElsewhere.keySet().removeIf(d -> board().flatMap(b -> b.approved(d)).isPresent());
    withdraw.removeIf(d -> board().filter(b -> b.approved(d).isPresent()).isEmpty());
  }

  private Change change(Revision revision, TurnFacts facts) {
    return new Change(remember(revision, facts), revision.id());
  }

  private String remember(Revision revision, TurnFacts facts) {
    if (taker.isEmpty()) {
      return "";
    }
    var digest =
        digests.computeIfAbsent(revision.id(), id -> ChangeDigest.of(revision, facts.identity()));
    if (digests.size() > 50) {
      digests.remove(digests.keySet().iterator().next());
    }
    return digest;
  }

  // ---- what is reported

  /// Why the node is not to get traffic because of its change; empty: it may.
  ///
  /// @param proven what is in force is good
  /// @param goodAt when it is, if it stays healthy
  public String blocker(boolean proven, Optional<Instant> goodAt, Instant now) {
    return switch (phase) {
      case Phase.Idle _ -> "";
      case Phase.Leaving leaving ->
          "leaves its load balancers, to change to revision " + leaving.change().revision();
      case Phase.Changing changing ->
          changing.out() && !(changing.adopted() && isBack(proven, goodAt, now))
              ? "changes to revision %s, and is out of its load balancers until all is healthy%s"
                  .formatted(changing.change().revision(), goodAt.isPresent() ? " for a while" : "")
              : "";
    };
  }

  public Optional<GroupReport> report() {
    return taker
        .filter(t -> !me.isEmpty())
        .map(t -> {
          var settings = parts.orElseThrow().turns().orElseThrow();
          return GroupView.of(
              t.standing(),
              me,
              Optional.ofNullable(waiting).map(Waiting::change),
              settings.limit(),
              settings.times());
        });
  }

  /// What waits here failed on another node, and why; empty: it did not.
  public Optional<String> heldBack() {
    var wants = waiting;
    return wants == null || lift.contains(wants.change().digest())
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
    firstWait = firstWait == null ? null : firstWait.plus(by);
    backBy = backBy.plus(by);
    if (phase instanceof Phase.Leaving(var change, var since, var until, var given)) {
      phase = new Phase.Leaving(change, since.plus(by), until.plus(by), given);
    }
  }

  private void event(String what, String why, Instant now) {
    news.add(new AgentEvent(now, "turn", "", what, why, null));
  }

  @Override
  public void close() {
    taker.ifPresent(TurnTaker::close);
  }
}
