package io.armory.agent.port;

import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.stack.ProbeSpec;

/// Asks one container for its health once. Blocks at most the spec's timeout and never throws.
public interface Probe {

  /// @param address the container's IP address as seen from the node
  ProbeResult ask(String address, ProbeSpec spec);

  /// As [#ask], and what more the answer means for this service. May block some seconds longer.
  default ProbeResult ask(String service, String address, ProbeSpec spec) {
    return ask(address, spec);
  }

  /// What it answers in full, the beginning of it, for people; empty: nothing, or nothing that can
  /// be read.
  default String body(String address, ProbeSpec spec) {
    return "";
  }
}
