package io.armory.agent.port;

import java.time.Instant;

/// What a glance at the site's files shows, without reading them.
///
/// @param state equal to another glance's: no file has changed in between
/// @param changed when something last did, by the clock of the disk
public record Glance(Object state, Instant changed) {
  /// Nothing to be glanced at.
  public static final Glance NOTHING = new Glance("", Instant.EPOCH);

  public boolean isAs(Glance other) {
    return state.equals(other.state);
  }
}
