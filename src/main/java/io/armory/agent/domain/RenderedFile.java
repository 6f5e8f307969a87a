package io.armory.agent.domain;

import java.util.Objects;

/// A file the agent puts on the node before the containers that mount it are created.
///
/// @param path absolute path on the node
/// @param content its bytes; a secret's are never printed
/// @param mode POSIX permission bits
/// @param uid numeric owner, -1 for the agent's own
/// @param gid numeric group, -1 for the agent's own
public record RenderedFile(String path, Content content, int mode, int uid, int gid) {

  public RenderedFile {
    Objects.requireNonNull(path);
  }

  /// One of the agent's own group.
  public RenderedFile(String path, Content content, int mode, int uid) {
    this(path, content, mode, uid, -1);
  }

  /// Bytes that do not show themselves in `toString`.
  public static final class Content {
    private final byte[] bytes;

    public Content(byte[] bytes) {
      this.bytes = bytes.clone();
    }

    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Content c && java.util.Arrays.equals(bytes, c.bytes);
    }

    @Override
    public int hashCode() {
      return java.util.Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return bytes.length + " bytes";
    }
  }
}
