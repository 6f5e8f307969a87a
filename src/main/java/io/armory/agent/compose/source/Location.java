package io.armory.agent.compose.source;

/// Where something was written.
///
/// @param line 1 is the first
/// @param column 1 is the first
public record Location(String file, int line, int column) {
  public static Location of(String file) {
    return new Location(file, 1, 1);
  }
}
