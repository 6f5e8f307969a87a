package io.armory.agent.reconcile.shared;

import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.reconcile.turn.TurnTimes;
import java.time.Duration;

/// How the nodes of a group take turns.
///
/// @param loadBalancer so long a node is not ready before it replaces what it publishes
/// @param serves so long before its change is good a node is back in its load balancers: what falls
///   over before that is noticed by nobody
public record TurnSettings(
    TurnTimes times, MaxUnavailable limit, Duration loadBalancer, Duration serves) {

  /// Half of the bake is for those that send, and they see it before the next node leaves.
  public static TurnSettings of(
      TurnTimes times, MaxUnavailable limit, Duration loadBalancer, Duration bake) {
    var half = bake.dividedBy(2);
    return new TurnSettings(
        times, limit, loadBalancer, half.compareTo(loadBalancer) > 0 ? half : loadBalancer);
  }
}
