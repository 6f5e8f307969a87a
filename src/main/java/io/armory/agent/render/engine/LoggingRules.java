package io.armory.agent.render.engine;

import io.armory.agent.domain.stack.ContainerSpec.Logging;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a container's output goes: the driver, and the options of those two that keep it on the
/// node.
final class LoggingRules {
  private static final String OPTIONS = "logging.options.";
  private static final String JSON_FILE = "json-file";
  private static final String LOCAL = "local";
  private static final String MAX_SIZE = "max-size";
  private static final String MAX_FILE = "max-file";
  private static final String COMPRESS = "compress";

  /// Options of every driver.
  private static final Set<String> COMMON = Set.of("mode", "max-buffer-size");

  private static final Map<String, Set<String>> KNOWN =
      Map.of(
          JSON_FILE,
          Set.of(MAX_SIZE, MAX_FILE, COMPRESS, "labels", "labels-regex", "env", "env-regex", "tag"),
          LOCAL,
          Set.of(MAX_SIZE, MAX_FILE, COMPRESS));

  private static final Pattern SIZE =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?[kKmMgGtTpP]?[iI]?[bB]?");
  private static final Pattern COUNT = Pattern.compile("[+-]?[0-9]{1,9}");

  private LoggingRules() {}

  static void check(@Nullable Logging logging, Faults faults) {
    if (logging == null || logging.driver() == null || logging.driver().isEmpty()) {
      return;
    }
    var driver = logging.driver();
    if (!driver.equals("none")) {
      faults.unlessKnown("logging.driver", driver, "logging driver", faults.engine().logDrivers());
    }
    var options = logging.options();
    buffer(options, faults);
    var known = KNOWN.get(driver);
    if (known == null) {
      return;
    }
    for (var option : new TreeSet<>(options.keySet())) {
      if (!known.contains(option) && !COMMON.contains(option) && !option.startsWith("cache-")) {
        faults.refuse(
            OPTIONS + option,
            "",
            "the driver %s has no such option".formatted(driver),
            Faults.nearest(option, known)
                .orElse("it has " + String.join(", ", new TreeSet<>(known))));
      }
    }
    size(MAX_SIZE, options, driver.equals(JSON_FILE), faults);
    flag(options, faults);
    files(driver, options, faults);
  }

  private static void buffer(Map<String, String> options, Faults faults) {
    var mode = options.getOrDefault("mode", "");
    if (!Set.of("", "blocking", "non-blocking").contains(mode)) {
      faults.refuse(
          OPTIONS + "mode", mode, "'%s' is no mode".formatted(mode), "write non-blocking");
    } else if (options.containsKey("max-buffer-size") && !mode.equals("non-blocking")) {
      faults.refuse(
          OPTIONS + "max-buffer-size",
          "",
          "has a meaning only with mode: non-blocking",
          "add mode: non-blocking, or remove it");
    }
    size("max-buffer-size", options, false, faults);
  }

  private static void size(
      String option, Map<String, String> options, boolean isPositive, Faults faults) {
    var size = options.get(option);
    if (size == null) {
      return;
    }
    var parts = SIZE.matcher(size);
    if (!parts.matches()) {
      faults.refuse(OPTIONS + option, size, "'%s' is no size".formatted(size), "write 10m");
    } else if (isPositive && Double.parseDouble(parts.group(1)) == 0) {
      faults.refuse(OPTIONS + option, size, "is 0", "write 10m");
    }
  }

  private static void flag(Map<String, String> options, Faults faults) {
    var compress = options.get(COMPRESS);
    if (compress != null && !CapabilityRules.FLAGS.contains(compress)) {
      faults.refuse(
          OPTIONS + COMPRESS,
          compress,
          "'%s' is neither true nor false".formatted(compress),
          "write \"true\"");
    }
  }

  private static void files(String driver, Map<String, String> options, Faults faults) {
    var written = options.get(MAX_FILE);
    if (written != null && !COUNT.matcher(written).matches()) {
      faults.refuse(
          OPTIONS + MAX_FILE, written, "'%s' is no number".formatted(written), "write \"3\"");
      return;
    }
    var isLocal = driver.equals(LOCAL);
    var count = written == null ? (isLocal ? 5 : 1) : Integer.parseInt(written);
    var compresses = isTrue(options.getOrDefault(COMPRESS, isLocal ? "true" : "false"));
    if (count < (isLocal ? 0 : 1)) {
      faults.refuse(OPTIONS + MAX_FILE, "", "is less than 1", "write \"3\"");
    } else if (compresses && count < 2) {
      faults.refuse(
          OPTIONS + (isLocal ? MAX_FILE : COMPRESS),
          "",
          "compressing takes at least two files",
          "write max-file: \"2\" or more, or compress: \"false\"");
    } else if (compresses && !isLocal && !options.containsKey(MAX_SIZE)) {
      faults.refuse(OPTIONS + COMPRESS, "", "needs a max-size", "add max-size: 10m");
    }
  }

  private static boolean isTrue(String flag) {
    return flag.equals("1") || flag.startsWith("t") || flag.startsWith("T");
  }
}
