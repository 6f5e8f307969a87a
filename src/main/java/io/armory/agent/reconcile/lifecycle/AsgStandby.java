package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Maintenance;
import io.armory.agent.port.Lifecycle;
import io.armory.agent.port.Lifecycle.Membership;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the instance in its group's standby for as long as a maintenance asks for it, and takes
/// back only an instance that it put there.
record AsgStandby(ReconcilerDriver loop, ReconcilerPorts parts, Lifecycle lifecycle) {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.lifecycle");
  private static final String NAME = "Standby";

  /// @return whether something was changed
  boolean mind(NodeIdentity node, Membership membership, HealthReport report) {
    var wanted = report.maintenance().filter(Maintenance::standby).isPresent();
    if (wanted && membership.state().equals("InService")) {
      return did(keepMark(true).flatMap(done -> enter(node, membership)), "for maintenance");
    }
    if (!wanted && membership.state().equals(NAME) && isOurs()) {
      var outcome = lifecycle.leaveStandby(membership.group(), node);
      return did(outcome.flatMap(words -> keepMark(false).map(done -> words)), "maintenance ended");
    }
    return false;
  }

  /// The mark comes first, so that an agent killed in between knows the standby for its own;
  /// without the standby it would claim one that somebody else asks for.
  private Outcome<String> enter(NodeIdentity node, Membership membership) {
    var entered = lifecycle.enterStandby(membership.group(), node);
    return switch (entered) {
      case Outcome.Done<String> _ -> entered;
      case Outcome.Failed<String> _ -> {
        var _ = keepMark(false);
        yield entered;
      }
    };
  }

  private boolean did(Outcome<String> outcome, String why) {
    return switch (outcome) {
      case Outcome.Done<String>(var words) -> {
        LOG.info("{} ({})", words, why);
        loop.ask(() -> loop.core().event("lifecycle", "", words, why));
        yield true;
      }
      case Outcome.Failed<String>(var failure) -> {
        LOG.warn("{}", failure.message());
        yield false;
      }
    };
  }

  private boolean isOurs() {
    return parts.state().load("standby")
            instanceof Outcome.Done<java.util.Optional<byte[]>>(var kept)
        && kept.filter(b -> b.length > 2).isPresent();
  }

  private Outcome<String> keepMark(boolean ours) {
    var text = ours ? "{\"ours\":true}" : "{}";
    return parts.state().save("standby", text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }
}
