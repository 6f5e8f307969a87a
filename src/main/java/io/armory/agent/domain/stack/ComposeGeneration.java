package io.armory.agent.domain.stack;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The releases of Docker Compose that give one and the same service different config hashes, from
/// the oldest to the newest. Each is named after its first release.
///
/// Sources: `pkg/compose/hash.go` of docker/compose at the releases named here, and the types of
/// the model code that each of them is built with.
public enum ComposeGeneration {
  /// Everything of the printed model counts. Debian trixie's 2.26.1 is one.
  V2_26(26, 1),
  /// `depends_on` does not count any more.
  V2_29(29, 3),
  /// Nor do `profiles`.
  V2_30(30, 2),
  /// The modes of configs and secrets are octal text.
  V2_34(34, 0),
  /// The attributes of a service's networks are in the order of their names.
  V2_36(36, 0),
  /// `bind.create_host_path` is left out where it is true.
  V5_0(5_000, 0);

  /// What a node writes on which no Docker Compose is found.
  public static final ComposeGeneration NEWEST = V5_0;

  private static final Pattern VERSION =
      Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4}).*");

  private final int minor;
  private final int patch;

  /// @param minor of release 2; 1,000 times the major number for those since 5.0
  ComposeGeneration(int minor, int patch) {
    this.minor = minor;
    this.patch = patch;
  }

  /// Of a release such as `2.40.3`, `v5.1.0` or `2.26.1-4`; what cannot be read is taken for the
  /// newest.
  public static ComposeGeneration of(String version) {
    Matcher parts = VERSION.matcher(version);
    if (!parts.matches()) {
      return NEWEST;
    }
    int major = Integer.parseInt(parts.group(1));
    int second = Integer.parseInt(parts.group(2));
    int third = Integer.parseInt(parts.group(3));
    List<ComposeGeneration> known = new ArrayList<>(List.of(values()).reversed());
    return known.stream()
        .filter(g -> g.isReached(major <= 2 ? second : major * 1_000 + second, third))
        .findFirst()
        .orElse(V2_26);
  }

  private boolean isReached(int release, int fix) {
    return release > minor || (release == minor && fix >= patch);
  }

  /// The first release that hashes so: `2.36.0`.
  public String release() {
    return minor < 1_000
        ? "2.%d.%d".formatted(minor, patch)
        : "%d.%d.%d".formatted(minor / 1_000, minor % 1_000, patch);
  }
}
