package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Workload.Endpoint;

/// front50's own interface, as gate and orca use it. Blocks a minute at most and never throws.
public interface Front50 {

  /// @return the answer's body
  Outcome<String> get(Endpoint front50, String path);

  Outcome<String> post(Endpoint front50, String path, String json);
}
