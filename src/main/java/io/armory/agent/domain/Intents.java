package io.armory.agent.domain;

import java.time.Instant;
import java.util.Map;

/// What operators asked for, beside the revision.
///
/// @param stopped service → who stopped it and when; kept down, across restarts and reboots, until
///   it is started
/// @param restarts service → when a restart was asked for; done once its container is younger
/// @param removeOrphans containers of the project that no service defines are to go
public record Intents(
    Map<String, Stopped> stopped, Map<String, Instant> restarts, boolean removeOrphans) {

  public static final Intents NONE = new Intents(Map.of(), Map.of(), false);

  public Intents {
    stopped = Map.copyOf(stopped);
    restarts = Map.copyOf(restarts);
  }

  public record Stopped(String by, Instant at) {}
}
