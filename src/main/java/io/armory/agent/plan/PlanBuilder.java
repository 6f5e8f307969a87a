package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Cause;
import io.armory.agent.domain.stack.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A plan being written. Keeps two promises for every room of the planner: nothing is planned for a
/// busy subject, and nothing that may fail again is planned before its backoff has passed.
final class PlanBuilder {
  private final PlanInput situation;
  private final List<Plan.Step> steps = new ArrayList<>();
  private final Set<Plan.Wait> waits = new LinkedHashSet<>();
  private final Set<Plan.Notice> notices = new LinkedHashSet<>();

  PlanBuilder(PlanInput situation) {
    this.situation = situation;
  }

  /// A step for what differs, put off by the subject's backoff.
  void step(Action action, String cause) {
    step(action, Cause.of(cause));
  }

  /// A step that is put off by the subject's backoff.
  void step(Action action, Cause cause) {
    situation
        .delay(action.delayedAs())
        .ifPresentOrElse(d -> putOff(action, d), () -> unlessBusy(action, cause));
  }

  /// A step that a crash's backoff does not put off, such as stopping what an operator stopped; the
  /// backoff of an action that failed does: nothing is tried in a hot loop.
  void stepNow(Action action, String cause) {
    stepNow(action, Cause.of(cause));
  }

  /// As [#stepNow(Action, String)].
  void stepNow(Action action, Cause cause) {
    situation
        .delay(action.delayedAs())
        .filter(PlanInput.Delay::failed)
        .ifPresentOrElse(d -> putOff(action, d), () -> unlessBusy(action, cause));
  }

  /// Removes a container that nothing needs any more. What keeps it from that is a notice, no wait:
  /// housekeeping neither decides about a revision nor keeps a service from being mended.
  void tidy(Action.RemoveContainer removal, String cause) {
    var subject = removal.subject();
    situation
        .delay(removal.delayedAs())
        .ifPresentOrElse(
            d ->
                notice(
                    subject,
                    "%s; container %s is not needed any more and is left where it is; the agent tries again, or remove it with: docker rm %s"
                        .formatted(reason(removal, d), removal.name(), removal.name())),
            () -> {
              if (!situation.busy().contains(subject)) {
                steps.add(new Plan.Step(removal, cause));
              }
            });
  }

  /// Whether this plan itself stops or restarts a container of a service.
  boolean takesDown(String service) {
    return steps.stream()
        .map(Plan.Step::action)
        .filter(a -> a instanceof Action.StopContainer || a instanceof Action.RestartContainer)
        .anyMatch(a -> a.subject().equals(service));
  }

  void waitFor(String subject, String reason) {
    waits.add(new Plan.Wait(subject, reason));
  }

  void notice(String subject, String message) {
    notices.add(new Plan.Notice(subject, message));
  }

  Plan plan() {
    return new Plan(steps, List.copyOf(waits), List.copyOf(notices));
  }

  private void unlessBusy(Action action, Cause cause) {
    if (situation.busy().contains(action.subject())) {
      waitFor(action.subject(), "an action is under way");
    } else {
      steps.add(new Plan.Step(action, cause));
    }
  }

  private void putOff(Action action, PlanInput.Delay delay) {
    var reason = reason(action, delay);
    waits.add(
        new Plan.Wait(
            action.subject(),
            "%s; %s in %s".formatted(reason, action.describe(), seconds(delay)),
            delay.failed() ? Optional.of(reason + " (" + action.subject() + ")") : Optional.empty(),
            true));
  }

  /// The reason comes first, and what was tried is named once.
  private static String reason(Action action, PlanInput.Delay delay) {
    var attempt = action.describe() + ": ";
    return delay.why().startsWith(attempt) ? delay.why().substring(attempt.length()) : delay.why();
  }

  private String seconds(PlanInput.Delay delay) {
    var millis = Duration.between(situation.now(), delay.until()).toMillis();
    return Math.max(1, Math.ceilDiv(millis, 1000)) + " s";
  }
}
