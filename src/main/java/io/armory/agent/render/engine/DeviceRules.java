package io.armory.agent.render.engine;

import io.armory.agent.domain.stack.Resources;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Devices and the rules about them.
final class DeviceRules {
  private static final Pattern RULE =
      Pattern.compile("[acb] (\\*|[0-9]{1,10}):(\\*|[0-9]{1,10}) [rwm]{1,3}");
  private static final long LARGEST = 0xFFFFFFFFL;
  private static final int LEAST_WEIGHT = 10;
  private static final int MOST_WEIGHT = 1000;

  /// A device of a vendor's, as `nvidia.com/gpu=all`.
  private static final Pattern NAMED = Pattern.compile("[^/=]+/[^/=]+=.+");

  private DeviceRules() {}

  static void check(Resources resources, Faults faults) {
    for (var device : resources.devices()) {
      var source = device.source();
      if (!source.startsWith("/") && !NAMED.matcher(source).matches()) {
        faults.refuse("devices", source, "'%s' is not absolute".formatted(source), "write /dev/…");
      }
      if (!device.permissions().matches("[rwm]*")) {
        faults.warn(
            "devices",
            device.permissions(),
            "'%s' has letters other than r, w and m".formatted(device.permissions()),
            "write rwm, or fewer of them");
      }
    }
    for (var rule : resources.deviceCgroupRules()) {
      if (!isRule(rule)) {
        faults.refuse(
            "device_cgroup_rules",
            rule,
            "'%s' is no rule".formatted(rule),
            "write one such as c 1:3 rwm");
      }
    }
    blkio(resources, faults);
  }

  private static boolean isRule(String rule) {
    var parts = RULE.matcher(rule);
    return parts.matches()
        && Stream.of(parts.group(1), parts.group(2))
            .allMatch(n -> n.equals("*") || Long.parseLong(n) < LARGEST);
  }

  private static void blkio(Resources resources, Faults faults) {
    var blkio = resources.blkio();
    var weight = blkio == null || blkio.weight() == null ? 0 : blkio.weight();
    if (weight != 0 && (weight < LEAST_WEIGHT || weight > MOST_WEIGHT)) {
      faults.warn(
          "blkio_config.weight",
          "",
          "%d is not from %d to %d, which engines refuse where the kernel has such weights"
              .formatted(weight, LEAST_WEIGHT, MOST_WEIGHT),
          "choose such a number");
    }
  }
}
