package io.armory.agent.domain;

import java.time.Duration;
import java.util.List;

/// A Redis that answered and can be worked with.
///
/// @param latency of one PING
/// @param version as it says it; empty: it does not say
/// @param warnings it works, but will not do in the long run: one line each
public record RedisAnswer(Duration latency, String version, List<String> warnings) {
  public RedisAnswer {
    warnings = List.copyOf(warnings);
  }
}
