package io.armory.agent.render.engine;

import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Volume;
import java.util.Set;

/// Networks and volumes.
final class ResourceRules {
  /// Networks that engines make for themselves.
  private static final Set<String> TAKEN = Set.of("bridge", "host", "none", "default");

  /// Drivers of which an engine has one network.
  private static final Set<String> SINGLE = Set.of("host", "null");

  private static final String LOCAL = "local";
  private static final Set<String> LOCAL_OPTIONS = Set.of("type", "device", "o", "size");
  private static final String BRIDGE = "com.docker.network.bridge.name";
  private static final String MTU = "com.docker.network.driver.mtu";

  /// The kernel's `IFNAMSIZ` without its end.
  private static final int LONGEST_DEVICE = 15;

  private ResourceRules() {}

  static void check(Network network, Faults faults) {
    if (network.external()) {
      return;
    }
    if (TAKEN.contains(network.name())) {
      faults.refuse(
          "name",
          network.name(),
          "'%s' is a network of the engine's own".formatted(network.name()),
          "choose another name, or say external: true");
    }
    var driver = network.driver();
    if (driver != null && SINGLE.contains(driver)) {
      faults.refuse(
          "driver",
          driver,
          "an engine has one network of the driver %s".formatted(driver),
          "use network_mode: host or none");
    } else if (driver != null && !driver.isEmpty()) {
      faults.unlessKnown("driver", driver, "network driver", faults.engine().networkDrivers());
    }
    if (driver == null || driver.isEmpty() || driver.equals("bridge")) {
      bridge(network, faults);
    }
  }

  private static void bridge(Network network, Faults faults) {
    var mtu = network.driverOpts().get(MTU);
    if (mtu != null && !mtu.matches("[0-9]{1,9}")) {
      faults.refuse("driver_opts", mtu, "'%s' is no MTU".formatted(mtu), "write 1500");
    }
    var name = network.driverOpts().getOrDefault(BRIDGE, "");
    if (name.length() > LONGEST_DEVICE || name.matches(".*[\\s/].*")) {
      faults.refuse(
          "driver_opts",
          name,
          "'%s' is no name of a device".formatted(name),
          "write at most %d characters without blanks".formatted(LONGEST_DEVICE));
    }
  }

  static void check(Volume volume, Faults faults) {
    if (volume.external()) {
      return;
    }
    var driver = volume.driver();
    if (driver != null && !driver.isEmpty() && !driver.equals(LOCAL)) {
      faults.unlessKnown("driver", driver, "volume driver", faults.engine().volumeDrivers());
      return;
    }
    if (!CommandRules.NAME.matcher(volume.name()).matches()) {
      faults.refuse(
          "name",
          volume.name(),
          "'%s' is no name of a volume".formatted(volume.name()),
          "write two or more letters, digits, '_', '.' or '-', a letter or digit first");
    }
    for (var option : volume.driverOpts().keySet()) {
      if (!LOCAL_OPTIONS.contains(option)) {
        faults.refuse(
            "driver_opts",
            option,
            "the driver local has no option '%s'".formatted(option),
            Faults.nearest(option, LOCAL_OPTIONS).orElse("it has type, device, o and size"));
      }
    }
  }
}
