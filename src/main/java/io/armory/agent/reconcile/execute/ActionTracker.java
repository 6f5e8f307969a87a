package io.armory.agent.reconcile.execute;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Service.PullPolicy;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Subject;
import io.armory.agent.plan.PlanInput;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effects;
import io.armory.agent.reconcile.Message;
import io.armory.agent.reconcile.ReconcilerSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// What the loop does to the world: launches steps, keeps what is under way and what must wait, and
/// writes one line for each action.
public final class ActionTracker {
  private final Effects effects;

  /// The subjects that are images.
  private final Set<String> images = new HashSet<>();

  private final InFlightActions ledger = new InFlightActions();
  private final Backoffs backoffs;
  private final Set<String> pulled = new HashSet<>();

  /// Image → when it was pulled last, whatever the revision.
  private final Map<String, Instant> pulledAt = new HashMap<>();

  private final Set<String> outages = new HashSet<>();

  /// What the engine had no room on its disk for, by subject.
  private final Map<String, String> cramped = new HashMap<>();

  /// Why the last action on a subject failed.
  private final Map<String, Failure> refusals = new HashMap<>();

  /// What failed by the fault of neither the definition nor its service, by subject.
  private final Map<String, String> hindered = new HashMap<>();

  private final Map<String, String> progress = new HashMap<>();
  private final EngineFaults trouble = new EngineFaults();
  private final Repetitions repetitions = new Repetitions();
  private final Map<String, Long> touched = new HashMap<>();
  private final Set<String> ended = new HashSet<>();
  private final Set<String> removed = new HashSet<>();

  /// @param random spreads what is tried again
  public ActionTracker(Effects effects, ReconcilerSettings settings, RandomGenerator random) {
    this.backoffs = new Backoffs(settings.backoff(), random);
    this.effects = effects;
  }

  public long beginLook() {
    return ledger.begin();
  }

  /// @param mended if it mends something
  /// @return whether it was launched: what was done and changed nothing has to wait first
  public boolean launch(Plan.Step step, Backoffs.Mended mended, Instant now) {
    var subject = step.action().subject();
    if (repetitions.isTooSoon(step.action())) {
      var vain = step.action().describe() + ": was done, and changed nothing";
      effects.warn("%s: %s".formatted(subject, vain));
      backoffs.failed(step.action().delayedAs(), vain, now);
      return false;
    }
    if (step.action().target().kind() == Subject.Kind.IMAGE) {
      images.add(subject);
    }
    ledger.started(subject);
    if (isRepair(step.action())) {
      backoffs.attempt(subject, step.cause().text(), mended, now);
    }
    containerOf(step.action()).ifPresent(id -> touched.put(id, Long.MAX_VALUE));
    switch (step.action()) {
      case Action.StopContainer a -> ended.add(a.id());
      case Action.RestartContainer a -> ended.add(a.id());
      case Action.RemoveContainer a -> removed.add(a.id());
      default -> {}
    }
    effects.add(new Effect.Execute(step));
    return true;
  }

  /// A plan was made: what it does not ask for any more is no repetition when it does again.
  ///
  /// @param busy subjects that nothing was planned for
  public void planned(Plan plan, Set<String> busy, Instant now) {
    var asked = plan.steps().stream().map(Plan.Step::action).collect(Collectors.toSet());
    var delays = backoffs.delays(now);
    repetitions.forget(
        asked,
        a -> {
          var delay = delays.get(a.delayedAs());
          return busy.contains(a.subject()) || (delay != null && delay.until().isAfter(now));
        });
  }

  public void ended(Message.Acted message, Instant now) {
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
    var cause = message.step().cause().text();
    switch (message.outcome()) {
      case Outcome.Done<String> _ -> {
        if (action instanceof Action.PullImage p) {
          pulled.add(p.image());
          pulledAt.put(p.image(), now);
          outages.remove(subject);
        }
        if (action instanceof Action.TryNetwork tried) {
          pulled.add(PlanInput.trialOf(tried.network()));
        }
        refusals.remove(action.delayedAs());
        var again = repetitions.done(action);
        if (!again && (isTidying(action) || (!isRepair(action) && !isServiceAction(action)))) {
          backoffs.forget(action.delayedAs());
        }
        effects.info(
            "%s: %s (%s) in %d ms"
                .formatted(subject, action.describe(), cause, message.took().toMillis()));
        effects.event(
            new AgentEvent(now, "action", subject, action.describe(), cause, message.took()));
      }
      case Outcome.Failed<String>(var failure) -> {
        if (failure.kind() == Failure.Kind.NO_ROOM && !isImage(subject)) {
          cramped.put(subject, failure.message());
        }
        repetitions.failed(action);
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
        effects.warn("%s: %s failed: %s".formatted(subject, action.describe(), failure.message()));
        effects.event(
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
  public Optional<Failure> refusal(String service) {
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

  public void progressed(String subject, String line) {
    progress.put(subject, line);
  }

  /// Whether the agent itself is stopping a container now, or was when the last look began (its
  /// events may come late): then its end is no surprise. Somebody else may end what is only being
  /// started.
  public boolean ends(String containerId) {
    return ended.contains(containerId);
  }

  /// As [#ends], to remove it.
  public boolean removes(String containerId) {
    return removed.contains(containerId);
  }

  public void looked(long sequence) {
    touched.values().removeIf(ended -> ended < sequence);
    ended.retainAll(touched.keySet());
    removed.retainAll(touched.keySet());
  }

  public long latestLook() {
    return ledger.now();
  }

  public boolean isIdle() {
    return ledger.isIdle();
  }

  public EngineFaults trouble() {
    return trouble;
  }

  /// Something is being done to one of these services.
  public boolean isActingOn(Set<String> services) {
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
  public record ImagePulls(
      boolean underWay,
      List<String> failed,
      boolean outage,
      Optional<String> noRoom,
      Map<String, String> hindered) {}

  public ImagePulls pulls() {
    var images = backoffs.reasons().entrySet().stream().filter(e -> isImage(e.getKey())).toList();
    var failed = images.stream().map(e -> because(e.getKey(), e.getValue())).sorted().toList();
    return new ImagePulls(
        failed.isEmpty() && ledger.underWay().stream().anyMatch(this::isImage),
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
  public void pullAgain() {
    backoffs.reasons().keySet().stream()
        .filter(s -> isImage(s) || cramped.containsKey(s))
        .filter(s -> !ledger.underWay().contains(s))
        .forEach(backoffs::forget);
  }

  private boolean isImage(String subject) {
    return images.contains(subject);
  }

  public Set<String> busySince(long observation) {
    return ledger.busySince(observation);
  }

  public Backoffs backoffs() {
    return backoffs;
  }

  public Set<String> pulled() {
    return Set.copyOf(pulled);
  }

  /// The images of services with a `pull_policy` of a time that were pulled within it. (Of an image
  /// that came from a registry no engine says when; with the clock set back, it is asked again.)
  public Set<String> fresh(Stack stack, Instant now) {
    return stack.services().values().stream()
        .filter(s -> s.pullPolicy() instanceof PullPolicy.Every(var age) && isFresh(s, age, now))
        .map(s -> s.container().image())
        .collect(Collectors.toSet());
  }

  private boolean isFresh(Service service, Duration age, Instant now) {
    var at = pulledAt.get(service.container().image());
    return at != null && !at.isAfter(now) && now.isBefore(at.plus(age));
  }

  /// Another revision is in force: what is known of the one before is forgotten, and of the pulls
  /// all but those of images that it has too.
  public void nowRuns(Stack stack) {
    repetitions.forgetAll();
    pulled.clear();
    pulledAt.keySet().retainAll(stack.images().collect(Collectors.toSet()));
    cramped.clear();
    hindered.clear();
    refusals.clear();
  }

  public Map<String, String> progress() {
    return Map.copyOf(progress);
  }

  static boolean isRepair(Action action) {
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
      case Action.SetNames a -> Optional.of(a.id());
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
