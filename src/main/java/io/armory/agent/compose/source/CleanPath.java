package io.armory.agent.compose.source;

import java.util.ArrayDeque;
import java.util.Deque;

/// Paths as Go's `path.Clean` and `filepath.Join` make them.
public final class CleanPath {
  private CleanPath() {}

  /// Without `.`, `..` where it can be resolved, doubled or trailing slashes.
  public static String clean(String path) {
    if (path.isEmpty()) {
      return ".";
    }
    boolean absolute = path.startsWith("/");
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        if (!parts.isEmpty() && !parts.getLast().equals("..")) {
          parts.removeLast();
        } else if (!absolute) {
          parts.addLast(part);
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    String joined = String.join("/", parts);
    return absolute ? "/" + joined : joined.isEmpty() ? "." : joined;
  }

  public static String join(String folder, String path) {
    return clean(folder.isEmpty() ? path : folder + "/" + path);
  }

  /// Absolute already, or below `folder`.
  public static String resolve(String folder, String path) {
    return path.startsWith("/") ? path : join(folder, path);
  }

  public static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "." : slash == 0 ? "/" : clean(path.substring(0, slash));
  }
}
