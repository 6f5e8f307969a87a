package io.armory.agent.reconcile;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Network;
import io.armory.agent.domain.Observation;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Service;
import io.armory.agent.domain.ServiceReport;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says what changes: in the log, among the events, and in each service's own history. On the
/// loop's thread.
final class Chronicle {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final int LOG_LINES = 10;

  private final LoopState state;
  private final Consumer<Message> mailbox;

  Chronicle(LoopState state, Consumer<Message> mailbox) {
    this.state = state;
    this.mailbox = mailbox;
  }

  /// @param wrong with the sources; empty: nothing any more
  void sources(List<Problem> wrong) {
    if (wrong.isEmpty()) {
      LOG.info("the sources are in order again");
      state.event("sources", "", "the sources are in order again", "");
    }
    var inputs = state.inputs();
    var what =
        inputs.staleSince().isPresent()
            ? "the sources cannot be read: "
            : inputs.refusal().isPresent() ? "nothing is touched: " : "";
    for (var problem : wrong) {
      LOG.error("{}{}", what, problem.line());
      state.event("sources", problem.where(), problem.what(), problem.todo());
    }
  }

  /// Before the observation is taken in.
  void engine(Observation observation) {
    var blind = observation instanceof Observation.Unavailable;
    if (blind != state.eyes().isBlind()) {
      if (observation instanceof Observation.Unavailable(_, var reason)) {
        LOG.error("the engine cannot be read: {}", reason);
        state.event("engine", "", "the engine cannot be read", reason);
      } else {
        LOG.info("the engine can be read again");
        state.event("engine", "", "the engine can be read again", "");
      }
    }
  }

  void redis(String address, List<String> news) {
    for (var line : news) {
      LOG.warn("{}", line);
      state.event("redis", address, line, "");
    }
  }

  void turned(ServiceReporter.Turn turn, Instant now) {
    if (turn.to() != ServiceReport.State.STARTING) {
      LOG.info("{}: {} ({})", turn.service(), word(turn.to()), turn.reason());
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
          LOG.warn("{}: {} ({})", service, what, stop.why());
          state.event("killed", service, what, stop.why());
          state.keepOwnStops();
        });
  }

  private static Optional<Network> network(Action action) {
    return switch (action) {
      case Action.CreateNetwork(_, var network) -> Optional.of(network);
      case Action.TryNetwork(_, var network, _) -> Optional.of(network);
      default -> Optional.empty();
    };
  }

  /// An action on a service that failed; what only came too late is no failure of the service's.
  void acted(Message.Acted acted, Instant now) {
    var action = acted.step().action();
    var service = action instanceof Action.PullImage pull ? pull.service() : action.subject();
    network(action)
        .ifPresent(n ->
            acted
                .outcome()
                .whyFailed()
                .filter(f -> f.kind() == Failure.Kind.INVALID)
                .ifPresent(f -> state.rollout().refused(n, f.message())));
    acted
        .outcome()
        .whyFailed()
        .filter(f -> f.kind() != Failure.Kind.CONFLICT)
        .filter(f -> f.kind() != Failure.Kind.NOT_FOUND)
        .filter(f -> state.stack().services().containsKey(service))
        .filter(f -> !(acted.step().action() instanceof Action.RemoveContainer))
        .ifPresent(f -> {
          state.history().failed(service, f.message(), now);
          if (f.kind() == Failure.Kind.INVALID) {
            state.rollout().refused(service, f.message());
          }
        });
  }

  /// With its last words, which the engine is asked for elsewhere.
  private void fell(String service, String what, Instant now) {
    state.history().failed(service, what, now);
    var engine = state.parts().engine();
    Optional.ofNullable(state.stack().services().get(service))
        .map(Service::definitionHash)
        .flatMap(definition ->
            state
                .eyes()
                .observed()
                .flatMap(o -> Evidences.container(o.containers(), service, definition)))
        .ifPresent(c ->
            Thread.ofVirtual()
                .name("logs " + service)
                .start(() -> {
                  if (engine.lastLogLines(c.id(), LOG_LINES)
                      instanceof Outcome.Done<List<String>>(var lines)) {
                    mailbox.accept(new Message.LogsRead(service, now, lines));
                  }
                }));
  }

  private static String word(ServiceReport.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
