package io.armory.agent.port;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ScheduledEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the node's Auto Scaling group and EC2 have in mind for it, and what the node answers them.
/// Nothing throws; a source out of reach is a failure, never "nothing is planned".
public interface Lifecycle {

  /// What EC2 announces to this instance. Cheap enough to be asked every 5 s.
  Outcome<Notices> notices();

  /// @param targetState where the group wants the instance: `InService`, `Standby`, `Terminated`,
  ///   `Detached`, `Warmed:Stopped`, …; empty: the instance is in no group
  /// @param spot Spot's notice, about two minutes ahead
  /// @param rebalance since when the instance runs at an elevated risk of interruption
  /// @param scheduled what EC2 has in its calendar and has not done yet
  record Notices(
      Optional<String> targetState,
      Optional<SpotNotice> spot,
      Optional<Instant> rebalance,
      List<ScheduledEvent> scheduled) {

    public Notices {
      scheduled = List.copyOf(scheduled);
    }

    /// With an empty calendar.
    public Notices(
        Optional<String> targetState, Optional<SpotNotice> spot, Optional<Instant> rebalance) {
      this(targetState, spot, rebalance, List.of());
    }

    public static final Notices NONE =
        new Notices(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// @param action `terminate`, `stop` or `hibernate`
  record SpotNotice(String action, Instant at) {}

  /// The instance as its group sees it; empty: it is in none.
  Outcome<Optional<Membership>> membership(NodeIdentity node);

  /// @param state `Pending:Wait`, `InService`, `Terminating:Wait`, `Standby`, `Warmed:Stopped`, …
  /// @param healthy what the group believes
  record Membership(String group, String state, boolean healthy) {
    public boolean waitsForLaunchHook() {
      return state.equals("Pending:Wait") || state.equals("Warmed:Pending:Wait");
    }

    public boolean waitsForTerminationHook() {
      return state.equals("Terminating:Wait") || state.equals("Warmed:Terminating:Wait");
    }
  }

  /// Whom the group believes about its instances' health.
  Outcome<GroupHealth> health(NodeIdentity node, String group);

  /// @param types as the group names them: `EC2`, `ELB`, `VPC_LATTICE`, `EBS`
  /// @param grace how long after a start nobody is believed
  record GroupHealth(List<String> types, Duration grace) {
    public GroupHealth {
      types = List.copyOf(types);
    }

    /// Whether an instance that a load balancer calls unhealthy is ended for that alone.
    public boolean endsTheUnready() {
      return types.contains("ELB") || types.contains("VPC_LATTICE");
    }
  }

  /// The hooks of a group, of both transitions.
  Outcome<List<Hook>> hooks(NodeIdentity node, String group);

  enum Transition {
    LAUNCHING,
    TERMINATING
  }

  /// @param heartbeat how long the hook waits without a heartbeat
  /// @param total how long it waits at most, however many heartbeats come
  record Hook(
      String group, String name, Transition transition, Duration heartbeat, Duration total) {}

  /// Starts the hook's timeout afresh.
  Outcome<String> heartbeat(Hook hook, NodeIdentity node);

  enum Verdict {
    CONTINUE,
    ABANDON
  }

  /// Ends the wait. A hook that waits no longer is done, not failed: an agent that was restarted
  /// meanwhile may come twice.
  Outcome<String> complete(Hook hook, NodeIdentity node, Verdict verdict);

  /// Asks the group to replace this instance, once its grace period is over.
  Outcome<String> reportUnhealthy(NodeIdentity node);

  /// Takes the instance out of service without ending it; the group keeps its desired capacity
  /// lowered meanwhile, so that no other is launched in its place.
  Outcome<String> enterStandby(String group, NodeIdentity node);

  Outcome<String> leaveStandby(String group, NodeIdentity node);
}
