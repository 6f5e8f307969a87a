package io.armory.agent.reconcile;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Lifecycle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// A group and EC2 that say what the test says, and note what the node tells them.
public final class FakeLifecycle implements Lifecycle {
  public volatile Outcome<Notices> notices =
      Outcome.done(new Notices(Optional.of("InService"), Optional.empty(), Optional.empty()));
  volatile String state = "InService";
  public volatile Outcome<GroupHealth> health =
      Outcome.done(new GroupHealth(List.of("EC2"), Duration.ofMinutes(5)));
  public volatile Duration heartbeat = Duration.ofSeconds(60);
  public final List<String> told = new CopyOnWriteArrayList<>();

  public void target(String target, String now) {
    notices = Outcome.done(new Notices(Optional.of(target), Optional.empty(), Optional.empty()));
    state = now;
  }

  @Override
  public Outcome<Notices> notices() {
    return notices;
  }

  @Override
  public Outcome<Optional<Membership>> membership(NodeIdentity node) {
    return Outcome.done(Optional.of(new Membership("g", state, true)));
  }

  @Override
  public Outcome<GroupHealth> health(NodeIdentity node, String group) {
    return health;
  }

  @Override
  public Outcome<List<Hook>> hooks(NodeIdentity node, String group) {
    return Outcome.done(
        List.of(
            new Hook(group, "launch", Transition.LAUNCHING, heartbeat, heartbeat.multipliedBy(100)),
            new Hook(
                group, "end", Transition.TERMINATING, heartbeat, heartbeat.multipliedBy(100))));
  }

  private Outcome<String> tell(String line) {
    told.add(line);
    return Outcome.done(line);
  }

  @Override
  public Outcome<String> heartbeat(Hook hook, NodeIdentity node) {
    return tell("heartbeat " + hook.name());
  }

  @Override
  public Outcome<String> complete(Hook hook, NodeIdentity node, Verdict verdict) {
    return tell(verdict + " " + hook.name());
  }

  @Override
  public Outcome<String> reportUnhealthy(NodeIdentity node) {
    return tell("unhealthy");
  }

  @Override
  public Outcome<String> enterStandby(String group, NodeIdentity node) {
    state = "Standby";
    return tell("enter standby");
  }

  @Override
  public Outcome<String> leaveStandby(String group, NodeIdentity node) {
    state = "InService";
    return tell("leave standby");
  }
}
