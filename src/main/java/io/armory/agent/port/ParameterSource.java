package io.armory.agent.port;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;

/// Reads the parameters of a node from one kind of place. Unreachable is a failure, never empty.
public interface ParameterSource {

  /// For people: "env files", "SSM /armory/spinnaker".
  String name();

  Outcome<Parameters> read(NodeIdentity identity);

  /// What the next look that finds nothing new will cost, in calls to a service that other nodes
  /// ask, too.
  default int calls() {
    return 0;
  }
}
