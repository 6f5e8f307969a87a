package io.armory.agent.reconcile;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Plan;
import io.armory.agent.plan.Situation;
import io.armory.agent.port.EventLog;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the loop does to the world: launches steps, keeps what is under way and what must wait, and
/// writes one line for each action.
final class Hands {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");

  private final Crew crew;
  private final Ledger ledger = new Ledger();
  private final Backoffs backoffs;
  private final EventLog events;
  private final Set<String> pulled = new HashSet<>();
  private final Set<String> outages = new HashSet<>();

  /// What the engine had no room on its disk for, by subject.
  private final Map<String, String> cramped = new HashMap<>();

  /// Why the last action on a subject failed.
  private final Map<String, Failure> refusals = new HashMap<>();

  /// What failed by the fault of neither the definition nor its service, by subject.
  private final Map<String, String> hindered = new HashMap<>();

  private final Map<String, String> progress = new HashMap<>();
  private final EngineTrouble trouble = new EngineTrouble();
  private final Map<String, Long> touched = new HashMap<>();
  private final Set<String> ended = new HashSet<>();
  private final Set<String> removed = new HashSet<>();

  Hands(Crew crew, EventLog events, LoopSettings settings) {
    this.backoffs =
        new Backoffs(settings.backoffFirst(), settings.backoffMost(), RandomGenerator.getDefault());
    this.crew = crew;
    this.events = events;
  }

  long beginLook() {
    return ledger.begin();
  }

  /// @param excused what it starts had not ended by itself
  void launch(Plan.Step step, boolean excused, Instant now) {
    var subject = step.action().subject();
    ledger.started(subject);
    if (isRepair(step.action())) {
      backoffs.attempt(subject, step.cause(), excused, now);
    }
    containerOf(step.action()).ifPresent(id -> touched.put(id, Long.MAX_VALUE));
    switch (step.action()) {
      case Action.StopContainer a -> ended.add(a.id());
      case Action.RestartContainer a -> ended.add(a.id());
      case Action.RemoveContainer a -> removed.add(a.id());
      default -> {}
    }
    crew.launch(step);
  }

  void ended(Message.Acted message, Instant now) {
    var action = message.step().action();
    var subject = action.subject();
    ledger.ended(subject);
    if (!isTidying(action)) {
      trouble.acted(message, now);
    }
    progress.remove(subject);
    cramped.remove(subject);
    hindered.remove(subject);
    containerOf(action).ifPresent(id -> touched.put(id, ledger.now()));
    var cause = message.step().cause();
    switch (message.outcome()) {
      case Outcome.Done<String> _ -> {
        if (action instanceof Action.PullImage p) {
          pulled.add(p.image());
          outages.remove(subject);
        }
        if (action instanceof Action.TryNetwork tried) {
          pulled.add(Situation.trialOf(tried.network()));
        }
        refusals.remove(action.delayedAs());
        if (isTidying(action) || (!isRepair(action) && !isServiceAction(action))) {
          backoffs.forget(action.delayedAs());
        }
        LOG.info(
            "{}: {} ({}) in {} ms", subject, action.describe(), cause, message.took().toMillis());
        events.append(
            new AgentEvent(now, "action", subject, action.describe(), cause, message.took()));
      }
      case Outcome.Failed<String>(var failure) -> {
        if (failure.kind() == Failure.Kind.NO_ROOM && !isImage(subject)) {
          cramped.put(subject, failure.message());
        }
        refused(action, failure);
        if (isNobodysHere(failure) && !isImage(subject)) {
          hindered.put(subject, failure.message());
        }
        if (!isRepair(action)) {
          backoffs.failed(action.delayedAs(), failure.message(), now);
          noteOutage(subject, failure.kind());
        } else {
          backoffs.explain(subject, failure.message());
        }
        LOG.warn("{}: {} failed: {}", subject, action.describe(), failure.message());
        events.append(
            new AgentEvent(
                now,
                "failure",
                subject,
                action.describe() + " failed: " + failure.message(),
                cause,
                message.took()));
      }
    }
  }

  /// What only came too late was refused by nobody.
  private void refused(Action action, Failure failure) {
    if (failure.kind() != Failure.Kind.CONFLICT && failure.kind() != Failure.Kind.NOT_FOUND) {
      refusals.put(action.delayedAs(), failure);
    }
  }

  /// Why the last action on a service failed; empty: it did not.
  Optional<Failure> refusal(String service) {
    return Optional.ofNullable(refusals.get(service));
  }

  private static boolean isTidying(Action action) {
    return !action.delayedAs().equals(action.subject());
  }

  private static boolean isNobodysHere(Failure failure) {
    return switch (failure.blame()) {
      case NODE, OUTSIDE, ENGINE -> true;
      case DEFINITION, UNKNOWN -> false;
    };
  }

  private void noteOutage(String subject, Failure.Kind kind) {
    if (isImage(subject)
        && kind != Failure.Kind.IMAGE_UNAVAILABLE
        && kind != Failure.Kind.INVALID) {
      outages.add(subject);
    } else {
      outages.remove(subject);
    }
  }

  void progressed(String subject, String line) {
    progress.put(subject, line);
  }

  /// Whether the agent itself is stopping a container now, or was when the last look began (its
  /// events may come late): then its end is no surprise. Somebody else may end what is only being
  /// started.
  boolean ends(String containerId) {
    return ended.contains(containerId);
  }

  /// As [#ends], to remove it.
  boolean removes(String containerId) {
    return removed.contains(containerId);
  }

  void looked(long sequence) {
    touched.values().removeIf(ended -> ended < sequence);
    ended.retainAll(touched.keySet());
    removed.retainAll(touched.keySet());
  }

  long latestLook() {
    return ledger.now();
  }

  boolean isIdle() {
    return ledger.isIdle();
  }

  EngineTrouble trouble() {
    return trouble;
  }

  /// Something is being done to one of these services.
  boolean isActingOn(Set<String> services) {
    return ledger.underWay().stream().anyMatch(services::contains);
  }

  /// How the images that are to come are coming.
  ///
  /// @param underWay some are being pulled, and none was in vain
  /// @param failed what was, one line each
  /// @param outage of those that failed, all did so because the registry cannot be reached
  /// @param noRoom what beside images the engine's full disk has no room for
  /// @param hindered subject → what beside images failed by the fault of neither the definition nor
  ///   its service
  record ImagePulls(
      boolean underWay,
      List<String> failed,
      boolean outage,
      Optional<String> noRoom,
      Map<String, String> hindered) {
    ImagePulls(boolean underWay, List<String> failed, boolean outage, Optional<String> noRoom) {
      this(underWay, failed, outage, noRoom, Map.of());
    }

    ImagePulls(boolean underWay, List<String> failed, boolean outage) {
      this(underWay, failed, outage, Optional.empty());
    }
  }

  ImagePulls pulls() {
    var images = backoffs.reasons().entrySet().stream().filter(e -> isImage(e.getKey())).toList();
    var failed = images.stream().map(e -> because(e.getKey(), e.getValue())).sorted().toList();
    return new ImagePulls(
        failed.isEmpty() && ledger.underWay().stream().anyMatch(Hands::isImage),
        failed,
        !images.isEmpty() && images.stream().allMatch(e -> outages.contains(e.getKey())),
        cramped.values().stream().sorted().findFirst(),
        Map.copyOf(hindered));
  }

  /// The reason first: an image's name may be longer than a line.
  private static String because(String image, String why) {
    var attempt = "pull " + image + ": ";
    return (why.startsWith(attempt) ? why.substring(attempt.length()) : why) + " (" + image + ")";
  }

  /// What could not be pulled, or had no room, is tried at once: somebody asked.
  void pullAgain() {
    backoffs.reasons().keySet().stream()
        .filter(s -> isImage(s) || cramped.containsKey(s))
        .filter(s -> !ledger.underWay().contains(s))
        .forEach(backoffs::forget);
  }

  private static boolean isImage(String subject) {
    return subject.startsWith("image ");
  }

  Set<String> busySince(long observation) {
    return ledger.busySince(observation);
  }

  Backoffs backoffs() {
    return backoffs;
  }

  Set<String> pulled() {
    return Set.copyOf(pulled);
  }

  void forgetPulls() {
    pulled.clear();
    cramped.clear();
    hindered.clear();
    refusals.clear();
  }

  Map<String, String> progress() {
    return Map.copyOf(progress);
  }

  private static boolean isRepair(Action action) {
    return action instanceof Action.StartContainer || action instanceof Action.RestartContainer;
  }

  private static boolean isServiceAction(Action action) {
    return !(action instanceof Action.PullImage
        || action instanceof Action.CreateNetwork
        || action instanceof Action.TryNetwork
        || action instanceof Action.RemoveNetwork
        || action instanceof Action.CreateVolume);
  }

  private static Optional<String> containerOf(Action action) {
    return switch (action) {
      case Action.StartContainer a -> Optional.of(a.id());
      case Action.StopContainer a -> Optional.of(a.id());
      case Action.RestartContainer a -> Optional.of(a.id());
      case Action.RemoveContainer a -> Optional.of(a.id());
      case Action.RenameContainer a -> Optional.of(a.id());
      case Action.RunHooks a -> Optional.of(a.id());
      case Action.UnpauseContainer a -> Optional.of(a.id());
      case Action.ConnectNetwork a -> Optional.of(a.id());
      case Action.DisconnectNetwork a -> Optional.of(a.id());
      case Action.SetRestartPolicy a -> Optional.of(a.id());
      case Action.PullImage _ -> Optional.empty();
      case Action.CreateNetwork _ -> Optional.empty();
      case Action.TryNetwork _ -> Optional.empty();
      case Action.RemoveNetwork _ -> Optional.empty();
      case Action.CreateVolume _ -> Optional.empty();
      case Action.CreateContainer _ -> Optional.empty();
    };
  }
}
