package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.Lifecycle;
import io.armory.agent.port.Lifecycle.Hook;
import io.armory.agent.port.Lifecycle.Membership;
import io.armory.agent.port.Lifecycle.Transition;
import io.armory.agent.port.Lifecycle.Verdict;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import io.armory.agent.reconcile.execute.ImagePuller;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers the group's lifecycle hooks while it waits for them: heartbeats until the node is ready,
/// or drained, or has failed for good; then the answer, until it is taken. Answering twice does no
/// harm, so nothing of this is kept.
final class LifecycleHooks {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.lifecycle");

  /// Stopping gets so much of what a termination hook grants in all, up to ten minutes.
  private static final int STOPPING_SHARE = 4;

  private static final Duration MOST_FOR_STOPPING = Duration.ofMinutes(10);

  /// For the answer itself, after everything is stopped.
  private static final Duration MOST_RESERVE = Duration.ofSeconds(10);

  private final ReconcilerDriver loop;
  private final ReconcilerPorts parts;
  private final DrainController drainer;
  private final Lifecycle lifecycle;
  private final Map<String, Instant> beats = new HashMap<>();
  private final Map<String, Instant> firstSeen = new HashMap<>();
  private final Set<String> answered = new HashSet<>();
  private volatile List<String> lines = List.of();
  private @Nullable List<Hook> hooks;
  private String of = "";
  private boolean pulled;

  LifecycleHooks(
      ReconcilerDriver loop, ReconcilerPorts parts, DrainController drainer, Lifecycle lifecycle) {
    this.loop = loop;
    this.parts = parts;
    this.drainer = drainer;
    this.lifecycle = lifecycle;
  }

  List<String> lines() {
    return lines;
  }

  /// @param now by the steady clock
  void mind(NodeIdentity node, Membership membership, HealthReport report, Instant now) {
    if (!membership.waitsForLaunchHook() && !membership.waitsForTerminationHook()) {
      forget();
      return;
    }
    if (!of.equals(membership.state())) {
      forget();
      of = membership.state();
    }
    var said = new ArrayList<String>();
    for (var hook : known(node, membership)) {
      if (concerns(hook, membership) && !answered.contains(hook.name())) {
        firstSeen.putIfAbsent(hook.name(), now);
        verdict(membership, report)
            .ifPresentOrElse(
                verdict -> complete(hook, node, verdict, report), () -> heartbeat(hook, node, now));
        said.add("hook %s waits: %s".formatted(hook.name(), report.ready().reason()));
      }
    }
    lines = said;
  }

  /// A hook added or changed meanwhile counts from the next transition on, as in the group itself.
  private List<Hook> known(NodeIdentity node, Membership membership) {
    var known = hooks;
    if (known == null) {
      switch (lifecycle.hooks(node, membership.group())) {
        case Outcome.Done<List<Hook>>(var found) -> hooks = known = found;
        case Outcome.Failed<List<Hook>>(var failure) -> {
          LOG.warn("{}", failure.message());
          known = List.of();
        }
      }
    }
    return known;
  }

  /// On its way back to the warm pool an instance meets the termination hooks in a state that reads
  /// as that of a launch: there, all are answered.
  private static boolean concerns(Hook hook, Membership membership) {
    return membership.state().equals("Warmed:Pending:Wait")
        || (hook.transition() == Transition.TERMINATING) == membership.waitsForTerminationHook();
  }

  /// Empty: not yet.
  private Optional<Verdict> verdict(Membership membership, HealthReport report) {
    var drained =
        report.lifecycle().drain().filter(d -> d.step() == Drain.Step.STOPPED).isPresent();
    if (membership.waitsForTerminationHook()) {
      return drained ? Optional.of(Verdict.CONTINUE) : Optional.empty();
    }
    if (membership.state().startsWith("Warmed:")) {
      return drained && imagesAreHere() ? Optional.of(Verdict.CONTINUE) : Optional.empty();
    }
    if (report.ready().holds()) {
      return Optional.of(Verdict.CONTINUE);
    }
    return report.lifecycle().hopeless().isPresent()
        ? Optional.of(Verdict.ABANDON)
        : Optional.empty();
  }

  /// What a warm instance is for: it has its images when it is needed.
  private boolean imagesAreHere() {
    var stack = loop.revision().map(r -> r.stack());
    if (!pulled && stack.isPresent()) {
      var outcome = ImagePuller.missing(parts.engine(), stack.get());
      outcome.whyFailed().ifPresent(f -> LOG.warn("warm pool: {}", f.message()));
      pulled = outcome.whyFailed().isEmpty();
    }
    return pulled;
  }

  private void complete(Hook hook, NodeIdentity node, Verdict verdict, HealthReport report) {
    var why =
        verdict == Verdict.ABANDON
            ? report.lifecycle().hopeless().orElse("")
            : report.ready().reason();
    switch (lifecycle.complete(hook, node, verdict)) {
      case Outcome.Done<String>(var words) -> {
        answered.add(hook.name());
        LOG.info("{} ({})", words, why);
        loop.ask(() -> loop.core().event("lifecycle", hook.name(), words, why));
      }
      case Outcome.Failed<String>(var failure) -> LOG.warn("{}; tries again", failure.message());
    }
  }

  private void heartbeat(Hook hook, NodeIdentity node, Instant now) {
    bound(hook);
    var last = beats.get(hook.name());
    // Less than half, so that one that is lost can be made up for.
    var pace = hook.heartbeat().multipliedBy(2).dividedBy(5);
    if (last != null && now.isBefore(last.plus(pace))) {
      return;
    }
    switch (lifecycle.heartbeat(hook, node)) {
      case Outcome.Done<String> _ -> beats.put(hook.name(), now);
      case Outcome.Failed<String>(var failure) when failure.kind() == Failure.Kind.NOT_FOUND ->
          answered.add(hook.name());
      case Outcome.Failed<String>(var failure) -> {
        LOG.warn("{}", failure.message());
        var began = last == null ? firstSeen.getOrDefault(hook.name(), now) : last;
        var ends = began.plus(hook.heartbeat());
        if (failure.kind() == Failure.Kind.DENIED
            || now.isAfter(ends.minus(hook.heartbeat().dividedBy(STOPPING_SHARE)))) {
          var left = Duration.between(now, ends);
          endsAt(drain -> loop.core().now().plus(left), hook.heartbeat());
        }
      }
    }
  }

  /// However many heartbeats come, a hook does not wait for ever: the drain has to fit.
  private void bound(Hook hook) {
    if (hook.transition() == Transition.TERMINATING) {
      endsAt(drain -> drain.since().plus(hook.total()), hook.total());
    }
  }

  /// @param end of the hook, on the loop's thread, for the drain as it is then
  private void endsAt(Function<Drain, Instant> end, Duration whole) {
    loop.ask(() -> {
      // Moves the drain, should the clock have been set.
      var _ = loop.core().now();
      loop.core()
          .course()
          .drain()
          .filter(d -> !d.cause().equals(Drain.Cause.OPERATOR))
          .ifPresent(d -> drainer.begin(ending(d, end.apply(d), whole)));
    });
  }

  private static Drain ending(Drain d, Instant end, Duration whole) {
    var share = whole.dividedBy(STOPPING_SHARE);
    var forStopping = share.compareTo(MOST_FOR_STOPPING) < 0 ? share : MOST_FOR_STOPPING;
    var reserve = whole.dividedBy(20);
    var stopBy = end.minus(reserve.compareTo(MOST_RESERVE) < 0 ? reserve : MOST_RESERVE);
    return new Drain(
        d.cause(),
        d.why(),
        d.instance(),
        d.since(),
        end.minus(forStopping),
        stopBy,
        d.step(),
        d.doing(),
        d.forced());
  }

  private void forget() {
    hooks = null;
    of = "";
    beats.clear();
    firstSeen.clear();
    answered.clear();
    lines = List.of();
    pulled = false;
  }
}
