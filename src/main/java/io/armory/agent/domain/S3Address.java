package io.armory.agent.domain;

import java.util.Optional;
import java.util.regex.Pattern;

/// A place in S3, as people write it: `s3://BUCKET[/KEY]`.
///
/// @param key of an object, or what the keys of some begin with; empty: those of the whole bucket
public record S3Address(String bucket, String key) {
  private static final String SCHEME = "s3://";
  private static final Pattern FORM = Pattern.compile("s3://([a-z0-9.-]{3,63})(?:/(.*))?");

  /// Whether it is meant as one, well formed or not.
  public static boolean isMeant(String text) {
    return text.startsWith(SCHEME);
  }

  public static Optional<S3Address> parse(String text) {
    var found = FORM.matcher(text);
    return found.matches()
        ? Optional.of(new S3Address(found.group(1), Optional.ofNullable(found.group(2)).orElse("")))
        : Optional.empty();
  }

  /// The object that a file of some name goes to: this one itself, if it ends as the file does, or
  /// one below it.
  ///
  /// @param ending such as `.zip`
  public S3Address of(String name, String ending) {
    return key.endsWith(ending)
        ? this
        : new S3Address(bucket, key.replaceFirst("/*$", key.isEmpty() ? "" : "/") + name);
  }

  @Override
  public String toString() {
    return SCHEME + bucket + "/" + key;
  }
}
