package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Service;
import java.util.Comparator;

/// Containers numbered above their service's replicas go, the highest first. One that serves stays
/// for as long as one of those that are to stay does not: who scales down gives up what is too
/// much, not the service.
final class ScaleDown {
  private final ObservedSlots view;
  private final PlanInput situation;
  private final PlanBuilder draft;
  private final Dependencies dependencies;

  ScaleDown(ObservedSlots view, PlanBuilder draft) {
    this.view = view;
    this.situation = view.situation;
    this.draft = draft;
    this.dependencies = new Dependencies(view);
  }

  void plan() {
    view.topology.sorted().values().forEach(this::plan);
  }

  private void plan(Service service) {
    var serving =
        view.surplus(service.name()).stream()
            .filter(situation::isHealthy)
            .sorted(Comparator.comparingInt(Container::number))
            .limit(lacking(service))
            .toList();
    var isStopped = situation.isStoppedByOperator(service.name());
    view.surplus(service.name()).stream()
        .filter(c -> !isStopped || !Slot.isActive(c))
        .filter(c -> !view.isUnknown(c))
        .sorted(Comparator.comparingInt(Container::number).reversed())
        .forEach(c -> {
          if (serving.contains(c)) {
            draft.waitFor(
                service.name(),
                "scaled to %d, number %d serves until all that stay do"
                    .formatted(service.replicas(), c.number()));
          } else {
            dismiss(service, c);
          }
        });
  }

  private long lacking(Service service) {
    return situation.isWantedStopped(service.name())
        ? 0
        : view.slots(service.name()).stream().filter(s -> !dependencies.isWell(s)).count();
  }

  private void dismiss(Service service, Container c) {
    if (c.state() == State.REMOVING) {
      return;
    }
    var why = "scaled to " + service.replicas() + ", this is number " + c.number();
    if (Slot.isActive(c)) {
      draft.stepNow(Action.StopContainer.of(service, c), why);
    } else {
      draft.tidy(new Action.RemoveContainer(c.service(), c.name(), c.id(), true), why);
    }
  }
}
