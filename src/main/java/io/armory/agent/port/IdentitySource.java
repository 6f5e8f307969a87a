package io.armory.agent.port;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;

/// Finds out who the node is. A source that cannot be reached is a failure, never an empty
/// identity.
public interface IdentitySource {
  Outcome<NodeIdentity> identify();
}
