package io.armory.agent.compose.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The short form of a service volume: `[SOURCE:]TARGET[:OPTIONS]`. The source is a path of the
/// node if it starts with `.`, `/` or `~`, else the name of a volume.
public final class VolumeSpec {
  private static final Set<String> PROPAGATIONS =
      Set.of("rprivate", "private", "rshared", "shared", "rslave", "slave");

  private VolumeSpec() {}

  /// The long form; throws [IllegalArgumentException] saying what is wrong.
  public static Node.Mapping parse(String spec, Location mark) {
    List<String> parts = split(spec);
    if (parts.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("'" + spec + "' has an empty section between colons");
    }
    if (parts.size() > 3) {
      throw new IllegalArgumentException("'" + spec + "' has too many colons");
    }
    String source = parts.size() > 1 ? parts.getFirst() : null;
    boolean path = source != null && isPath(source);
    Node.Mapping volume = Node.mapping(mark);
    volume.put("type", path ? "bind" : "volume");
    if (source != null) {
      volume.put("source", source);
    }
    volume.put("target", CleanPath.clean(parts.size() > 1 ? parts.get(1) : parts.getFirst()));
    if (spec.length() > 2) {
      options(volume, parts.size() > 2 ? parts.get(2) : "", path, mark);
    }
    return volume;
  }

  private static void options(Node.Mapping volume, String options, boolean path, Location mark) {
    Node.Mapping bind = Node.mapping(mark);
    Node.Mapping named = Node.mapping(mark);
    for (String option : options.split(",", -1)) {
      switch (option) {
        case "ro" -> volume.put("read_only", true);
        case "rw" -> volume.remove("read_only");
        case "nocopy" -> named.put("nocopy", true);
        case "z", "Z" -> bind.put("selinux", option);
        default -> {
          // The reference ignores what it does not know.
          if (PROPAGATIONS.contains(option)) {
            bind.put("propagation", option);
          }
        }
      }
    }
    if (path) {
      bind.put("create_host_path", true);
    }
    if (path || !bind.isEmpty()) {
      volume.put("bind", bind);
    }
    if (!path || !named.isEmpty()) {
      volume.put("volume", named);
    }
  }

  /// `null` if the spec is malformed.
  public static @Nullable String target(String spec) {
    List<String> parts = split(spec);
    boolean bad = parts.size() > 3 || parts.stream().anyMatch(String::isEmpty);
    return bad ? null : parts.size() > 1 ? parts.get(1) : parts.getFirst();
  }

  /// At colons, but not after the letter of a Windows drive.
  private static List<String> split(String spec) {
    if (spec.length() <= 2) {
      return List.of(spec);
    }
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < spec.length(); i++) {
      boolean drive = i == start + 1 && Character.isLetter(spec.charAt(start));
      if (spec.charAt(i) == ':' && !drive) {
        parts.add(spec.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(spec.substring(start));
    return parts;
  }

  private static boolean isPath(String source) {
    char first = source.charAt(0);
    boolean drive = source.length() > 1 && Character.isLetter(first) && source.charAt(1) == ':';
    return first == '.' || first == '/' || first == '~' || source.startsWith("\\\\") || drive;
  }
}
