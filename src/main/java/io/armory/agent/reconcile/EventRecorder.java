package io.armory.agent.reconcile;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.reconcile.evidence.FailureEvidence;
import io.armory.agent.reconcile.report.ServiceStatus;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Says what changes: in the log, among the events, and in each service's own history. On the
/// loop's thread.
record EventRecorder(ReconcilerState state) {
  private static final int LOG_LINES = 10;

  /// @param wrong with the sources; empty: nothing any more
  void sources(List<Problem> wrong) {
    if (wrong.isEmpty()) {
      state.effects().info("the sources are in order again");
      state.event("sources", "", "the sources are in order again", "");
    }
    var inputs = state.inputs();
    var what =
        inputs.sources().staleSince().isPresent()
            ? "the sources cannot be read: "
            : inputs.sources().refusal().isPresent() ? "nothing is touched: " : "";
    for (var problem : wrong) {
      state.effects().error("%s%s".formatted(what, problem.line()));
      state.event("sources", problem.where(), problem.what(), problem.todo());
    }
  }

  /// Before the observation is taken in.
  void engine(Observation observation) {
    var blind = observation instanceof Observation.Unavailable;
    if (blind != state.eyes().isBlind()) {
      if (observation instanceof Observation.Unavailable gone) {
        state.effects().error("the engine cannot be read: %s".formatted(gone.reason()));
        state.event("engine", "", "the engine cannot be read", gone.reason());
      } else {
        state.effects().info("the engine can be read again");
        state.event("engine", "", "the engine can be read again", "");
      }
    }
  }

  void redis(String address, List<String> news) {
    for (var line : news) {
      state.effects().warn(line);
      state.event("redis", address, line, "");
    }
  }

  void turned(ServiceStatus.Turn turn, Instant now) {
    if (turn.to() != ServiceReport.State.STARTING) {
      state.effects().info("%s: %s (%s)".formatted(turn.service(), word(turn.to()), turn.reason()));
    }
    state.event(
        "state", turn.service(), word(turn.from()) + " → " + word(turn.to()), turn.reason());
    if (turn.to() == ServiceReport.State.DOWN) {
      fell(turn.service(), turn.reason(), now);
    }
  }

  /// The agent ended a container, which did not go by itself.
  void killed(String container) {
    state
        .ownStops()
        .of(container)
        .ifPresent(stop -> {
          var service = state.eyes().serviceOf(container);
          var what =
              "had to be killed: it did not end within its %d s"
                  .formatted(stop.grace().toSeconds());
          state.effects().warn("%s: %s (%s)".formatted(service, what, stop.cause().text()));
          state.event("killed", service, what, stop.cause().text());
          state.keepOwnStops();
        });
  }

  /// With its last words, which the engine is asked for elsewhere.
  private void fell(String service, String what, Instant now) {
    state.history().failed(service, what, now);
    Optional.ofNullable(state.stack().services().get(service))
        .map(Service::definitionHash)
        .flatMap(definition ->
            state
                .eyes()
                .observed()
                .flatMap(o -> FailureEvidence.container(o.containers(), service, definition)))
        .ifPresent(c -> state.effects().add(new Effect.ReadLogs(service, now, c.id(), LOG_LINES)));
  }

  private static String word(ServiceReport.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
