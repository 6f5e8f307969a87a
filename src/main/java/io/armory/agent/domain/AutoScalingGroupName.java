package io.armory.agent.domain;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// An Auto Scaling group's name taken apart by the Frigga convention, `app-stack-detail-v000`, as
/// Spinnaker itself names server groups. Stack, detail and sequence may each be missing; a stack
/// left empty keeps its dash (`app--detail`). Labelled variables (`-d0prod`) belong to none of
/// them.
///
/// @param detail everything between the stack and the sequence, dashes included
public record AutoScalingGroupName(
    String app, Optional<String> stack, Optional<String> detail, OptionalInt sequence) {

  private static final Pattern WHOLE = Pattern.compile("[-a-zA-Z0-9._~^]+");
  private static final Pattern SEQUENCE = Pattern.compile("(.*)-v([0-9]{3,6})");
  private static final Pattern LABELLED = Pattern.compile("[cdhpruwz]0[a-zA-Z0-9]+");

  /// Empty for a name the convention cannot have made.
  public static Optional<AutoScalingGroupName> parse(String name) {
    if (!WHOLE.matcher(name).matches()) {
      return Optional.empty();
    }
    var push = SEQUENCE.matcher(name);
    var sequenced = push.matches();
    var cluster = sequenced ? push.group(1) : name;
    var parts = cluster.split("-", -1);
    if (parts[0].isEmpty()) {
      return Optional.empty();
    }
    var end = parts.length;
    while (end > 1 && LABELLED.matcher(parts[end - 1]).matches()) {
      end--;
    }
    var stack = end > 1 ? parts[1] : "";
    var detail = end > 2 ? String.join("-", Arrays.copyOfRange(parts, 2, end)) : "";
    return Optional.of(
        new AutoScalingGroupName(
            parts[0],
            said(stack),
            said(detail),
            sequenced ? OptionalInt.of(Integer.parseInt(push.group(2))) : OptionalInt.empty()));
  }

  /// The role a group's detail stands for: `polling` and `nonpolling`, as Armory's own groups were
  /// named (`armoryspinnaker-ha-polling-v015`).
  public Optional<String> role() {
    return detail.flatMap(d ->
        switch (d) {
          case "polling" -> Optional.of("ha-polling");
          case "nonpolling" -> Optional.of("ha-nonpolling");
          default -> Optional.empty();
        });
  }

  private static Optional<String> said(String part) {
    return part.isEmpty() ? Optional.empty() : Optional.of(part);
  }
}
