package io.armory.agent.render.engine;

import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.ContainerSpec.Healthcheck;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What runs, as whom and where, and the engine's own health check.
final class CommandRules {
  static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]+");
  private static final Duration LEAST = Duration.ofMillis(1);

  private static final int KNOWS_START_INTERVAL = 25;

  /// A kernel's `HOST_NAME_MAX`.
  private static final int LONGEST_HOSTNAME = 64;

  private static final long LARGEST_ID = Integer.MAX_VALUE;

  /// The last signal of Linux, `SIGRTMAX`.
  private static final int LAST_SIGNAL = 64;

  private static final int REAL_TIME = 15;

  private static final List<String> SIGNALS =
      Stream.concat(
              Stream.of(
                  "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO",
                  "IOT", "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP",
                  "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM",
                  "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX"),
              IntStream.rangeClosed(1, REAL_TIME)
                  .boxed()
                  .flatMap(n ->
                      n == REAL_TIME
                          ? Stream.of("RTMIN+15")
                          : Stream.of("RTMIN+" + n, "RTMAX-" + n)))
          .map("SIG"::concat)
          .toList();

  private CommandRules() {}

  static void check(ContainerSpec container, Faults faults) {
    var command = container.command();
    var directory = command.workingDir();
    if (directory != null && !directory.isEmpty() && !directory.startsWith("/")) {
      faults.refuse(
          "working_dir",
          directory,
          "'%s' is not absolute".formatted(directory),
          "write /" + directory.replaceFirst("^(?:\\./)+", ""));
    }
    if (command.user() != null) {
      for (var part : command.user().split(":", 2)) {
        id("user", part, faults);
      }
    }
    container.security().groupAdd().forEach(group -> group(group, faults));
    signal(command.stopSignal(), faults);
    if (command.environment().containsKey("")) {
      faults.refuse("environment", "", "a variable has no name", "name it, or remove it");
    }
    var name = container.containerName();
    if (name != null && !name.isEmpty() && !NAME.matcher(name).matches()) {
      faults.refuse(
          "container_name",
          name,
          "'%s' is no name of a container".formatted(name),
          "write two or more letters, digits, '_', '.' or '-', a letter or digit first");
    }
    hostname(container, faults);
    if (container.healthcheck() != null) {
      healthcheck(container.healthcheck(), faults);
    }
  }

  private static void group(String group, Faults faults) {
    if (group.isEmpty()) {
      faults.refuse("group_add", "", "a group has no name", "name it, or remove it");
    }
    id("group_add", group, faults);
  }

  /// Names are in the image, numbers are not.
  private static void id(String attribute, String id, Faults faults) {
    if (NUMBER.matcher(id).matches()
        && (id.startsWith("-") || id.length() > 10 || Long.parseLong(id) > LARGEST_ID)) {
      faults.refuse(
          attribute, id, "%s is no user or group".formatted(id), "write one from 0 to 2147483647");
    }
  }

  private static void signal(@Nullable String signal, Faults faults) {
    if (signal == null || signal.isEmpty()) {
      return;
    }
    var bare = signal.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
    if (NUMBER.matcher(signal).matches()) {
      var number = signal.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(signal);
      if (number == 0) {
        faults.refuse("stop_signal", signal, "0 is no signal", "write SIGTERM");
      } else if (number < 0 || number > LAST_SIGNAL) {
        faults.warn(
            "stop_signal",
            signal,
            "%s is no signal of Linux, so that the container would be killed".formatted(signal),
            "write SIGTERM");
      }
    } else if (!SIGNALS.contains("SIG" + bare)) {
      faults.refuse(
          "stop_signal",
          signal,
          "'%s' is no signal".formatted(signal),
          Faults.nearest("SIG" + bare, SIGNALS).orElse("write SIGTERM"));
    }
  }

  private static void hostname(ContainerSpec container, Faults faults) {
    var hostname = container.hostname();
    if (hostname != null && hostname.getBytes(StandardCharsets.UTF_8).length > LONGEST_HOSTNAME) {
      faults.refuse(
          "hostname",
          hostname,
          "the name is longer than %d characters".formatted(LONGEST_HOSTNAME),
          "shorten it");
    }
  }

  private record Time(String attribute, @Nullable Duration value) {}

  private static void healthcheck(Healthcheck health, Faults faults) {
    var times =
        new ArrayList<>(
            List.of(
                new Time("interval", health.interval()),
                new Time("timeout", health.timeout()),
                new Time("start_period", health.startPeriod()),
                new Time("start_interval", health.startInterval())));
    for (var time : times) {
      var value = time.value();
      if (value != null && !value.isZero() && value.compareTo(LEAST) < 0) {
        faults.refuse(
            "healthcheck." + time.attribute(),
            "",
            "is shorter than 1 ms",
            "write 1ms or more, or 0s for the engine's default");
      }
    }
    var release = faults.engine().release();
    if (health.startInterval() != null && release > 0 && release < KNOWS_START_INTERVAL) {
      faults.refuse(
          "healthcheck.start_interval",
          "",
          "needs Docker %d, and this is %d".formatted(KNOWS_START_INTERVAL, release),
          "remove it, or use a newer engine");
    }
    if (health.retries() != null && health.retries() < 0) {
      faults.refuse("healthcheck.retries", "", "is less than 0", "write 3");
    }
  }
}
