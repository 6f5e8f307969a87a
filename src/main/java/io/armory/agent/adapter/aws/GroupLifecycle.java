package io.armory.agent.adapter.aws;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Lifecycle;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingGroup;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingInstanceDetails;
import software.amazon.awssdk.services.autoscaling.model.LifecycleHook;

/// The Auto Scaling group through its API, and EC2's announcements through IMDS.
public final class GroupLifecycle implements Lifecycle, AutoCloseable {
  private static final Duration DEFAULT_HEARTBEAT = Duration.ofHours(1);

  /// From "Lifecycle hooks" in the Auto Scaling user guide: 48 h or 100 heartbeats, the smaller.
  private static final Duration LONGEST_WAIT = Duration.ofDays(2);

  private static final int MOST_HEARTBEATS = 100;
  private static final String NO_ACTION = "No active Lifecycle Action found";

  private final AwsClients clients;
  private final Announcements announcements;

  public GroupLifecycle(AwsClients clients) {
    this.clients = clients;
    this.announcements = new Announcements(clients.options());
  }

  @Override
  public Outcome<Notices> notices() {
    return announcements.read();
  }

  @Override
  public Outcome<Optional<Membership>> membership(NodeIdentity node) {
    return forInstance(
        node,
        "autoscaling:DescribeAutoScalingInstances",
        (client, instance) ->
            client
                .describeAutoScalingInstances(r -> r.instanceIds(instance))
                .autoScalingInstances()
                .stream()
                .findFirst()
                .map(GroupLifecycle::membershipOf));
  }

  private static Membership membershipOf(AutoScalingInstanceDetails details) {
    return new Membership(
        details.autoScalingGroupName(),
        details.lifecycleState(),
        "HEALTHY".equalsIgnoreCase(details.healthStatus()));
  }

  @Override
  public Outcome<GroupHealth> health(NodeIdentity node, String group) {
    return with(
            node,
            "autoscaling:DescribeAutoScalingGroups " + group,
            client ->
                client
                    .describeAutoScalingGroups(r -> r.autoScalingGroupNames(group))
                    .autoScalingGroups())
        .flatMap(found ->
            found.isEmpty()
                ? Outcome.failed(Kind.NOT_FOUND, "no Auto Scaling group " + group)
                : Outcome.done(healthOf(found.getFirst())));
  }

  private static GroupHealth healthOf(AutoScalingGroup group) {
    var types = String.valueOf(group.healthCheckType()).toUpperCase(Locale.ROOT);
    return new GroupHealth(
        Stream.of(types.split(",")).map(String::strip).toList(),
        seconds(group.healthCheckGracePeriod()).orElse(Duration.ZERO));
  }

  @Override
  public Outcome<List<Hook>> hooks(NodeIdentity node, String group) {
    return with(
        node,
        "autoscaling:DescribeLifecycleHooks " + group,
        client ->
            client
                .describeLifecycleHooks(r -> r.autoScalingGroupName(group))
                .lifecycleHooks()
                .stream()
                .map(h -> hookOf(group, h))
                .toList());
  }

  private static Hook hookOf(String group, LifecycleHook hook) {
    var heartbeat = seconds(hook.heartbeatTimeout()).orElse(DEFAULT_HEARTBEAT);
    var most = heartbeat.multipliedBy(MOST_HEARTBEATS);
    return new Hook(
        group,
        hook.lifecycleHookName(),
        String.valueOf(hook.lifecycleTransition()).endsWith("TERMINATING")
            ? Transition.TERMINATING
            : Transition.LAUNCHING,
        heartbeat,
        seconds(hook.globalTimeout())
            .orElse(most.compareTo(LONGEST_WAIT) < 0 ? most : LONGEST_WAIT));
  }

  private static Optional<Duration> seconds(@org.jspecify.annotations.Nullable Integer seconds) {
    return Optional.ofNullable(seconds).filter(s -> s > 0).map(Duration::ofSeconds);
  }

  @Override
  public Outcome<String> heartbeat(Hook hook, NodeIdentity node) {
    var outcome =
        forInstance(
            node,
            "autoscaling:RecordLifecycleActionHeartbeat " + hook.name(),
            (client, instance) -> {
              client.recordLifecycleActionHeartbeat(r ->
                  r.autoScalingGroupName(hook.group())
                      .lifecycleHookName(hook.name())
                      .instanceId(instance));
              return "hook " + hook.name() + " waits " + hook.heartbeat().toSeconds() + " s more";
            });
    return switch (outcome) {
      case Outcome.Failed<String>(var failure) when waitsNoLonger(failure) ->
          Outcome.failed(Kind.NOT_FOUND, failure.message());
      case Outcome.Failed<String> _, Outcome.Done<String> _ -> outcome;
    };
  }

  @Override
  public Outcome<String> complete(Hook hook, NodeIdentity node, Verdict verdict) {
    var outcome =
        forInstance(
            node,
            "autoscaling:CompleteLifecycleAction " + hook.name(),
            (client, instance) -> {
              client.completeLifecycleAction(r ->
                  r.autoScalingGroupName(hook.group())
                      .lifecycleHookName(hook.name())
                      .instanceId(instance)
                      .lifecycleActionResult(verdict.name()));
              return "hook " + hook.name() + ": " + verdict;
            });
    return switch (outcome) {
      case Outcome.Failed<String>(var failure) when waitsNoLonger(failure) ->
          Outcome.done("hook " + hook.name() + " waits no longer");
      case Outcome.Failed<String> _, Outcome.Done<String> _ -> outcome;
    };
  }

  private static boolean waitsNoLonger(Failure failure) {
    return failure.message().contains(NO_ACTION);
  }

  @Override
  public Outcome<String> reportUnhealthy(NodeIdentity node) {
    return forInstance(
        node,
        "autoscaling:SetInstanceHealth",
        (client, instance) -> {
          client.setInstanceHealth(
              r -> r.instanceId(instance).healthStatus("Unhealthy").shouldRespectGracePeriod(true));
          return instance + " reported unhealthy";
        });
  }

  @Override
  public Outcome<String> enterStandby(String group, NodeIdentity node) {
    return forInstance(
        node,
        "autoscaling:EnterStandby " + group,
        (client, instance) -> {
          client.enterStandby(r ->
              r.autoScalingGroupName(group)
                  .instanceIds(instance)
                  .shouldDecrementDesiredCapacity(true));
          return instance + " enters standby";
        });
  }

  @Override
  public Outcome<String> leaveStandby(String group, NodeIdentity node) {
    return forInstance(
        node,
        "autoscaling:ExitStandby " + group,
        (client, instance) -> {
          client.exitStandby(r -> r.autoScalingGroupName(group).instanceIds(instance));
          return instance + " leaves standby";
        });
  }

  private <T> Outcome<T> forInstance(
      NodeIdentity node, String what, BiFunction<AutoScalingClient, String, T> call) {
    var instance = node.fact(NodeIdentity.INSTANCE_ID);
    return instance.isEmpty()
        ? Outcome.failed(Kind.INVALID, what + ": the node has no instance ID")
        : with(node, what, client -> call.apply(client, instance.get()));
  }

  private <T> Outcome<T> with(NodeIdentity node, String what, Function<AutoScalingClient, T> call) {
    var region = clients.region(node);
    return region.isEmpty()
        ? Outcome.failed(Kind.INVALID, what + ": no region is known; set AWS_REGION")
        : AwsFailures.attempt(what, () -> call.apply(clients.sdk().autoScaling(region.get())));
  }

  @Override
  public void close() {
    announcements.close();
  }
}
