package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Plan;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Writes a plan as people read it, with what matters of an action and its sentence leaves out.
final class PlanText {
  private PlanText() {}

  static String write(Plan plan) {
    var text = new StringBuilder();
    for (var s : plan.steps()) {
      text.append("do      ").append(s).append(more(s.action())).append('\n');
    }
    for (var w : plan.waits()) {
      text.append("wait    ").append(w).append('\n');
    }
    for (var n : plan.notices()) {
      text.append("notice  ").append(n).append('\n');
    }
    return text.isEmpty() ? "nothing\n" : text.toString();
  }

  private static String more(Action action) {
    return switch (action) {
      case Action.CreateContainer a -> {
        var more = new StringBuilder();
        a.inheritFrom().ifPresent(id -> more.append("\n          inherits from ").append(id));
        if (!a.namespaces().isEmpty()) {
          more.append("\n          containers meant: ")
              .append(
                  new TreeMap<>(a.namespaces())
                      .entrySet().stream()
                          .map(e -> e.getKey() + "=" + e.getValue())
                          .collect(Collectors.joining(", ")));
        }
        yield more.toString();
      }
      case Action.RemoveContainer a ->
          a.anonymousVolumes() ? "\n          with its anonymous volumes" : "";
      case Action.PullImage _,
          Action.CreateNetwork _,
          Action.TryNetwork _,
          Action.RemoveNetwork _,
          Action.CreateVolume _,
          Action.StartContainer _,
          Action.StopContainer _,
          Action.RestartContainer _,
          Action.RunHooks _,
          Action.UnpauseContainer _,
          Action.RenameContainer _,
          Action.ConnectNetwork _,
          Action.DisconnectNetwork _,
          Action.SetNames _,
          Action.SetRestartPolicy _ ->
          "";
    };
  }
}
