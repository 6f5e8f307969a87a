package io.armory.agent.app;

import io.armory.agent.adapter.files.DiskStateStore;
import io.armory.agent.adapter.files.MachineMarks;
import io.armory.agent.adapter.files.SealedBox;
import io.armory.agent.adapter.files.SealedStateStore;
import io.armory.agent.adapter.files.ShutStateStore;
import io.armory.agent.adapter.files.StateOwner;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.Environment;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateStore;
import io.armory.agent.reconcile.desired.CachedNodeFacts;
import io.armory.agent.reconcile.intent.PersistedState;
import io.armory.agent.sources.NodeSources;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is kept on the disk, and is this machine's.
///
/// @param notUsed said of what is another's
/// @param digestKey keys the digests of secrets
/// @param sealed keeps what holds secrets
record KeptState(
    DiskStateStore store,
    StateOwner owner,
    Optional<AgentEvent> notUsed,
    String digestKey,
    StateStore sealed) {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.agent");

  /// IMDS is waited for only where something is kept that may be another's.
  static Outcome<KeptState> open(AgentConfig config, Environment environment, InstantSource clock) {
    var store = new DiskStateStore(config.paths().state(), clock, LOG::error);
    var owner = new StateOwner(store, config.paths().lease(), clock);
    return owner
        .claim(NodeSources.owner(config, MachineMarks.OF_THIS, owner.isAnythingKept()))
        .flatMap(aside ->
            NodeKeys.digestKey(store)
                .map(key ->
                    new KeptState(
                        store,
                        owner,
                        aside.map(KeptState::notUsed),
                        key,
                        sealed(config, environment, store))));
  }

  private static AgentEvent notUsed(StateOwner.SetAside aside) {
    LOG.warn("{}", aside.message());
    var what = "what " + aside.by() + " kept is not used";
    return new AgentEvent(aside.at(), "state", "", what, aside.message(), null);
  }

  /// Without a fit key nothing is sealed or opened; what was sealed before is left as it is.
  private static StateStore sealed(
      AgentConfig config, Environment environment, DiskStateStore store) {
    if (!config.secrets().keepLastKnownGood()) {
      return new SealedStateStore(store, Optional.empty());
    }
    return switch (SealedBox.open(config.paths().sealKey(), environment.credentialsDirectory())) {
      case Outcome.Done<SealedBox>(var box) -> {
        LOG.info("seals the last known good by key {}, {}", box.keyId(), box.keyOrigin());
        yield new SealedStateStore(store, Optional.of(box));
      }
      case Outcome.Failed<SealedBox>(var failure) -> {
        LOG.warn("runs without a copy of the last known good: {}", failure.message());
        yield new ShutStateStore(failure);
      }
    };
  }

  /// Who the node was. What cannot be read is reported where all of the state is.
  Optional<NodeIdentity> before() {
    return switch (new PersistedState(store).facts()) {
      case Outcome.Done<Optional<CachedNodeFacts>>(var kept) -> kept.map(CachedNodeFacts::identity);
      case Outcome.Failed<Optional<CachedNodeFacts>> _ -> Optional.empty();
    };
  }
}
