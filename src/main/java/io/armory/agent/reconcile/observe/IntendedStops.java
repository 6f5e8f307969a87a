package io.armory.agent.reconcile.observe;

import io.armory.agent.domain.Death;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Cause;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Which lives of which containers the agent itself ends, or has ended, and why: that they are over
/// is no failure, whatever their exit codes. The engine does not know who asked it, so this is kept
/// across the agent's own restarts. Owned by the loop's thread.
public final class IntendedStops {
  /// What of a stop is left when all of its time is over.
  private static final Duration SLACK = Duration.ofSeconds(30);

  /// The exit code of what SIGKILL has ended.
  private static final int KILLED = 137;

  private final Map<String, Stop> byContainer = new HashMap<>();

  /// One container's end.
  ///
  /// @param life when the life began that is ended
  /// @param grace what it had for ending by itself
  /// @param until when it has ended, or the stop came to nothing
  /// @param killed it had to be killed
  public record Stop(Instant life, Cause cause, Duration grace, Instant until, boolean killed) {
    private Stop clockSet(Duration by) {
      return new Stop(life, cause, grace, until.plus(by), killed);
    }

    private Stop asKilled() {
      return new Stop(life, cause, grace, until, true);
    }
  }

  public void recalled(Map<String, Stop> kept) {
    byContainer.putAll(kept);
  }

  /// @return whether the step ends a life
  public boolean launched(Plan.Step step, Observed observed, Instant now) {
    return switch (step.action()) {
      case Action.StopContainer(_, _, var id, var grace, var before) ->
          ends(id, step.cause(), grace, !before.isEmpty(), observed, now);
      case Action.RestartContainer(_, _, var id, var grace, var before) ->
          ends(id, step.cause(), grace, !before.isEmpty(), observed, now);
      default -> false;
    };
  }

  /// @param prepared commands are run before it, and have as much time again
  private boolean ends(
      String id, Cause cause, Duration grace, boolean prepared, Observed observed, Instant now) {
    var life = observed.container(id).map(Container::startedAt);
    life.ifPresent(l ->
        byContainer.put(
            id,
            new Stop(
                l,
                cause,
                grace,
                now.plus(grace.multipliedBy(prepared ? 2 : 1)).plus(SLACK),
                false)));
    return life.isPresent();
  }

  /// The engine has sent a container a signal.
  ///
  /// @return whether it had to be killed, and that is new
  public boolean signalled(String id, String signal) {
    return (signal.equals("9") || signal.equals("SIGKILL")) && killed(id);
  }

  /// A life that goes on beyond the stop's time, or another one, is nothing that was ended.
  ///
  /// @return IDs of the containers that had to be killed, where that is new
  public List<String> looked(Observed observed, Instant now) {
    byContainer
        .entrySet()
        .removeIf(
            e -> observed.container(e.getKey()).filter(c -> is(c, e.getValue(), now)).isEmpty());
    return observed.containers().stream()
        .filter(c -> !c.active() && c.exitCode() == KILLED && !c.oomKilled())
        .map(Container::id)
        .filter(this::killed)
        .toList();
  }

  private static boolean is(Container c, Stop stop, Instant now) {
    return stop.life().equals(c.startedAt()) && !(c.active() && now.isAfter(stop.until()));
  }

  private boolean killed(String id) {
    var stop = byContainer.get(id);
    if (stop == null || stop.killed()) {
      return false;
    }
    byContainer.put(id, stop.asKilled());
    return true;
  }

  public void clockSet(Duration by) {
    byContainer.replaceAll((id, stop) -> stop.clockSet(by));
  }

  public boolean covers(String id) {
    return byContainer.containsKey(id);
  }

  public Optional<Stop> of(String id) {
    return Optional.ofNullable(byContainer.get(id));
  }

  /// Container ID → how it ended, or will have.
  Map<String, Death> deaths() {
    return byContainer.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> death(e.getValue())));
  }

  private static Death death(Stop stop) {
    var by = stop.cause().kind() == Cause.Kind.OPERATOR ? "" : "stopped by the agent: ";
    return new Death("was " + by + stop.cause(), Death.By.AGENT);
  }

  public Map<String, Stop> all() {
    return Map.copyOf(byContainer);
  }
}
