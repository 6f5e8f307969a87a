package io.armory.agent.adapter.files;

import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.ServiceReport.Usage;
import io.armory.agent.port.UsageMeter;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/// What containers use, read off the kernel's control groups when somebody asks for it: the engine,
/// which takes a second for the same, has nothing to do with it, and nothing is read while nobody
/// asks. Both generations of control groups, and the names that Docker and Podman give to theirs.
public final class ControlGroups implements UsageMeter {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
  private static final List<String> NAMES =
      List.of(
          "system.slice/docker-%s.scope",
          "docker/%s", "machine.slice/libpod-%s.scope", "libpod_parent/libpod-%s");

  /// The first generation says so where there is no limit.
  private static final long UNLIMITED = 1L << 60;

  /// Two readings closer than this tell no share of the processor, and one older than the other
  /// nothing of now.
  private static final Duration LEAST = Duration.ofMillis(200);

  private static final BigInteger LARGEST = BigInteger.valueOf(Long.MAX_VALUE);
  private static final Duration MOST = Duration.ofMinutes(5);
  private static final Duration WINDOW = Duration.ofSeconds(2);

  private final Path root;
  private final LongSupplier nanos;
  private final Map<String, Reading> before = new HashMap<>();

  private record Reading(long at, Duration processor) {}

  public ControlGroups() {
    this(Path.of("/sys/fs/cgroup"), System::nanoTime);
  }

  /// @param nanos as [System#nanoTime]
  ControlGroups(Path root, LongSupplier nanos) {
    this.root = root;
    this.nanos = nanos;
  }

  @Override
  public synchronized boolean knowsRates() {
    var now = nanos.getAsLong();
    return before.values().stream().anyMatch(r -> now - r.at() < MOST.toNanos());
  }

  @Override
  public synchronized HealthReport measured(HealthReport report) {
    var now = nanos.getAsLong();
    before.values().removeIf(r -> now - r.at() > MOST.toNanos());
    return report.with(report.services().stream().map(s -> measured(s, now)).toList());
  }

  private ServiceReport measured(ServiceReport service, long now) {
    return service.containers().stream()
        .filter(c -> c.engineState().equals("running"))
        .flatMap(c -> usage(c.id(), now).stream())
        .reduce(Usage::plus)
        .map(service::with)
        .orElse(service);
  }

  private Optional<Usage> usage(String id, long now) {
    if (!ID.matcher(id).matches()) {
      return Optional.empty();
    }
    return Files.exists(root.resolve("cgroup.controllers")) ? second(id, now) : first(id, now);
  }

  private Optional<Usage> second(String id, long now) {
    for (var name : NAMES) {
      var group = root.resolve(name.formatted(id));
      var memory = number(group.resolve("memory.current"));
      if (memory.isPresent()) {
        var processor =
            Duration.ofNanos(1000 * field(group.resolve("cpu.stat"), "usage_usec").orElse(0));
        var most = text(group.resolve("cpu.max")).split(" ", -1);
        return Optional.of(
            usage(
                id,
                memory.getAsLong() - field(group.resolve("memory.stat"), "inactive_file").orElse(0),
                number(group.resolve("memory.max")),
                processor,
                most.length == 2 ? share(number(most[0]), number(most[1])) : 0,
                now));
      }
    }
    return Optional.empty();
  }

  private Optional<Usage> first(String id, long now) {
    for (var name : NAMES) {
      var group = name.formatted(id);
      var memory = root.resolve("memory").resolve(group);
      var used = number(memory.resolve("memory.usage_in_bytes"));
      if (used.isPresent()) {
        var cpu = root.resolve("cpu").resolve(group);
        return Optional.of(
            usage(
                id,
                used.getAsLong()
                    - field(memory.resolve("memory.stat"), "total_inactive_file").orElse(0),
                number(memory.resolve("memory.limit_in_bytes")),
                Duration.ofNanos(
                    number(root.resolve("cpuacct").resolve(group).resolve("cpuacct.usage"))
                        .orElse(0)),
                share(
                    number(cpu.resolve("cpu.cfs_quota_us")),
                    number(cpu.resolve("cpu.cfs_period_us"))),
                now));
      }
    }
    return Optional.empty();
  }

  private Usage usage(
      String id, long memory, OptionalLong limit, Duration processor, double most, long now) {
    var isLimited = limit.isPresent() && limit.getAsLong() < UNLIMITED;
    return new Usage(
        Math.max(0, memory),
        isLimited ? limit.getAsLong() : 0,
        processor,
        most,
        rate(id, processor, now));
  }

  /// Of one processor, since a reading some seconds ago.
  private OptionalDouble rate(String id, Duration processor, long now) {
    var last = before.get(id);
    if (last == null || last.processor().compareTo(processor) > 0) {
      before.put(id, new Reading(now, processor));
      return OptionalDouble.empty();
    }
    var elapsed = now - last.at();
    if (elapsed >= WINDOW.toNanos()) {
      before.put(id, new Reading(now, processor));
    }
    return elapsed < LEAST.toNanos()
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) processor.minus(last.processor()).toNanos() / elapsed);
  }

  private static double share(OptionalLong quota, OptionalLong period) {
    return quota.isPresent() && quota.getAsLong() > 0 && period.orElse(0) > 0
        ? (double) quota.getAsLong() / period.getAsLong()
        : 0;
  }

  private static OptionalLong field(Path file, String name) {
    return text(file)
        .lines()
        .filter(l -> l.startsWith(name + " "))
        .map(l -> number(l.substring(name.length() + 1)))
        .findFirst()
        .orElse(OptionalLong.empty());
  }

  private static OptionalLong number(Path file) {
    return number(text(file));
  }

  private static OptionalLong number(String text) {
    return text.matches("-?[0-9]{1,19}")
        ? OptionalLong.of(new BigInteger(text).min(LARGEST).longValue())
        : OptionalLong.empty();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
