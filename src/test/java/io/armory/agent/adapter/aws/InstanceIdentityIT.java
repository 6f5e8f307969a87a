package io.armory.agent.adapter.aws;

import static io.armory.agent.adapter.aws.TestNode.failure;
import static io.armory.agent.adapter.aws.TestNode.got;
import static io.armory.agent.adapter.aws.TestNode.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceIdentityIT {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration SOON = Duration.ofMillis(2500);

  /// What is asked is silent for good: an answer within this was not waited for.
  private static final Duration BOUND = Duration.ofSeconds(20);

  @AutoClose private static ImdsStandIn imds;
  @AutoClose private static MotoServer aws;

  private AwsClients clients;
  private InstanceIdentity identity;

  @BeforeAll
  static void start() {
    TestNode.useTestCredentials();
    imds = new ImdsStandIn();
    aws = new MotoServer();
  }

  @BeforeEach
  void fresh() {
    imds.reset();
    clients = new AwsClients(TestNode.options(aws.endpoint(), imds.endpoint()));
    identity = new InstanceIdentity(clients, Optional.empty());
  }

  /// Holds for every test: IMDSv1 is a request without a token.
  @AfterEach
  void imdsV1WasNeverUsed() {
    identity.close();
    clients.close();
    assertThat(imds.requests("without-token")).isZero();
  }

  @Test
  void stack_comes_from_the_groups_name_where_no_tag_names_one() {
    var node = value(identity.identify());

    assertThat(node.stack())
        .isEqualTo(new Fact("preprod", "Auto Scaling group armoryspinnaker-preprod-v000"));
    assertThat(node.role()).isEmpty();
    assertThat(node.parameterPrefix()).isEqualTo(new Fact("/armory/spinnaker", "default"));
    assertThat(node.fact(NodeIdentity.INSTANCE_ID)).contains("i-0123456789abcdef0");
    assertThat(node.fact(NodeIdentity.REGION)).contains("us-east-1");
    assertThat(node.fact(NodeIdentity.AVAILABILITY_ZONE)).contains("us-east-1a");
    assertThat(node.fact(NodeIdentity.PRIVATE_IP)).contains("10.0.1.17");
    assertThat(node.fact(NodeIdentity.AUTO_SCALING_GROUP)).contains("armoryspinnaker-preprod-v000");
    assertThat(got(node.facts(), NodeIdentity.REGION).origin()).isEqualTo("IMDS placement/region");
  }

  @Test
  void what_was_asked_is_told_found_or_in_vain() {
    assertThat(value(identity.identify()).lookedAt())
        .extracting(NodeIdentity.Look::line)
        .containsExactly(
            "IMDS instance-id: i-0123456789abcdef0",
            "IMDS placement/region: us-east-1",
            "IMDS placement/availability-zone: us-east-1a",
            "IMDS local-ipv4: 10.0.1.17",
            "IMDS tags/instance: 2 tags",
            "tag armory:stack: not set",
            "tag armory:role: not set",
            "tag armory:parameters: not set",
            "tag aws:autoscaling:groupName: armoryspinnaker-preprod-v000"
                + " (stack preprod, detail none)");
  }

  @Test
  void tags_win_over_the_groups_name_and_the_configuration() {
    imds.tag("armory:stack", "blue");
    imds.tag("armory:role", "ha");
    imds.tag("armory:parameters", "/other/place/");
    imds.tag("armory:param:REDIS_HOST", "redis.internal");
    imds.tag("aws:autoscaling:groupName", "armoryspinnaker-ha-polling-v015");

    var node =
        value(
            new InstanceIdentity(clients, Optional.of(new Fact("/site", "agent.yaml:3")))
                .identify());

    assertThat(node.stack()).isEqualTo(new Fact("blue", "tag armory:stack (IMDS)"));
    assertThat(node.role()).contains(new Fact("ha", "tag armory:role (IMDS)"));
    assertThat(node.parameterPrefix())
        .isEqualTo(new Fact("/other/place", "tag armory:parameters (IMDS)"));
    assertThat(node.tags()).containsEntry("armory:param:REDIS_HOST", "redis.internal");
  }

  @Test
  void the_groups_detail_names_a_polling_role() {
    imds.tag("aws:autoscaling:groupName", "armoryspinnaker-ha-polling-v015");

    var node = value(identity.identify());

    assertThat(node.stack().value()).isEqualTo("ha");
    assertThat(node.role().map(Fact::value)).contains("ha-polling");
  }

  @Test
  void a_node_with_no_tag_and_no_group_is_of_stack_default_with_no_role() {
    imds.tag("aws:autoscaling:groupName", null);

    var node = value(identity.identify());

    assertThat(node.stack()).isEqualTo(new Fact("default", "default"));
    assertThat(node.role()).isEmpty();
    assertThat(node.lookedAt())
        .extracting(NodeIdentity.Look::line)
        .contains("tag aws:autoscaling:groupName: not set");
  }

  @Test
  void the_configured_prefix_wins_over_the_default() {
    var site = new InstanceIdentity(clients, Optional.of(new Fact("/site", "agent.yaml:3")));
    assertThat(value(site.identify()).parameterPrefix())
        .isEqualTo(new Fact("/site", "agent.yaml:3"));
  }

  @Test
  void tags_hidden_from_imds_are_asked_of_ec2() {
    imds.hideTags();
    var instance =
        aws.boto(
                "ec2",
                "run_instances",
                Map.of("ImageId", "ami-12c6146b", "MinCount", 1, "MaxCount", 1))
            .path("Instances")
            .get(0)
            .path("InstanceId")
            .asText();
    imds.set("instance-id", instance);
    aws.boto(
        "ec2",
        "create_tags",
        Map.of(
            "Resources",
            List.of(instance),
            "Tags",
            List.of(
                Map.of("Key", "armory:role", "Value", "standalone"),
                Map.of("Key", "armory:stack", "Value", "green"))));

    var node = value(identity.identify());

    assertThat(node.stack()).isEqualTo(new Fact("green", "tag armory:stack (EC2 DescribeTags)"));
    assertThat(node.role()).contains(new Fact("standalone", "tag armory:role (EC2 DescribeTags)"));
    assertThat(node.lookedAt())
        .extracting(NodeIdentity.Look::line)
        .contains("IMDS tags/instance: not exposed (404); EC2 DescribeTags: asked instead");
  }

  @ParameterizedTest
  @CsvSource({"deny, DENIED", "empty, TRANSIENT", "garbage, UNREACHABLE"})
  void tags_that_nobody_shows_are_a_failure_not_an_absence(String fault, Kind kind) {
    imds.hideTags();
    aws.fault("ec2:DescribeTags", fault, 0, 99);

    var failure = failure(identity.identify());

    assertThat(failure.kind()).as(failure.message()).isEqualTo(kind);
    assertThat(failure.message()).contains("ec2:DescribeTags", "not exposed in IMDS");
    aws.noFaults();
  }

  @ParameterizedTest
  @ValueSource(strings = {"401", "403", "503", "hang", "drop", "garbage", "no-ttl"})
  void a_token_refused_for_a_while_is_asked_for_again(String fault) {
    imds.tokenFault(fault, 2);
    assertThat(patiently().stack().value()).isEqualTo("preprod");
    assertThat(imds.requests("token")).isGreaterThanOrEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"401", "403", "503", "hang", "drop", "garbage", "empty"})
  void a_question_gone_wrong_is_asked_again(String fault) {
    imds.dataFault(fault, 2);
    assertThat(patiently().stack().value()).isEqualTo("preprod");
  }

  /// On a machine of any speed: how soon it gives up is the matter of other tests.
  private NodeIdentity patiently() {
    return value(identified(Duration.ofSeconds(2), Duration.ofSeconds(60)));
  }

  /// @param attempt deadline of one try
  private Outcome<NodeIdentity> identified(Duration attempt, Duration patience) {
    var options = TestNode.silent(aws.endpoint(), imds.endpoint(), attempt, patience);
    try (var of = new AwsClients(options);
        var asked = new InstanceIdentity(of, Optional.empty())) {
      return asked.identify();
    }
  }

  @Test
  void a_tag_may_be_empty() {
    imds.tag("armory:param:NOTE", "");
    imds.tag("armory:role", "ha");
    var node = value(identity.identify());
    assertThat(node.role().map(Fact::value)).contains("ha");
    assertThat(node.tags()).containsEntry("armory:param:NOTE", "");
  }

  /// Empty is no answer: neither a fact of the instance nor its list of tags can be.
  @ParameterizedTest
  @ValueSource(strings = {"instance-id", "placement/region", "tags/instance"})
  void an_empty_answer_is_none(String item) {
    imds.itemFault(item, "empty", 99);
    var failure = failure(identity.identify());
    assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
    assertThat(failure.message()).startsWith("IMDS " + item + ": Response body empty");
  }

  @Test
  void a_slow_first_minute_is_waited_for_within_bounds() {
    imds.silentFor(5);
    assertThat(patiently().stack().value()).isEqualTo("preprod");
  }

  @Test
  void behind_hop_limit_one_it_fails_in_time_and_says_so() {
    imds.tokenFault("hang", 99);
    var began = System.nanoTime();

    var failure = failure(identified(SHORT, SOON));

    assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
    assertThat(failure.message()).contains("hop limit");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(BOUND);
  }

  @Test
  void a_body_that_dribbles_is_given_up_in_time() {
    imds.dataFault("dribble", 99);
    var began = System.nanoTime();

    assertThat(failure(identified(SHORT, SOON)).kind().retryable()).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(BOUND);
  }

  @Test
  void imds_switched_off_is_said_soon() {
    imds.switchOff();
    var failure = failure(identity.identify());
    assertThat(failure.kind()).isEqualTo(Kind.DENIED);
    assertThat(failure.message()).contains("403", "switched off");
    assertThat(imds.requests("token")).isEqualTo(3);
  }

  @Test
  void no_imds_at_all_is_unreachable() {
    var gone = new ImdsStandIn();
    var endpoint = gone.endpoint();
    gone.close();
    try (var nowhere = new AwsClients(TestNode.options(aws.endpoint(), endpoint));
        var node = new InstanceIdentity(nowhere, Optional.empty())) {
      assertThat(failure(node.identify()).kind()).isEqualTo(Kind.UNREACHABLE);
    }
  }

  @Test
  void a_token_that_imds_has_forgotten_is_replaced() {
    value(identity.identify());
    imds.expireTokens();
    assertThat(value(identity.identify()).stack().value()).isEqualTo("preprod");
    assertThat(imds.requests("token")).isEqualTo(2);
  }

  @Test
  void a_token_is_used_again_and_renewed_before_its_end() {
    var metadata = new InstanceMetadata(clients.options(), Duration.ofSeconds(2));
    metadata.get("instance-id");
    metadata.get("instance-id");
    assertThat(imds.requests("token")).isEqualTo(1);

    org.awaitility.Awaitility.await()
        .pollInterval(Duration.ofMillis(100))
        .until(() -> {
          assertThat(metadata.get("instance-id")).isInstanceOf(InstanceMetadata.Answer.Found.class);
          return imds.requests("token") == 3;
        });
    // Two renewals of a token of 2 s, and no question was ever refused with 401 and put twice.
    assertThat(imds.requests("data")).isEqualTo(imds.requestsFor("instance-id"));
    metadata.close();
  }

  @Test
  void what_cannot_change_is_asked_once() {
    value(identity.identify());
    value(identity.identify());
    assertThat(imds.requestsFor("instance-id")).isEqualTo(1);
    assertThat(imds.requestsFor("placement/region")).isEqualTo(1);
  }

  @Test
  void a_changed_tag_is_seen() {
    value(identity.identify());
    imds.tag("armory:role", "ha");
    assertThat(value(identity.identify()).role().map(Fact::value)).contains("ha");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../etc", "a/b", ".", "a b", "-x"})
  void a_stack_that_could_lead_elsewhere_is_refused(String stack) {
    imds.tag("armory:stack", stack);
    var failure = failure(identity.identify());
    assertThat(failure.kind()).isEqualTo(Kind.INVALID);
    assertThat(failure.message()).contains("tag armory:stack", "no stack's name");
  }
}
