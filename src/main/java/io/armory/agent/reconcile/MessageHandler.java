package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.reconcile.desired.DesiredState;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.reconcile.observe.EngineObserver.Want;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What each message changes in what the loop knows. On the loop's thread.
final class MessageHandler {
  private final ReconcilerState state;
  private final EventRecorder chronicle;
  private final RolloutController revisions;
  private final ApprovalGate approval;
  private final Supplier<Verdict> ready;
  private long readings;
  private Sources.@Nullable Reading waiting;

  /// @param ready as it was reported last
  MessageHandler(
      ReconcilerState state,
      EventRecorder chronicle,
      RolloutController revisions,
      ApprovalGate approval,
      Supplier<Verdict> ready) {
    this.state = state;
    this.approval = approval;
    this.ready = ready;
    this.chronicle = chronicle;
    this.revisions = revisions;
  }

  /// @param calm nothing is waited for: a look that finds all as it was changes nothing either
  /// @return whether there is a reason to plan and to publish: a probe that only confirms is none
  boolean handle(Message message, BooleanSupplier calm) {
    var now = state.now();
    switch (message) {
      case Message.EngineSpoke spoke -> engineSpoke(spoke, now);
      case Message.Looked looked -> {
        return looked(looked, now) || !calm.getAsBoolean();
      }
      case Message.Acted acted -> acted(acted, now);
      case Message.PulledAhead(var revision, var outcome) ->
          state.inputs().approvals().pulled(revision, outcome, now);
      case Message.Progressed(var subject, var line) -> state.hands().progressed(subject, line);
      case Message.Probed probed -> {
        return probed(probed, now);
      }
      case Message.StartSeen seen -> {
        state.eyes().slowStarts().seen(seen);
        return false;
      }
      case Message.LogsRead(var service, var at, var lines) ->
          state.history().logs(service, at, lines);
      case Message.HealthRead(var container, var body) -> {
        state.history().evidence().answered(container, body);
        return false;
      }
      case Message.EvidenceRead(var evidence) -> revisions.read(evidence);
      case Message.SourcesBegun _ -> {
        state.inputs().sources().begins();
        return false;
      }
      case Message.SourcesRead(var reading) -> sourcesRead(reading, now);
      case Message.RedisAsked asked -> {
        return redisAsked(asked, now);
      }
      case Message.Asked(var task) -> task.run();
      case Message.Wondered(var answer) -> {
        answer.run();
        return false;
      }
    }
    return true;
  }

  private void engineSpoke(Message.EngineSpoke spoke, Instant now) {
    var event = spoke.event();
    var id = event.containerId();
    var hands = state.hands();
    var ours = event.action().equals("destroy") ? hands.removes(id) : hands.ends(id);
    if (event.action().equals("kill") && state.ownStops().signalled(id, event.signal())) {
      chronicle.killed(id);
    }
    state.eyes().heard(event, ours, hands.latestLook(), now);
    state.looker().want(event.isOfOneAlone() ? Want.CONTAINERS : Want.EVERYTHING);
  }

  /// @return whether it found anything new
  private boolean looked(Message.Looked looked, Instant now) {
    var eyes = state.eyes();
    var before = eyes.last();
    var confirms = state.looker().looked(looked.host(), now);
    chronicle.engine(looked.observation());
    eyes.looked(looked.sequence(), looked.observation(), now);
    if (looked.observation() instanceof Observation.Observed observed) {
      state.ownStops().looked(observed, now).forEach(chronicle::killed);
    }
    state.hands().looked(looked.sequence());
    eyes.aim(state.stack());
    state
        .group()
        .looked(
            eyes.isBlind() ? Optional.empty() : eyes.observed(),
            state.stack(),
            state.hands().busySince(eyes.sequence()),
            now);
    return !(confirms
        && before.orElse(null) instanceof Observation.Observed was
        && looked.observation() instanceof Observation.Observed is
        && is.isAs(was));
  }

  private void acted(Message.Acted acted, Instant now) {
    state.hands().ended(acted, now);
    var done = acted.outcome().whyFailed().isEmpty();
    state.parts().telemetry().acted(acted.step().action(), done, acted.took());
    if (acted.step().action() instanceof Action.RunHooks run
        && acted.outcome() instanceof Outcome.Done) {
      state.postStarts().done(run);
      state
          .documents()
          .persist("post-starts", () -> state.memory().keepPostStarts(state.postStarts().all()));
    }
    if (acted.outcome() instanceof Outcome.Failed<String>(var failure)
        && failure.kind() == Failure.Kind.BROKEN) {
      started(acted.step().action())
          .ifPresent(id -> state.eyes().cannotStart(id, failure.message()));
    }
    if (!done) {
      failed(acted, now);
    }
    state.looker().want(Want.EVERYTHING);
  }

  private static Optional<Network> network(Action action) {
    return switch (action) {
      case Action.CreateNetwork(_, var network) -> Optional.of(network);
      case Action.TryNetwork(_, var network, _) -> Optional.of(network);
      default -> Optional.empty();
    };
  }

  /// An action on a service that failed; what only came too late is no failure of the service's.
  private void failed(Message.Acted acted, Instant now) {
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

  private static Optional<String> started(Action action) {
    return switch (action) {
      case Action.StartContainer start -> Optional.of(start.id());
      case Action.RestartContainer restart -> Optional.of(restart.id());
      default -> Optional.empty();
    };
  }

  private boolean probed(Message.Probed probed, Instant now) {
    var service = state.eyes().serviceOf(probed.containerId());
    state.parts().telemetry().probed(service, probed.result());
    var turned = state.eyes().probed(probed, state.stack(), now);
    if (turned) {
      if (!probed.result().healthy()) {
        revisions.isUnwell(probed.containerId());
      }
      state.looker().want(Want.EVERYTHING);
      state.group().suspect();
    }
    return turned;
  }

  private void sourcesRead(Sources.Reading read, Instant now) {
    var reading = state.inputs().held(read);
    var offered =
        isClosed() ? Optional.<Revision>empty() : DesiredState.offered(reading, state.rollout());
    if (waiting != null && reading.made() instanceof Sources.Unreadable) {
      // What waits goes on waiting.
      taken(reading, now);
      return;
    }
    waiting = null;
    if (offered.isEmpty()) {
      state.inputs().approvals().nothingWaits();
      state.group().turns().nothingToBegin(now);
    } else if (!mayBegin(reading, offered.get(), now)) {
      waiting = reading;
      readings++;
      state.inputs().sources().read(reading, now);
      meanwhile(now);
      told();
      return;
    }
    begin(reading, now);
  }

  /// What waits for its turn has it, or is to be told of.
  void turns(Instant now) {
    var kept = waiting;
    var revision =
        kept == null || isClosed()
            ? Optional.<Revision>empty()
            : DesiredState.offered(kept, state.rollout());
    if (kept == null || revision.isEmpty()) {
      return;
    }
    if (mayBegin(kept, revision.get(), now)) {
      waiting = null;
      state.inputs().sources().waitsNoLonger();
      begin(kept, now);
    } else {
      meanwhile(now);
    }
  }

  private boolean mayBegin(Sources.Reading reading, Revision revision, Instant now) {
    var turns = state.group().turns();
    if (!approval.lets(reading, revision, now)) {
      turns.nothingToBegin(now);
      return false;
    }
    if (!turns.mayBegin(revision, state.turnFacts(), ready.get(), now)) {
      return false;
    }
    approval.begins(revision, now);
    return true;
  }

  private void meanwhile(Instant now) {
    if (state.inputs().inForce().isEmpty() && state.group().turns().fallsBack(now)) {
      state.inputs().meanwhile(state.rollout(), now).ifPresent(revisions::adopt);
    }
  }

  private void begin(Sources.Reading reading, Instant now) {
    var number = ++readings;
    var inputs = state.inputs();
    inputs
        .history()
        .reading(DesiredState.offered(reading, state.rollout()).map(Revision::id).orElse(""));
    var next = isClosed() ? Optional.<Revision>empty() : inputs.next(reading, state.rollout());
    if (next.isEmpty()) {
      taken(reading, now);
      return;
    }
    inputs.putAhead(
        next.get(),
        outcome -> {
          // A newer one has come since.
          if (number != readings) {
            return;
          }
          switch (outcome) {
            case Outcome.Done<String> _ -> taken(reading, state.now());
            case Outcome.Failed<String>(var failure) -> {
              state.group().turns().couldNotBegin(failure.message(), state.now());
              inputs
                  .unplaced(reading, next.get(), state.rollout(), failure, state.now())
                  .ifPresent(revisions::adopt);
              inputs.sources().news().ifPresent(chronicle::sources);
            }
          }
        });
  }

  /// A node on its way out takes no new revision: it goes on with what it has.
  private boolean isClosed() {
    return state.course().isDraining() && state.inputs().inForce().isPresent();
  }

  private void taken(Sources.Reading reading, Instant now) {
    var inputs = state.inputs();
    if (!isClosed()) {
      inputs.read(reading, state.rollout(), now).ifPresent(revisions::adopt);
    }
    told();
  }

  private void told() {
    var inputs = state.inputs();
    inputs
        .sources()
        .factsToKeep()
        .ifPresent(f -> state.documents().persist("facts", () -> state.memory().keepFacts(f)));
    inputs.sources().news().ifPresent(chronicle::sources);
  }

  private boolean redisAsked(Message.RedisAsked asked, Instant now) {
    var group = state.group();
    var wasOut = group.isRedisOut();
    var news = group.heard(asked, now);
    chronicle.redis(asked.redis().address(), news);
    return wasOut != group.isRedisOut() || !news.isEmpty();
  }
}
