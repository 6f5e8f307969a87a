package io.armory.agent.plan;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A plan being written. Keeps two promises for every room of the planner: nothing is planned for a
/// busy subject, and nothing that may fail again is planned before its backoff has passed.
final class Draft {
  private final Situation situation;
  private final List<Plan.Step> steps = new ArrayList<>();
  private final List<Plan.Wait> waits = new ArrayList<>();
  private final List<Plan.Notice> notices = new ArrayList<>();

  Draft(Situation situation) {
    this.situation = situation;
  }

  /// A step that is put off by the subject's backoff.
  void step(Action action, String cause) {
    var delay = situation.delays().get(action.subject());
    if (delay != null && delay.until().isAfter(situation.now())) {
      waitFor(
          action.subject(),
          "%s in %s, after: %s"
              .formatted(action.describe(), seconds(situation, delay), delay.why()));
    } else {
      stepNow(action, cause);
    }
  }

  /// A step that no backoff puts off, such as stopping what must not run.
  void stepNow(Action action, String cause) {
    if (situation.busy().contains(action.subject())) {
      waitFor(action.subject(), "an action is under way");
    } else {
      steps.add(new Plan.Step(action, cause));
    }
  }

  void waitFor(String subject, String reason) {
    waits.add(new Plan.Wait(subject, reason));
  }

  void notice(String subject, String message) {
    notices.add(new Plan.Notice(subject, message));
  }

  Plan plan() {
    return new Plan(steps, waits, notices);
  }

  private static String seconds(Situation situation, Situation.Delay delay) {
    var millis = Duration.between(situation.now(), delay.until()).toMillis();
    return Math.max(1, Math.ceilDiv(millis, 1000)) + " s";
  }
}
