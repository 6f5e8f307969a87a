package io.armory.agent.adapter.aws;

import static io.armory.agent.adapter.aws.TestNode.failure;
import static io.armory.agent.adapter.aws.TestNode.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.report.Check;
import io.armory.agent.port.Lifecycle.Hook;
import io.armory.agent.port.Lifecycle.Membership;
import io.armory.agent.port.Lifecycle.Notices;
import io.armory.agent.port.Lifecycle.SpotNotice;
import io.armory.agent.port.Lifecycle.Transition;
import io.armory.agent.port.Lifecycle.Verdict;
import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupLifecycleIT {
  private static final String GROUP = "armoryspinnaker-preprod-v000";
  @AutoClose private static MotoServer aws;
  @AutoClose private static ImdsStandIn imds;
  private static NodeIdentity node;
  private static NodeIdentity other;

  private AwsClients clients;
  private GroupLifecycle lifecycle;

  /// A group of two with a termination hook.
  @BeforeAll
  static void start() {
    TestNode.useTestCredentials();
    imds = new ImdsStandIn();
    aws = new MotoServer();
    var instances = aws.group(GROUP, 2);
    aws.terminationHook(GROUP, 300);
    node = withInstance(instances.getFirst());
    other = withInstance(instances.getLast());
  }

  @BeforeEach
  void fresh() {
    aws.noFaults();
    imds.reset();
    clients = new AwsClients(TestNode.options(aws.endpoint(), imds.endpoint()));
    lifecycle = new GroupLifecycle(clients);
  }

  @AfterEach
  void close() {
    lifecycle.close();
    clients.close();
    assertThat(imds.requests("without-token")).isZero();
  }

  private static NodeIdentity withInstance(String id) {
    var base = TestNode.identity("preprod", Map.of());
    var facts = new LinkedHashMap<>(base.facts());
    facts.put(NodeIdentity.INSTANCE_ID, new Fact(id, "test"));
    return new NodeIdentity(
        base.stack(), base.role(), base.parameterPrefix(), facts, Map.of(), List.of());
  }

  @Test
  void the_group_says_where_it_sees_the_instance() {
    assertThat(value(lifecycle.membership(node)))
        .contains(new Membership(GROUP, "InService", true));
    assertThat(value(lifecycle.membership(withInstance("i-0000000000000000f")))).isEmpty();
  }

  @Test
  void the_group_says_whom_it_believes() {
    var believed = value(lifecycle.health(node, GROUP));
    assertThat(believed.types()).containsExactly("EC2");
    assertThat(believed.endsTheUnready()).isFalse();

    var update =
        Map.<String, Object>of(
            "AutoScalingGroupName", GROUP, "HealthCheckType", "ELB", "HealthCheckGracePeriod", 90);
    aws.boto("autoscaling", "update_auto_scaling_group", update);
    believed = value(lifecycle.health(node, GROUP));
    assertThat(believed.grace()).isEqualTo(Duration.ofSeconds(90));
    assertThat(believed.endsTheUnready()).isTrue();
    assertThat(new AwsChecks(clients).group(Optional.of(node)))
        .singleElement()
        .satisfies(c -> assertThat(c.words()).contains("health check type ELB", "/health/ready"))
        .satisfies(c -> assertThat(c.todo()).contains("EC2"));
    aws.boto(
        "autoscaling",
        "update_auto_scaling_group",
        Map.of("AutoScalingGroupName", GROUP, "HealthCheckType", "EC2"));
    assertThat(new AwsChecks(clients).group(Optional.of(node)))
        .extracting(Check::result)
        .containsExactly(Check.Result.FINE);
    assertThat(failure(lifecycle.health(node, "nosuch")).kind()).isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void hooks_come_with_their_limits() {
    assertThat(value(lifecycle.hooks(node, GROUP)))
        .containsExactly(
            new Hook(
                GROUP, "drain", Transition.TERMINATING, Duration.ofMinutes(5), Duration.ofDays(2)));
  }

  @Test
  void a_hook_is_heartbeaten_and_completed_and_completing_twice_is_no_failure() {
    var hook = value(lifecycle.hooks(node, GROUP)).getFirst();

    value(lifecycle.heartbeat(hook, node));
    assertThat(value(lifecycle.complete(hook, node, Verdict.CONTINUE)))
        .isEqualTo("hook drain: CONTINUE");
    assertThat(value(lifecycle.complete(hook, node, Verdict.CONTINUE)))
        .isEqualTo("hook drain waits no longer");
    assertThat(failure(lifecycle.heartbeat(hook, node)).kind()).isEqualTo(Kind.NOT_FOUND);

    assertThat(aws.lifecycleActions())
        .containsExactly("heartbeat drain", "complete drain CONTINUE");
  }

  @Test
  void a_node_past_repair_is_reported_unhealthy() {
    value(lifecycle.reportUnhealthy(other));
    assertThat(value(lifecycle.membership(other)))
        .hasValueSatisfying(m -> assertThat(m.healthy()).isFalse());
  }

  @Test
  void standby_is_entered_and_left() {
    value(lifecycle.enterStandby(GROUP, node));
    assertThat(value(lifecycle.membership(node)).map(Membership::state)).contains("Standby");
    value(lifecycle.leaveStandby(GROUP, node));
    assertThat(value(lifecycle.membership(node)).map(Membership::state)).contains("InService");
  }

  @Test
  void a_refusal_is_a_failure_in_words() {
    aws.fault("autoscaling:SetInstanceHealth", "deny", 0, 9);
    var failure = failure(lifecycle.reportUnhealthy(node));
    assertThat(failure.kind()).isEqualTo(Kind.DENIED);
    assertThat(failure.message()).startsWith("autoscaling:SetInstanceHealth: AccessDenied");
  }

  @Test
  void no_announcement_is_told_from_no_answer() {
    imds.set("autoscaling/target-lifecycle-state", null);
    assertThat(value(lifecycle.notices())).isEqualTo(Notices.NONE);
    imds.tokenFault(503, 99);
    imds.expireTokens();
    assertThat(failure(lifecycle.notices()).kind()).isEqualTo(Kind.TRANSIENT);
  }

  @Test
  void announcements_are_read_as_ec2_writes_them() {
    imds.set("autoscaling/target-lifecycle-state", "Terminated");
    imds.set(
        "spot/instance-action", "{\"action\": \"terminate\", \"time\": \"2026-11-23T08:22:00Z\"}");
    imds.set("events/recommendations/rebalance", "{\"noticeTime\": \"2026-11-23T08:20:00Z\"}");

    assertThat(value(lifecycle.notices()))
        .isEqualTo(
            new Notices(
                Optional.of("Terminated"),
                Optional.of(new SpotNotice("terminate", Instant.parse("2026-11-23T08:22:00Z"))),
                Optional.of(Instant.parse("2026-11-23T08:20:00Z"))));
  }

  @Test
  void a_notice_nobody_can_read_is_no_quiet_nothing() {
    imds.set("spot/instance-action", "soon");
    assertThat(failure(lifecycle.notices()).kind()).isEqualTo(Kind.INVALID);
  }
}
