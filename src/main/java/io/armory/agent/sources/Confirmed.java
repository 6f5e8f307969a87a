package io.armory.agent.sources;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.IdentitySource;
import java.util.Optional;
import java.util.function.Function;

/// The instance's identity, if it is of the instance that the agent took this for when it started.
///
/// @param contradicts the instance ID → why it is not
record Confirmed(IdentitySource source, Function<String, Optional<String>> contradicts)
    implements IdentitySource {

  @Override
  public Outcome<NodeIdentity> identify() {
    return source
        .identify()
        .flatMap(identity ->
            identity
                .fact(NodeIdentity.INSTANCE_ID)
                .flatMap(contradicts)
                .map(why -> Outcome.<NodeIdentity>failed(Failure.Kind.TRANSIENT, why))
                .orElseGet(() -> Outcome.done(identity)));
  }
}
