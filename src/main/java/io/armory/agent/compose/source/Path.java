package io.armory.agent.compose.source;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The keys from the root of a Compose model to one of its nodes: `services.gate.ports[0]`.
public final class Path {
  public static final Path ROOT = new Path(null, "", false);

  private final @Nullable Path parent;
  private final String key;
  private final boolean item;
  private final int depth;

  private Path(@Nullable Path parent, String key, boolean item) {
    this.parent = parent;
    this.key = key;
    this.item = item;
    this.depth = parent == null ? 0 : parent.depth + 1;
  }

  public static Path of(String... keys) {
    Path path = ROOT;
    for (String key : keys) {
      path = path.child(key);
    }
    return path;
  }

  public Path child(String name) {
    return new Path(this, name, false);
  }

  public Path item(int index) {
    return new Path(this, "[" + index + "]", true);
  }

  public String last() {
    return key;
  }

  public Path parent() {
    return parent == null ? this : parent;
  }

  public int depth() {
    return depth;
  }

  /// Whether the pattern's parts (`*` any key or item, `[]` any item) are this path's.
  public boolean matches(List<String> pattern) {
    if (pattern.size() != depth) {
      return false;
    }
    Path at = this;
    for (int i = depth - 1; i >= 0; i--) {
      String part = pattern.get(i);
      boolean same = part.equals("*") || (at.item ? part.equals("[]") : part.equals(at.key));
      if (!same) {
        return false;
      }
      at = at.parent();
    }
    return true;
  }

  /// Whether this is `other` or inside it, or the other way round.
  boolean related(Path other) {
    Path longer = depth >= other.depth ? this : other;
    Path shorter = depth >= other.depth ? other : this;
    while (longer.depth > shorter.depth) {
      longer = longer.parent();
    }
    return longer.same(shorter);
  }

  private boolean same(Path other) {
    Path a = this;
    Path b = other;
    while (a.depth > 0) {
      if (!a.key.equals(b.key)) {
        return false;
      }
      a = a.parent();
      b = b.parent();
    }
    return true;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Path path && path.depth == depth && same(path);
  }

  @Override
  public int hashCode() {
    return key.hashCode() * 31 + depth;
  }

  @Override
  public String toString() {
    if (parent == null) {
      return "";
    }
    String before = parent.toString();
    return before.isEmpty() || item ? before + key : before + "." + key;
  }
}
