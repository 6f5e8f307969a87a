package io.armory.agent.compose;

/// Where something was written.
///
/// @param line 1 is the first
/// @param column 1 is the first
record Mark(String file, int line, int column) {
  static Mark of(String file) {
    return new Mark(file, 1, 1);
  }
}
