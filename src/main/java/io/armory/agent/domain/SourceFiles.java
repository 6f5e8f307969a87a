package io.armory.agent.domain;

/// Files as pure code sees them: read by absolute path, bounded, failures as values.
public interface SourceFiles {

  /// @param path absolute
  /// @param maxBytes a larger file is not read at all
  Reading read(String path, long maxBytes);

  /// What came of reading.
  sealed interface Reading {}

  /// The whole file. The bytes are not copied: whoever holds this must not change them.
  @SuppressWarnings("ArrayRecordComponent")
  record Content(byte[] bytes) implements Reading {
    @Override
    public String toString() {
      return bytes.length + " bytes";
    }
  }

  record Missing() implements Reading {}

  record Directory() implements Reading {}

  /// @param size in bytes
  record TooLarge(long size) implements Reading {}

  /// It is there but cannot be read.
  record Unreadable(String reason) implements Reading {}
}
