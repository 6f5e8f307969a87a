package io.armory.agent.reconcile.turn;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.port.TurnStore.HeldBack;
import io.armory.agent.port.TurnStore.Holder;
import io.armory.agent.port.TurnStore.Member;
import io.armory.agent.port.TurnStore.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One node's part in its group's turns: what to ask the store next, and whether a change may
/// begin. Pure: time comes in as the time since the node's boot, and answers with the time they
/// were asked for.
///
/// That no more nodes begin than may rests on this:
/// - a turn is taken only if none was given since the board that the decision was made from;
/// - a holder asks twice before it begins, and begins only within a part of the turn's time,
///   counted from before it asked;
/// - one that has not begun gives the turn back when the board lets it begin no more: the change
///   has failed elsewhere, or another node has gone out of service meanwhile;
/// - after the store has forgotten everything nobody takes a turn for a whole time to live, while
///   whoever changes puts its turn back.
///
/// A node that has begun goes on to the end, also while the store cannot be asked: it is out of
/// service either way, and half a change is worse than a whole one. One that is not heard of for
/// the time to live is gone for the others; when it is back it registers what it is doing, and
/// nobody else begins until it is done.
final class Turn {
  private static final Board EMPTY =
      new Board(List.of(), List.of(), List.of(), List.of(), 0, "", 0, Duration.ZERO);

  private final String me;
  private final TurnTimes times;

  private @Nullable Board board;
  private Duration lookedAt = Duration.ZERO;
  private @Nullable Holder mine;
  private Duration keptFrom = Duration.ZERO;
  private boolean confirmed;
  private String grantEpoch = "";
  private String epoch = "";
  private List<HeldBack> known = List.of();
  private boolean tellsKnown;
  private final Set<String> reported = new HashSet<>();
  private final Set<String> liftedHere = new HashSet<>();
  private long highest;
  private long waitsSince;
  private Duration nextCall = Duration.ZERO;
  private Duration lastCall = Duration.ZERO;
  private String problem = "the group was not asked yet";
  private @Nullable Judged judged;
  private long reads;

  /// A board is read hundreds of times.
  private record Judged(long read, Change change, boolean leaves, TurnRules.Verdict verdict) {}

  /// @param me unique in the group, and kept over a restart of the agent and of the node
  Turn(String me, TurnTimes times) {
    this.me = me;
    this.times = times;
  }

  /// What is to be asked now; empty: nothing before [#nextAt].
  ///
  /// @param clock the node's own, for what people read
  Optional<Step> due(TurnWish wish, Duration now, Instant clock) {
    if (now.compareTo(nextAt(wish, now)) < 0) {
      return Optional.empty();
    }
    lastCall = now;
    return Optional.of(step(wish, now, clock));
  }

  Duration nextAt(TurnWish wish, Duration now) {
    var next = isUrgent(wish, now) ? now : nextCall;
    var least = board == null ? next : lastCall.plus(times.least());
    return next.compareTo(least) > 0 ? next : least;
  }

  /// Something that the others wait for, or that must not wait.
  private boolean isUrgent(TurnWish wish, Duration now) {
    if (!problem.isEmpty()) {
      return false;
    }
    return !unreported(wish).isEmpty()
        || !unlifted(wish).isEmpty()
        || approval(wish).isPresent()
        || (mine != null && confirmed && (isOver(wish) || calledOff(wish).isPresent()))
        || (mine == null && (wish.changes().isPresent() || mayTake(wish, now)));
  }

  private Step step(TurnWish wish, Duration now, Instant clock) {
    var failures = unreported(wish);
    if (!failures.isEmpty()) {
      return new Step.Fail(failures.getFirst());
    }
    var lifts = unlifted(wish);
    if (!lifts.isEmpty()) {
      return new Step.Lift(lifts.getFirst());
    }
    var approval = approval(wish);
    if (approval.isPresent()) {
      return approval.get();
    }
    var held = mine;
    var changes = wish.changes();
    var isOther =
        held != null
            && wish.wants().filter(w -> !w.digest().equals(held.change().digest())).isPresent();
    if (held == null && changes.isPresent()) {
      return new Step.Force(changes.get(), clock);
    }
    if (held != null && (isOver(wish) || calledOff(wish).isPresent())) {
      return new Step.Pass(held);
    }
    if ((held == null || isOther) && mayTake(wish, now)) {
      return new Step.Take(wish.wants().orElseThrow(), clock, seen().token(), seen().epoch());
    }
    return held == null
        ? new Step.Tell()
        : new Step.Keep(
            held, confirmed && changes.isPresent() ? Optional.of(grantEpoch) : Optional.empty());
  }

  /// Nothing is under way, and the turn is not for what is to begin next.
  private boolean isOver(TurnWish wish) {
    var held = mine;
    return held != null
        && wish.changes().isEmpty()
        && wish.wants().filter(w -> w.digest().equals(held.change().digest())).isEmpty();
  }

  /// Why what waits is not to begin any more, although the turn is for it.
  private Optional<TurnRules.Verdict> calledOff(TurnWish wish) {
    return hasTurn(wish) && wish.changes().isEmpty()
        ? new TurnRules(seen(), wish.limit(), times)
            .against(me, wish.wants().orElseThrow(), wish.ready() || wish.leaves())
        : Optional.empty();
  }

  private boolean hasTurn(TurnWish wish) {
    var held = mine;
    return held != null
        && wish.wants().filter(w -> w.digest().equals(held.change().digest())).isPresent();
  }

  /// The last look is fresh, says that this node waits, and lets it begin.
  private boolean mayTake(TurnWish wish, Duration now) {
    return wish.wants().isPresent()
        && waitsSince > 0
        && problem.isEmpty()
        && now.minus(lookedAt).compareTo(times.confirm()) < 0
        && verdict(wish).may();
  }

  private TurnRules.Verdict verdict(TurnWish wish) {
    var change = wish.wants().orElseThrow();
    var last = judged;
    if (last != null
        && last.read() == reads
        && last.change().equals(change)
        && last.leaves() == wish.leaves()) {
      return last.verdict();
    }
    var verdict = new TurnRules(seen(), wish.limit(), times).verdict(me, change, wish.leaves());
    judged = new Judged(reads, change, wish.leaves(), verdict);
    return verdict;
  }

  private Board seen() {
    var last = board;
    return last == null ? EMPTY : last;
  }

  private List<HeldBack> unreported(TurnWish wish) {
    var told = seen().heldBack().stream().map(h -> h.change().digest()).collect(Collectors.toSet());
    return wish.failed().stream()
        .filter(f -> !reported.contains(f.change().digest()) || !told.contains(f.change().digest()))
        .toList();
  }

  private List<String> unlifted(TurnWish wish) {
    return wish.lift().stream().filter(d -> !liftedHere.contains(d)).toList();
  }

  /// What the others are to know of who has approved what.
  private Optional<Step> approval(TurnWish wish) {
    return wish.approved().stream()
        .filter(a -> seen().approved(a.change().digest()).isEmpty())
        .findFirst()
        .<Step>map(Step.Approve::new)
        .or(() ->
            wish.withdraw().stream()
                .filter(d -> seen().approved(d).isPresent())
                .findFirst()
                .map(Step.Withdraw::new));
  }

  /// How the node registers itself.
  Member member(TurnWish wish) {
    return new Member(
        me,
        wish.role(),
        wish.ready(),
        wish.reason(),
        wish.since(),
        wish.revision(),
        wish.good(),
        wish.wants().or(wish::awaits),
        wish.wants().isPresent() ? waitsSince : wish.awaits().isPresent() ? Member.UNAPPROVED : 0,
        wish.version());
  }

  long highest() {
    return highest;
  }

  /// What the store may have forgotten.
  List<HeldBack> known(TurnWish wish) {
    return tellsKnown
        ? Stream.concat(known.stream(), wish.failed().stream()).distinct().toList()
        : List.of();
  }

  void answered(TurnWish wish, Step step, Duration asked, Duration now, Outcome<Board> outcome) {
    switch (outcome) {
      case Outcome.Failed<Board>(var failure) -> {
        problem = failure.message();
        nextCall = now.plus(times.retry());
      }
      case Outcome.Done<Board>(var read) -> read(wish, step, asked, now, read);
    }
  }

  private void read(TurnWish wish, Step step, Duration asked, Duration now, Board read) {
    problem = "";
    board = read;
    reads++;
    lookedAt = asked;
    highest = Math.max(highest, read.token());
    var isNew = !read.epoch().equals(epoch);
    epoch = read.epoch();
    if (isNew && !tellsKnown) {
      // What failed is told again once, before it is taken for unknown.
      tellsKnown = true;
    } else {
      tellsKnown = false;
      known = read.heldBack();
    }
    switch (step) {
      case Step.Fail(var what) -> reported.add(what.change().digest());
      case Step.Lift(var digest) -> liftedHere.add(digest);
      case Step.Tell _,
          Step.Take _,
          Step.Force _,
          Step.Keep _,
          Step.Pass _,
          Step.Approve _,
          Step.Withdraw _ -> {}
    }
    reported.retainAll(wish.failed().stream().map(f -> f.change().digest()).toList());
    liftedHere.retainAll(wish.lift());
    waitsSince = wish.wants().isEmpty() ? 0 : waitsSince > 0 ? waitsSince : read.now();
    hold(step, asked, read);
    var hurries = mine != null || wish.wants().isPresent() || wish.changes().isPresent();
    var unconfirmed = mine != null && !confirmed;
    nextCall =
        tellsKnown
            ? now
            : asked.plus(unconfirmed ? times.confirm() : hurries ? times.busy() : times.quiet());
  }

  private void hold(Step step, Duration asked, Board read) {
    var before = mine;
    mine = read.holder(me).orElse(null);
    if (mine == null) {
      confirmed = false;
      return;
    }
    var isSame = before != null && before.token() == mine.token();
    if (!isSame) {
      grantEpoch = read.epoch();
    }
    switch (step) {
      case Step.Keep(var held, var restores) -> {
        // One that was put back was confirmed before.
        confirmed = isSame || (restores.isPresent() && held.change().equals(mine.change()));
        keptFrom = asked;
      }
      case Step.Force _ -> {
        confirmed = true;
        keptFrom = asked;
      }
      case Step.Take _ -> {
        confirmed = confirmed && isSame;
        keptFrom = isSame ? keptFrom : asked;
      }
      case Step.Tell _, Step.Fail _, Step.Lift _, Step.Pass _, Step.Approve _, Step.Withdraw _ ->
          confirmed = confirmed && isSame;
    }
  }

  private List<String> lifted(TurnWish wish) {
    var mine = wish.failed().stream().map(f -> f.change().digest()).collect(Collectors.toSet());
    return seen().heldBack().stream()
        .filter(HeldBack::lifted)
        .map(h -> h.change().digest())
        .filter(mine::contains)
        .filter(reported::contains)
        .toList();
  }

  /// How it stands; holds for as long as nothing is heard.
  TurnStatus standing(TurnWish wish, Duration now) {
    var calledOff = calledOff(wish);
    var verdict =
        board == null || wish.wants().isEmpty()
            ? Optional.<TurnRules.Verdict>empty()
            : calledOff.or(() -> Optional.of(verdict(wish)));
    var begins = confirmed && calledOff.isEmpty() ? keptFrom.plus(times.giveUp()) : Duration.ZERO;
    var has = hasTurn(wish) && calledOff.isEmpty();
    var reason =
        !problem.isEmpty()
            ? "the group cannot be asked, so no rollout begins: " + problem
            : has
                ? now.compareTo(begins) < 0 ? "" : "has the turn, and confirms it"
                : verdict.filter(v -> !v.may()).map(TurnRules.Verdict::reason).orElse("");
    return new TurnStatus(
        Optional.ofNullable(board),
        Optional.ofNullable(mine),
        begins,
        wish.wants().isEmpty() ? "" : reason,
        verdict.flatMap(TurnRules.Verdict::heldBack).isPresent(),
        lifted(wish),
        problem);
  }
}
