package io.armory.agent.render;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/// A release of Spinnaker as its images are tagged, such as `2026.2.3` or `1.37.2`.
record Release(int major, int minor, int patch) implements Comparable<Release> {
  private static final Pattern TAG =
      Pattern.compile("v?(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})(?:[-+.].*)?");

  private static final Comparator<Release> ORDER =
      Comparator.comparingInt(Release::major)
          .thenComparingInt(Release::minor)
          .thenComparingInt(Release::patch);

  /// @param tag anything; empty for what tells no release, such as `main-latest`
  static Optional<Release> of(String tag) {
    var matcher = TAG.matcher(tag.strip());
    return matcher.matches()
        ? Optional.of(
            new Release(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3))))
        : Optional.empty();
  }

  /// @param image a whole reference; one by digest alone tells no release
  static Optional<Release> ofImage(String image) {
    var name = image.substring(image.lastIndexOf('/') + 1);
    name = name.contains("@") ? name.substring(0, name.indexOf('@')) : name;
    return name.contains(":") ? of(name.substring(name.indexOf(':') + 1)) : Optional.empty();
  }

  @Override
  public int compareTo(Release other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
