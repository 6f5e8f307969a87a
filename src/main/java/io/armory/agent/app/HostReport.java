package io.armory.agent.app;

import io.armory.agent.domain.report.HealthReport.Host;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The node's own condition, with what only AWS can tell of it: whether the clock is right. Disk
/// and memory do not change by the second: they are looked at twice a minute.
final class HostReport implements Supplier<Host> {
  private static final Duration SKEW = Duration.ofSeconds(30);
  private static final Duration EVERY = Duration.ofSeconds(30);

  private final Supplier<Host> node;
  private final Supplier<Optional<Duration>> clockBehind;
  private final LongSupplier freeMemory;
  private final InstantSource clock;
  private volatile @Nullable Host last;
  private volatile Instant lookedAt = Instant.MIN;

  /// @param clockBehind AWS's; negative: the node's is ahead; empty: not known
  HostReport(
      Supplier<Host> node,
      LongSupplier freeMemory,
      Supplier<Optional<Duration>> clockBehind,
      InstantSource clock) {
    this.node = node;
    this.freeMemory = freeMemory;
    this.clockBehind = clockBehind;
    this.clock = clock;
  }

  @Override
  public Host get() {
    var now = clock.instant();
    var known = last;
    if (known == null || !now.isBefore(lookedAt.plus(EVERY))) {
      known = look();
      last = known;
      lookedAt = now;
    }
    // What is started takes memory at once.
    return known.withFreeMemory(freeMemory.getAsLong());
  }

  private Host look() {
    var host = node.get();
    var skew = clockBehind.get().filter(d -> d.abs().compareTo(SKEW) > 0);
    if (skew.isEmpty()) {
      return host;
    }
    var warnings = new ArrayList<>(host.warnings());
    warnings.add(
        "the clock is %d s %s AWS's; start chrony or systemd-timesyncd"
            .formatted(
                skew.get().abs().toSeconds(), skew.get().isNegative() ? "ahead of" : "behind"));
    return new Host(host.diskUsagePercent(), warnings);
  }
}
