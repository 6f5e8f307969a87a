package io.armory.agent.reconcile;

import io.armory.agent.domain.Network;
import io.armory.agent.domain.Revision;
import io.armory.agent.domain.Service;
import io.armory.agent.domain.ServiceReport;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which revision is to run: the new one until it is proven or has failed, then the last known good
/// one. A failed revision is not tried again until it changes, or an operator asks for it. Owned by
/// the loop's thread.
final class Rollout {
  /// Attempts to mend one changed service after which the revision is taken for bad.
  static final int CRASH_LIMIT = 5;

  private final Duration timeout;
  private final LinkedHashMap<String, String> rejected = new LinkedHashMap<>();

  /// Which of the rejected ones the sources ask for.
  private @Nullable String refrained;

  private @Nullable Revision target;
  private @Nullable Revision good;
  private @Nullable String goodId;
  private Instant since = Instant.EPOCH;
  private Instant deadline = Instant.MAX;
  private boolean proven;
  private boolean rollingBack;
  private @Nullable String refusal;
  private Set<String> changed = Set.of();
  private @Nullable String hopeless;
  private @Nullable GaveUp gaveUp;
  private boolean crashed; // with nothing to go back to, and that was said
  private @Nullable Instant stalledSince;
  private String stalledBy = "";
  private String stalledDetail = "";

  /// What became of the revision under way.
  sealed interface Verdict {
    record Undecided() implements Verdict {}

    record Proven(Revision revision) implements Verdict {}

    /// @param backTo empty: there is nothing to go back to, it is tried on
    record Failed(Revision revision, String why, Optional<Revision> backTo) implements Verdict {}
  }

  /// A revision failed that there was nothing to go back from to.
  private record GaveUp(Instant at, String why) {}

  private static final Verdict UNDECIDED = new Verdict.Undecided();

  /// @param timeout for a revision to become healthy, its images' pulls not counted
  Rollout(Duration timeout) {
    this.timeout = timeout;
  }

  void rejectedBefore(Map<String, String> reasons) {
    rejected.putAll(reasons);
  }

  void knownGood(Revision revision) {
    good = revision;
    goodId = revision.id();
  }

  /// A revision from the sources.
  ///
  /// @return whether it is now the one to run
  boolean offer(Revision revision, Instant now) {
    refrained = rejected.containsKey(revision.id()) ? revision.id() : null;
    return adopt(revision, now);
  }

  /// As [#offer], of one that the sources did not give: what they gave last is still that.
  boolean adopt(Revision revision, Instant now) {
    var current = target;
    if (rejected.containsKey(revision.id())
        || (current != null && current.id().equals(revision.id()))) {
      return false;
    }
    rollingBack = false;
    start(revision, now);
    return true;
  }

  /// An operator wants the rejected revision of the sources tried again: the next time they give
  /// it.
  ///
  /// @return whether one was rejected
  boolean forgive() {
    var forgiven = refrained;
    refrained = null;
    return forgiven != null && rejected.remove(forgiven) != null;
  }

  /// Judges the revision under way.
  ///
  /// @param converged nothing is planned and nothing waited for
  /// @param pulls while images come, or the registry is away (not: refuses), time does not count;
  ///   nor while the engine has no room for the next container, as long as what runs serves
  /// @param redis what is wrong with the remote Redis: time stands still, unless it is a new one
  /// @param attempts service → attempts at mending it lately
  Verdict judge(
      List<ServiceReport> services,
      boolean converged,
      Hands.ImagePulls pulls,
      Optional<String> redis,
      Map<String, Integer> attempts,
      Instant now) {
    var current = target;
    if (current == null || proven) {
      return UNDECIDED;
    }
    if (converged && services.stream().allMatch(s -> s.optional() || counts(s))) {
      proven = true;
      hopeless = null;
      rollingBack = false;
      good = current;
      goodId = current.id();
      return new Verdict.Proven(current);
    }
    var away =
        redis
            .filter(r -> keepsRedis())
            .map(r -> "the remote Redis is out")
            .or(() ->
                pulls
                    .noRoom()
                    .filter(n -> services.stream().allMatch(s -> s.optional() || counts(s)))
                    .map(n -> "the engine's disk is full (" + n + ")"))
            .or(() -> hindrance(services, pulls.hindered()));
    stall(pulls, away, now);
    var its = redis.filter(r -> !keepsRedis()).map("its remote Redis: "::concat);
    var back = Optional.ofNullable(good).filter(g -> !g.id().equals(current.id()));
    var outside = Stream.concat(its.stream(), pulls.failed().stream()).toList();
    var own = new HashMap<>(attempts);
    own.keySet().removeAll(pulls.hindered().keySet());
    return failure(services, outside, own, now)
        .map(why -> {
          back.ifPresent(g -> {
            rejected.put(current.id(), why);
            refrained = current.id();
            start(g, now);
            rollingBack = true;
          });
          deadline = now.plus(timeout);
          crashed = back.isEmpty();
          gaveUp = back.isEmpty() ? new GaveUp(now, why) : gaveUp;
          hopeless = back.isEmpty() && pulls.failed().isEmpty() ? why : null;
          return (Verdict) new Verdict.Failed(current, why, back);
        })
        .orElse(UNDECIDED);
  }

  /// What keeps the revision from going on that is not its doing: nothing it changed is down for
  /// it.
  private Optional<String> hindrance(List<ServiceReport> services, Map<String, String> hindered) {
    var isOthers =
        services.stream()
            .filter(s -> !s.optional() && !counts(s))
            .allMatch(s -> hindered.containsKey(s.name()) && !changed.contains(s.name()));
    return isOthers
        ? hindered.values().stream().sorted().findFirst().map("something else fails: "::concat)
        : Optional.empty();
  }

  /// The engine cannot be read: nothing is known of the revision under way, nor done for it, so
  /// that time does not count.
  void unseen(Instant now) {
    if (target != null && !proven) {
      deadline = now.plus(timeout);
    }
  }

  /// A definition that the engine refuses: only a change of it helps, so there is nothing to wait
  /// for.
  void refused(String service, String message) {
    if (changed.contains(service)) {
      refusal = service + ": " + message;
    }
  }

  /// A network that the engine refuses to make: likewise.
  void refused(Network network, String message) {
    var before = good == null ? null : good.stack().networks().get(network.key());
    if (!proven
        && !rollingBack
        && (before == null || !before.definitionHash().equals(network.definitionHash()))) {
      refusal = "network " + network.key() + ": " + message;
    }
  }

  /// Why the only revision there is failed, its images being at hand; empty: none did. It is tried
  /// on all the same.
  Optional<String> hopeless() {
    return Optional.ofNullable(hopeless);
  }

  /// Why the revision under way failed after `from`, with nothing to go back to; it is tried on.
  Optional<String> gaveUpAfter(Instant from) {
    return Optional.ofNullable(gaveUp).filter(g -> g.at().isAfter(from)).map(GaveUp::why);
  }

  /// Why the revision under way gets nowhere: something outside this node has been away for as long
  /// as a rollout may take. It is tried on, and what runs goes on running.
  Optional<String> stalled(Instant now) {
    var from = stalledSince;
    return from == null || now.isBefore(from.plus(timeout))
        ? Optional.empty()
        : Optional.of(
            "%s, for %d s now%s"
                .formatted(stalledBy, Duration.between(from, now).toSeconds(), stalledDetail));
  }

  /// Somebody asked for it to be tried anew: the time it gets nowhere is counted from now.
  void tryAnew() {
    stalledSince = null;
  }

  void clockSet(Duration by) {
    var from = stalledSince;
    stalledSince = from == null ? null : from.plus(by);
    if (target != null) {
      since = since.plus(by);
      deadline = deadline.plus(by);
    }
  }

  /// What is away is not the revision's fault, so its time stands still; nothing is stopped for it.
  private void stall(Hands.ImagePulls pulls, Optional<String> outage, Instant now) {
    if (pulls.underWay() || pulls.outage() || outage.isPresent()) {
      deadline = now.plus(timeout);
    }
    if (outage.isEmpty() && !pulls.outage()) {
      stalledSince = null;
      return;
    }
    stalledBy = outage.orElse("its images cannot be pulled");
    stalledDetail =
        outage.isPresent()
            ? "; `armory-agent doctor` says more"
            : ": %s; check the registry and the way to it"
                .formatted(String.join("; ", pulls.failed()));
    if (stalledSince == null) {
      stalledSince = now;
    }
  }

  /// The Redis is the one of the last known good revision: what is wrong with it is not this one's
  /// doing.
  boolean keepsRedis() {
    var from = good;
    var to = target;
    return from == null
        || to == null
        || from.redis().flatMap(r -> to.redis().filter(r::isSameAs)).isPresent();
  }

  /// What the containers of a failed revision had to say, which takes a moment to be read.
  void explain(String revision, String more) {
    rejected.computeIfPresent(revision, (id, why) -> why + more);
    var last = gaveUp;
    var current = target;
    if (last != null && current != null && current.id().equals(revision)) {
      gaveUp = new GaveUp(last.at(), last.why() + more);
    }
  }

  Optional<Revision> target() {
    return Optional.ofNullable(target);
  }

  Optional<Revision> good() {
    return Optional.ofNullable(good);
  }

  boolean hasGood() {
    return goodId != null;
  }

  Instant since() {
    return since;
  }

  boolean isProven() {
    return proven;
  }

  boolean isRollingBack() {
    return rollingBack;
  }

  Map<String, String> rejected() {
    return Map.copyOf(rejected);
  }

  /// The revision of the sources, if it failed and another is run for it, and why; empty: theirs is
  /// run.
  Optional<String> lastRejected() {
    return Optional.ofNullable(refrained).map(id -> "revision " + id + ": " + rejected.get(id));
  }

  private void start(Revision revision, Instant now) {
    target = revision;
    since = now;
    deadline = now.plus(timeout);
    proven = false;
    hopeless = null;
    crashed = false;
    gaveUp = null;
    refusal = null;
    stalledSince = null;
    changed = rollingBack ? Set.of() : changes(revision);
  }

  /// The services whose definition the revision changes; all of them on a node without a history.
  private Set<String> changes(Revision revision) {
    var before = good;
    return revision.stack().services().values().stream()
        .filter(s -> {
          var old = before == null ? null : before.stack().services().get(s.name());
          return old == null || !old.definitionHash().equals(s.definitionHash());
        })
        .map(Service::name)
        .collect(Collectors.toSet());
  }

  private static boolean counts(ServiceReport s) {
    return s.isUp()
        || s.state() == ServiceReport.State.STOPPED
        || s.state() == ServiceReport.State.STANDBY;
  }

  private Optional<String> failure(
      List<ServiceReport> services,
      List<String> outside,
      Map<String, Integer> attempts,
      Instant now) {
    var refused = refusal;
    refusal = null;
    if (refused != null) {
      return Optional.of(refused);
    }
    var crashing =
        services.stream()
            .filter(s -> !crashed && changed.contains(s.name()) && !s.isUp() && !s.optional())
            .filter(s -> attempts.getOrDefault(s.name(), 0) > CRASH_LIMIT)
            .findFirst();
    if (crashing.isPresent()) {
      return Optional.of(describe(crashing.get()) + ", " + CRASH_LIMIT + " restarts did not help");
    }
    if (now.isBefore(deadline)) {
      return Optional.empty();
    }
    var down =
        Stream.concat(
                outside.stream(),
                services.stream().filter(s -> !s.optional() && !counts(s)).map(Rollout::describe))
            .collect(Collectors.joining("; "));
    return Optional.of(
        "not healthy within %d s: %s"
            .formatted(timeout.toSeconds(), down.isEmpty() ? open(services) : down));
  }

  /// What is still to be done, and what keeps it from being done.
  private static String open(List<ServiceReport> services) {
    return services.stream()
        .filter(s -> !s.doing().isEmpty())
        .map(s -> s.name() + ": " + s.doing())
        .findFirst()
        .orElse("still changing");
  }

  private static String describe(ServiceReport s) {
    return s.name() + " is " + s.state().name().toLowerCase(Locale.ROOT) + ": " + s.reason();
  }
}
