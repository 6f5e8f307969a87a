package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.reconcile.desired.RolloutState.Attempt;
import io.armory.agent.reconcile.execute.ActionTracker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which revision is to run: the new one until it is proven or has failed, then the last known good
/// one. A failed revision is not tried again until it changes, or an operator asks for it. Owned by
/// the loop's thread.
public final class Rollout {
  /// So many times the usual time may pass while a data store loads.
  static final int LOADING_MOST = 6;

  private final Duration timeout;
  private final Duration bake;
  private final Rejections rejected = new Rejections();
  private ProvenImages images = ProvenImages.NONE;

  /// An image that failed beside a revision that is not at fault itself.
  private Optional<RolloutState.GaveUp> badImage = Optional.empty();

  private RolloutState state = new RolloutState.None();
  private Optional<Revision> good = Optional.empty();

  /// What became of the revision under way.
  public sealed interface Verdict {
    record Undecided() implements Verdict {}

    record Proven(Revision revision) implements Verdict {}

    /// It is healthy, and good when it stays so.
    record Healthy(Revision revision, Instant goodAt) implements Verdict {}

    /// @param backTo empty: there is nothing to go back to, it is tried on
    record Failed(Revision revision, String why, Optional<Revision> backTo) implements Verdict {}
  }

  private static final Verdict UNDECIDED = new Verdict.Undecided();

  /// @param timeout without progress after which a revision has failed, its images' pulls not
  ///   counted
  /// @param bake how long it has to be healthy before it is the one to go back to
  public Rollout(Duration timeout, Duration bake) {
    this.timeout = timeout;
    this.bake = bake;
  }

  public void rejectedBefore(Map<String, String> reasons) {
    rejected.before(reasons);
  }

  public void knownGood(Revision revision) {
    good = Optional.of(revision);
  }

  /// A revision from the sources.
  ///
  /// @return whether it is now the one to run
  boolean offer(Revision revision, Instant now) {
    rejected.offered(revision.id());
    return adopt(revision, now);
  }

  /// As [#offer], of one that the sources did not give: what they gave last is still that.
  boolean adopt(Revision revision, Instant now) {
    if (rejected.contains(revision.id())
        || state.target().filter(r -> r.id().equals(revision.id())).isPresent()) {
      return false;
    }
    state = new RolloutState.RollingOut(Attempt.begin(revision, changes(revision), now, timeout));
    return true;
  }

  /// An operator wants the rejected revision of the sources tried again: the next time they give
  /// it.
  ///
  /// @return whether one was rejected
  public boolean forgive() {
    return rejected.forgive();
  }

  /// Somebody wants it whatever came of it before, here or on another node.
  ///
  /// @return whether it was rejected
  public boolean forgive(String revision) {
    return rejected.forgive(revision);
  }

  /// What the images on the node are now. One whose tag means other bytes than those that were
  /// proven is tried as a new revision is.
  ///
  /// @param here reference or ID → ID
  /// @return what is tried, in words; empty: nothing new is
  public Optional<String> imagesAre(Map<String, String> here, Instant now) {
    images = new ProvenImages(here);
    var moved = new TreeMap<>(good.filter(this::isTarget).map(images::replaced).orElse(Map.of()));
    moved.keySet().removeIf(name -> rejected.contains(images.key(name)));
    if (moved.isEmpty() || isRollingBack()) {
      return Optional.empty();
    }
    var changed = ProvenImages.users(good.orElseThrow(), moved.keySet());
    if (!isProven()) {
      change(a -> a.changing(changed));
      return Optional.empty();
    }
    state = new RolloutState.RollingOut(Attempt.begin(good.orElseThrow(), changed, now, timeout));
    return Optional.of(
        moved.entrySet().stream()
            .map(e ->
                "image %s is %s now, was %s"
                    .formatted(e.getKey(), shortId(here.get(e.getKey())), shortId(e.getValue())))
            .collect(Collectors.joining("; ")));
  }

  /// Reference → the image that was proven, where it is to be used whatever the reference means.
  public Map<String, String> heldImages() {
    var proven = good.filter(this::isTarget);
    if (proven.isEmpty()) {
      return Map.of();
    }
    var moved = new TreeMap<>(images.moved(proven.get()));
    moved.keySet().removeIf(name -> !isRollingBack() && !rejected.contains(images.key(name)));
    return images.kept(moved);
  }

  private boolean isTarget(Revision revision) {
    return state.target().filter(t -> t.id().equals(revision.id())).isPresent();
  }

  private static String shortId(@Nullable String id) {
    var plain = id == null ? "" : id.substring(id.indexOf(':') + 1);
    return plain.substring(0, Math.min(12, plain.length()));
  }

  /// Judges the revision under way.
  ///
  /// @param converged nothing is planned and nothing waited for
  /// @param pulls while images come, or the registry is away (not: refuses), time does not count;
  ///   nor while the engine has no room for the next container, as long as what runs serves
  /// @param redis what is wrong with the remote Redis: time stands still, unless it is a new one
  /// @param fallen where what a service depends on was not well either, its fall is not held
  ///   against the revision
  public Verdict judge(
      List<ServiceReport> services,
      boolean converged,
      ActionTracker.ImagePulls pulls,
      Optional<String> redis,
      Falls fallen,
      Instant now) {
    var attempt = state.underWay().map(a -> a.looked(services, now, timeout)).orElse(null);
    if (attempt == null) {
      return UNDECIDED;
    }
    var own = fallen.without(pulls.hindered().keySet());
    var check = new RolloutCheck(attempt, services, own, now);
    if (state instanceof RolloutState.Baking baking) {
      var down = baking.fallen(services, own);
      if (down.isPresent()) {
        return failed(attempt, fell(down.get(), baking.begun(), now), true, now);
      }
      if (check.isHealthy() && (converged || baking.from().isPresent())) {
        var from = baking.from().orElse(now);
        state = baking.forgetting(own).since(Optional.of(from));
        return now.isBefore(from.plus(bake)) ? UNDECIDED : settled(attempt);
      }
      state = baking.forgetting(own).since(Optional.empty());
    } else if (converged && check.isHealthy()) {
      return healthy(attempt, own, now);
    }
    var out = redis.filter(_ -> keepsRedis());
    var its = redis.filter(_ -> out.isEmpty()).map("its remote Redis: "::concat);
    var outside = Stream.concat(its.stream(), pulls.failed().stream()).toList();
    var waiting = check.waiting(out.isPresent(), pulls, timeout);
    var why = new RolloutCheck(waiting, services, own, now).failure(outside, timeout);
    if (why.isEmpty()) {
      state = state.with(waiting.refused(Optional.empty()));
      return UNDECIDED;
    }
    return failed(waiting.refused(Optional.empty()), why.get(), pulls.failed().isEmpty(), now);
  }

  private Verdict healthy(Attempt attempt, Falls fallen, Instant now) {
    var revision = attempt.revision();
    var isNew = !isRollingBack() && good.filter(g -> differs(g, revision)).isPresent();
    if (!isNew || bake.isZero()) {
      return settled(attempt);
    }
    // It has its whole time again when it is not healthy later, however it comes and goes till
    // then.
    var inTime = attempt.until(now.plus(bake).plus(timeout));
    state = new RolloutState.Baking(inTime, now, Optional.of(now), fallen.times());
    return new Verdict.Healthy(revision, now.plus(bake));
  }

  private Verdict settled(Attempt attempt) {
    var proven =
        good.filter(g -> isRollingBack() && isTarget(g) && !g.images().isEmpty())
            .orElseGet(() -> images.prove(attempt.revision(), heldImages()));
    state = new RolloutState.Settled(attempt.revision(), attempt.since());
    good = Optional.of(proven);
    return new Verdict.Proven(proven);
  }

  /// Another one, or the same with other images.
  private boolean differs(Revision proven, Revision revision) {
    var held = heldImages();
    return !proven.id().equals(revision.id())
        || !held.keySet().containsAll(images.replaced(proven).keySet());
  }

  private static String fell(ServiceReport s, Instant begun, Instant now) {
    return "%s fell over %d s after all was healthy: %s"
        .formatted(s.name(), Duration.between(begun, now).toSeconds(), RolloutCheck.lastFailure(s));
  }

  /// When the revision under way becomes the one to go back to, if it stays healthy.
  public Optional<Instant> goodAt() {
    return state instanceof RolloutState.Baking baking
        ? baking.from().map(from -> from.plus(bake))
        : Optional.empty();
  }

  /// @param imagesAreHere nothing that comes from outside will help
  private Verdict failed(Attempt attempt, String why, boolean imagesAreHere, Instant now) {
    var revision = attempt.revision();
    var back = good.filter(g -> !isRollingBack() && differs(g, revision));
    if (back.isPresent()) {
      rejected(back.get(), revision, why, now);
      state = new RolloutState.RollingBack(Attempt.begin(back.get(), Set.of(), now, timeout));
    } else {
      state =
          state.with(
              attempt
                  .until(now.plus(timeout))
                  .gaveUp(new RolloutState.GaveUp(now, why, imagesAreHere)));
    }
    return new Verdict.Failed(revision, why, back);
  }

  private void rejected(Revision proven, Revision revision, String why, Instant now) {
    images.replaced(proven).keySet().forEach(name -> rejected.image(images.key(name), why));
    if (proven.id().equals(revision.id())) {
      badImage = Optional.of(new RolloutState.GaveUp(now, why, true));
    } else {
      rejected.revision(revision.id(), why);
    }
  }

  /// Why images were taken back after `from`, the revision staying the same.
  public Optional<String> imagesTakenBackAfter(Instant from) {
    return badImage.filter(b -> b.at().isAfter(from)).map(RolloutState.GaveUp::why);
  }

  /// The engine cannot be read: nothing is known of the revision under way, nor done for it, so
  /// that time does not count.
  public void unseen(Instant now) {
    change(a -> a.until(now.plus(timeout)));
    if (state instanceof RolloutState.Baking baking) {
      state = baking.since(Optional.empty());
    }
  }

  /// A data store loads what it has kept, and says so: that is the way to the revision, not its
  /// doing, within reason.
  public void loads(Instant now) {
    var longest = timeout.multipliedBy(LOADING_MOST);
    change(a -> now.isBefore(a.since().plus(longest)) ? a.until(now.plus(timeout)) : a);
  }

  /// A definition that the engine refuses: only a change of it helps, so there is nothing to wait
  /// for.
  public void refused(String service, String message) {
    change(
        a -> a.changed().contains(service) ? a.refused(Optional.of(service + ": " + message)) : a);
  }

  /// A network that the engine refuses to make: likewise.
  public void refused(Network network, String message) {
    var isAsItWas =
        good.flatMap(g -> Optional.ofNullable(g.stack().networks().get(network.key())))
            .filter(n -> n.definitionHash().equals(network.definitionHash()))
            .isPresent();
    if (!isRollingBack() && !isAsItWas) {
      change(a -> a.refused(Optional.of("network " + network.key() + ": " + message)));
    }
  }

  private void change(UnaryOperator<Attempt> by) {
    state = state.underWay().map(by).map(state::with).orElse(state);
  }

  /// Why the only revision there is failed, its images being at hand; empty: none did. It is tried
  /// on all the same.
  public Optional<String> hopeless() {
    return gaveUp().filter(RolloutState.GaveUp::hopeless).map(RolloutState.GaveUp::why);
  }

  /// Why the revision under way failed after `from`, with nothing to go back to; it is tried on.
  public Optional<String> gaveUpAfter(Instant from) {
    return gaveUp().filter(g -> g.at().isAfter(from)).map(RolloutState.GaveUp::why);
  }

  private Optional<RolloutState.GaveUp> gaveUp() {
    return state.underWay().flatMap(Attempt::gaveUp);
  }

  /// Why the revision under way gets nowhere: something outside this node has been away for as long
  /// as a rollout may take. It is tried on, and what runs goes on running.
  public Optional<String> stalled(Instant now) {
    return state
        .underWay()
        .flatMap(Attempt::stall)
        .filter(stall -> !now.isBefore(stall.since().plus(timeout)))
        .map(stall ->
            "%s, for %d s now%s"
                .formatted(
                    stall.by(), Duration.between(stall.since(), now).toSeconds(), stall.detail()));
  }

  /// Somebody asked for it to be tried anew: the time it gets nowhere is counted from now.
  public void tryAnew() {
    change(a -> a.stalled(Optional.empty()));
  }

  public void clockSet(Duration by) {
    state = state.clockSet(by);
  }

  /// The Redis is the one of the last known good revision: what is wrong with it is not this one's
  /// doing.
  public boolean keepsRedis() {
    var to = state.target();
    return good.isEmpty()
        || to.isEmpty()
        || good.get().redis().flatMap(r -> to.get().redis().filter(r::isSameAs)).isPresent();
  }

  /// What the containers of a failed revision had to say, which takes a moment to be read.
  public void explain(String revision, String more) {
    rejected.explain(revision, more);
    change(a ->
        a.revision().id().equals(revision)
            ? a.gaveUp()
                .map(g -> a.gaveUp(new RolloutState.GaveUp(g.at(), g.why() + more, g.hopeless())))
                .orElse(a)
            : a);
  }

  public Optional<Revision> target() {
    return state.target();
  }

  public Optional<Revision> good() {
    return good;
  }

  public Instant since() {
    return state.since();
  }

  public boolean isProven() {
    return state instanceof RolloutState.Settled;
  }

  public boolean isRollingBack() {
    return state instanceof RolloutState.RollingBack;
  }

  public Map<String, String> rejected() {
    return rejected.all();
  }

  /// Which of the rejected ones the sources ask for.
  public Optional<String> refrained() {
    return rejected.refrained();
  }

  /// The revision of the sources, if it failed and another is run for it, and why; empty: theirs is
  /// run.
  public Optional<String> lastRejected() {
    return refrained()
        .map(id -> "revision " + id + ": " + rejected.why(id))
        .or(() ->
            heldImages().keySet().stream()
                .filter(name -> rejected.contains(images.key(name)))
                .sorted()
                .findFirst()
                .map(name ->
                    "what image %s is now: %s".formatted(name, rejected.why(images.key(name)))));
  }

  /// The services whose definition the revision changes; all of them on a node without a history.
  private Set<String> changes(Revision revision) {
    var before = good.map(g -> g.stack().services()).orElse(Map.of());
    return revision.stack().services().values().stream()
        .filter(s -> {
          var old = before.get(s.name());
          return old == null || !old.definitionHash().equals(s.definitionHash());
        })
        .map(Service::name)
        .collect(Collectors.toSet());
  }
}
