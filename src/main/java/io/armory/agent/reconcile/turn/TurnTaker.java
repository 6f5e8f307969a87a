package io.armory.agent.reconcile.turn;

import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.SharedRedis;
import io.armory.agent.port.Supervised;
import io.armory.agent.port.Threads;
import io.armory.agent.port.TurnStore;
import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Step;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the [Turn] on a thread of its own, so that a Redis that answers slowly holds nobody up. The
/// loop reads how it stands, and says what the node wants.
public final class TurnTaker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.turn");

  private final SharedRedis redis;
  private final TurnTimes times;
  private final Supplier<Duration> uptime;
  private final InstantSource clock;
  private final Threads threads;
  private final Runnable wake;
  private final Semaphore news;
  private volatile @Nullable Said said;
  private volatile TurnStatus standing = TurnStatus.NOTHING;
  private volatile boolean ending;
  private @Nullable Thread thread;

  // The thread's own.
  private @Nullable Place place;
  private @Nullable TurnStore store;
  private @Nullable Turn turn;
  private boolean might;

  /// Where a group takes its turns.
  ///
  /// @param node unique in the group, for people too
  public record Place(RemoteRedis redis, String group, String node) {
    boolean isSameAs(Place other) {
      return group.equals(other.group) && node.equals(other.node) && redis.isSameAs(other.redis);
    }
  }

  private record Said(Place where, TurnWish wish) {}

  /// @param uptime the time since the node's boot
  /// @param wake called when a change may begin that might not before, or the other way round
  public TurnTaker(
      SharedRedis redis,
      TurnTimes times,
      Supplier<Duration> uptime,
      InstantSource clock,
      Threads threads,
      Runnable wake) {
    this.redis = redis;
    this.times = times;
    this.uptime = uptime;
    this.clock = clock;
    this.threads = threads;
    this.wake = wake;
    this.news = threads.semaphore(0);
  }

  /// What the loop knows. The thread exists only where there is a group.
  public void hear(Optional<Place> where, TurnWish wish) {
    said = where.map(w -> new Said(w, wish)).orElse(null);
    if (where.isPresent() && thread == null) {
      thread = threads.start("turn", new Supervised(threads, LOG, "the turn", this::once));
    }
    news.release();
  }

  public TurnStatus standing() {
    return standing;
  }

  /// Whether this change may be begun now.
  public boolean mayBegin(String digest) {
    return standing.mayBegin(digest, uptime.get());
  }

  private boolean once() throws InterruptedException {
    if (ending) {
      return false;
    }
    var heard = said;
    if (heard == null) {
      leave();
      Threads.await(news, Duration.ofSeconds(1));
      return true;
    }
    settleIn(heard);
    var running = turn;
    var asked = store;
    if (running == null || asked == null) {
      return true;
    }
    var wish = heard.wish();
    var step = running.due(wish, uptime.get(), clock.instant());
    if (step.isEmpty()) {
      publish(running.standing(wish, uptime.get()), wish);
      Threads.await(news, running.nextAt(wish, uptime.get()).minus(uptime.get()));
      return true;
    }
    ask(running, asked, wish, step.get());
    return true;
  }

  private void ask(Turn running, TurnStore asked, TurnWish wish, Step step) {
    var before = uptime.get();
    var board =
        asked.exchange(
            running.member(wish), times.ttl(), step, running.highest(), running.known(wish));
    running.answered(wish, step, before, uptime.get(), board);
    publish(running.standing(wish, uptime.get()), wish);
  }

  /// Moves to where the loop wants it, and gives back what it has where it is.
  private void settleIn(Said heard) {
    var here = place;
    if (here != null && here.isSameAs(heard.where())) {
      return;
    }
    leave();
    place = heard.where();
    turn = new Turn(heard.where().node(), times);
    store = redis.turns(heard.where().redis(), heard.where().group());
  }

  private void leave() {
    var open = store;
    var held = standing.mine();
    var heard = said;
    if (open != null && held.isPresent() && heard != null && turn != null) {
      var _ =
          open.exchange(
              turn.member(heard.wish()), times.ttl(), new Step.Pass(held.get()), 0, List.of());
    }
    if (open != null) {
      open.close();
    }
    place = null;
    store = null;
    turn = null;
    standing = TurnStatus.NOTHING;
  }

  private void publish(TurnStatus next, TurnWish wish) {
    var before = standing;
    standing = next;
    var may = wish.wants().filter(w -> next.mayBegin(w.digest(), uptime.get())).isPresent();
    var turned = may != might;
    might = may;
    if (turned
        || isNews(before, next)
        || !before.reason().equals(next.reason())
        || !before.mine().equals(next.mine())) {
      wake.run();
    }
  }

  /// What a node says of the time that it has waited is no news.
  private static boolean isNews(TurnStatus before, TurnStatus next) {
    return !before.board().map(Board::holders).equals(next.board().map(Board::holders))
        || !before.board().map(Board::approved).equals(next.board().map(Board::approved))
        || !before.board().map(Board::heldBack).equals(next.board().map(Board::heldBack))
        || !before.board().map(TurnTaker::states).equals(next.board().map(TurnTaker::states));
  }

  private static List<String> states(Board board) {
    return board.members().stream()
        .map(m -> m.node() + " " + m.ready() + " " + m.revision() + " " + m.wants())
        .toList();
  }

  /// Gives nothing back: an agent that comes back in time goes on with its turn.
  @Override
  public void close() {
    ending = true;
    Threads.interrupt(thread);
  }
}
