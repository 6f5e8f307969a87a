package io.armory.agent.adapter.aws;

import java.util.Optional;
import java.util.regex.Pattern;

/// What an answer of IMDS looks like. Whatever else answers at its address, such as a proxy's page
/// or a portal's JSON, has no such answers, and what it says is unknown, never empty.
///
/// Rules from the EC2 user guide, "Use instance tags" (keys that IMDS shows have letters, digits
/// and `+ - = . , _ : @`, at most 128 of them; values at most 256 characters) and "Instance
/// metadata categories".
final class MetadataShape {
  static final String TAGS = "tags/instance";
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+\\-=.,_:@]{1,128}");
  private static final int LONGEST_VALUE = 256;

  /// Fifty of the user's and AWS's own.
  private static final int MOST_TAGS = 200;

  private static final Pattern INSTANCE = Pattern.compile("i-[A-Za-z0-9-]{1,40}");
  private static final Pattern PLACE = Pattern.compile("[a-z]{2,}(-[a-z0-9]+){1,5}");
  private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}/?");
  private static final Pattern RANGE = Pattern.compile("[0-9a-fA-F.:]{2,45}/\\d{1,3}");
  private static final Pattern STATE = Pattern.compile("[A-Za-z:]{1,64}");

  private MetadataShape() {}

  /// @return why this cannot be IMDS's answer; empty: it can
  static Optional<String> whyForeign(String item, String value) {
    var text = value.strip();
    return switch (item) {
      case TAGS -> ofList(value);
      case "instance-id" -> of(INSTANCE, text, "no instance's ID");
      case "placement/region" -> of(PLACE, text, "no region");
      case "placement/availability-zone" -> of(PLACE, text, "no availability zone");
      case "local-ipv4" -> of(ADDRESS, text, "no address");
      case "autoscaling/target-lifecycle-state" -> of(STATE, text, "no lifecycle state");
      case "network/interfaces/macs/" -> ofLines(MAC, text, "no list of interfaces");
      default ->
          item.startsWith(TAGS + "/")
              ? ofValue(value)
              : item.endsWith("-cidr-blocks")
                  ? ofLines(RANGE, text, "no list of ranges")
                  : Optional.empty();
    };
  }

  private static Optional<String> of(Pattern shape, String text, String what) {
    return shape.matcher(text).matches() ? Optional.empty() : Optional.of("the answer is " + what);
  }

  private static Optional<String> ofLines(Pattern shape, String text, String what) {
    return text.lines().allMatch(l -> shape.matcher(l.strip()).matches())
        ? Optional.empty()
        : Optional.of("the answer is " + what);
  }

  private static Optional<String> ofList(String value) {
    var keys = value.lines().toList();
    return keys.size() <= MOST_TAGS
            && keys.stream().allMatch(k -> KEY.matcher(k).matches())
            && keys.stream().distinct().count() == keys.size()
        ? Optional.empty()
        : Optional.of("the answer is no list of tags");
  }

  private static Optional<String> ofValue(String value) {
    return value.length() <= LONGEST_VALUE && value.chars().noneMatch(Character::isISOControl)
        ? Optional.empty()
        : Optional.of("the answer is no tag's value");
  }
}
