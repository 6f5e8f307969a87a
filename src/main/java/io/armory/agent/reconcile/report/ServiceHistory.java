package io.armory.agent.reconcile.report;

import io.armory.agent.domain.report.ServiceReport.LastFailure;
import io.armory.agent.domain.report.ServiceReport.State;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.reconcile.evidence.FailureEvidence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What happened to each service since the agent started: since when it is in its state, how often
/// it was restarted, what last went wrong.
public final class ServiceHistory {
  private final Map<String, Entry> entries = new HashMap<>();
  private final FailureEvidence evidence = new FailureEvidence();

  private static final class Entry {
    State state = State.STARTING;
    Instant since;
    int restarts;
    @Nullable LastFailure lastFailure;

    /// Container ID → when its life began that was over before the service was wanted again.
    Map<String, Instant> livesBefore = Map.of();

    Entry(Instant now) {
      since = now;
    }

    private boolean isUnwanted() {
      return state == State.STOPPED || state == State.STANDBY;
    }
  }

  record Change(String service, State from, State to) {}

  /// @return the change, if there is one
  Optional<Change> state(String service, State state, Instant now) {
    var e = entry(service, now);
    if (e.state == state) {
      return Optional.empty();
    }
    var change = new Change(service, e.state, state);
    e.state = state;
    e.since = now;
    return Optional.of(change);
  }

  /// The service is to run on this node.
  ///
  /// @param containers of the service
  void wanted(String service, List<Container> containers) {
    var e = entries.get(service);
    if (e != null && e.isUnwanted()) {
      var lives = new HashMap<String, Instant>();
      containers.stream()
          .filter(c -> c.startedAt() != null && !c.active())
          .forEach(c -> lives.put(c.id(), c.startedAt()));
      e.livesBefore = lives;
    }
  }

  /// Whether the container's end is from before the service was wanted again, after an operator had
  /// stopped it or while it was another node's to run: no failure of what is to run now.
  public boolean endedBefore(Container c) {
    var e = entries.get(c.service());
    return e != null
        && !c.active()
        && c.startedAt() != null
        && (e.isUnwanted() || c.startedAt().equals(e.livesBefore.get(c.id())));
  }

  /// A service first seen up may have been so for long.
  void since(String service, Instant since) {
    entry(service, since).since = since;
  }

  boolean knows(String service) {
    return entries.containsKey(service);
  }

  public void restarted(String service, Instant now) {
    entry(service, now).restarts++;
  }

  public void failed(String service, String what, Instant now) {
    entry(service, now).lastFailure = new LastFailure(now, what, List.of());
  }

  public void logs(String service, Instant failedAt, List<String> lines) {
    var e = entries.get(service);
    if (e != null && e.lastFailure != null && e.lastFailure.at().equals(failedAt)) {
      e.lastFailure = new LastFailure(failedAt, e.lastFailure.what(), new ArrayList<>(lines));
    }
  }

  Instant since(String service) {
    var e = entries.get(service);
    return e == null ? Instant.EPOCH : e.since;
  }

  int restarts(String service) {
    var e = entries.get(service);
    return e == null ? 0 : e.restarts;
  }

  /// Of revisions that failed.
  public FailureEvidence evidence() {
    return evidence;
  }

  Optional<LastFailure> lastFailure(String service) {
    return Optional.ofNullable(entries.get(service)).map(e -> e.lastFailure);
  }

  public void clockSet(Duration by) {
    entries
        .values()
        .forEach(e -> {
          e.since = e.since.plus(by);
          var failure = e.lastFailure;
          if (failure != null) {
            e.lastFailure =
                new LastFailure(failure.at().plus(by), failure.what(), failure.logLines());
          }
        });
  }

  public void retain(Set<String> services) {
    entries.keySet().retainAll(services);
  }

  private Entry entry(String service, Instant now) {
    return entries.computeIfAbsent(service, s -> new Entry(now));
  }
}
