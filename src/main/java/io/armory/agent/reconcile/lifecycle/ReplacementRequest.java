package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.Lifecycle;
import io.armory.agent.port.Lifecycle.Membership;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the group for another instance, when the verdict says that only that helps: not in
/// maintenance, not in the first minutes, not where it is switched off, and not often.
final class ReplacementRequest {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.lifecycle");

  /// The group needs minutes to act on it.
  private static final Duration BETWEEN = Duration.ofMinutes(30);

  private static final Duration RETRY = Duration.ofMinutes(1);

  private final ReconcilerDriver loop;
  private final Lifecycle lifecycle;
  private final LifecycleSettings settings;
  private final Instant started;
  private volatile List<String> lines = List.of();
  private @Nullable Instant nextAt;

  ReplacementRequest(
      ReconcilerDriver loop,
      ReconcilerPorts parts,
      Lifecycle lifecycle,
      LifecycleSettings settings) {
    this.loop = loop;
    this.lifecycle = lifecycle;
    this.settings = settings;
    this.started = parts.steady().instant();
  }

  List<String> lines() {
    return lines;
  }

  void mind(NodeIdentity node, Membership membership, HealthReport report, Instant now) {
    if (!report.replace().holds()) {
      lines = List.of();
      nextAt = null;
      return;
    }
    var obstacle = obstacle(membership, report, now);
    if (obstacle.isPresent()) {
      lines = List.of("the group is not asked for another instance: " + obstacle.get());
    } else if (nextAt == null || !now.isBefore(nextAt)) {
      report(node, report, now);
    }
  }

  private Optional<String> obstacle(Membership membership, HealthReport report, Instant now) {
    if (!settings.reports()) {
      return Optional.of("health.asg.report is false");
    }
    if (report.maintenance().isPresent()) {
      return Optional.of("in maintenance");
    }
    if (report.lifecycle().drain().isPresent()) {
      return Optional.of("the node drains");
    }
    if (now.isBefore(started.plus(settings.grace()))) {
      return Optional.of(
          "not before %d s from now, health.asg.grace"
              .formatted(Duration.between(now, started.plus(settings.grace())).toSeconds()));
    }
    return membership.state().equals("InService")
        ? Optional.empty()
        : Optional.of("the instance is " + membership.state());
  }

  private void report(NodeIdentity node, HealthReport report, Instant now) {
    var why = report.replace().reason();
    switch (lifecycle.reportUnhealthy(node)) {
      case Outcome.Done<String>(var words) -> {
        nextAt = now.plus(BETWEEN);
        lines = List.of(words + " at " + report.at() + ": the group will replace it");
        LOG.error("{}: {}", words, why);
        loop.ask(() -> loop.core().event("lifecycle", "", words, why));
      }
      case Outcome.Failed<String>(var failure) -> {
        nextAt = now.plus(RETRY);
        LOG.warn("{}", failure.message());
      }
    }
  }
}
