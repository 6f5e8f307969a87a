package io.armory.agent.adapter.aws;

import static io.armory.agent.adapter.aws.TestNode.failure;
import static io.armory.agent.adapter.aws.TestNode.got;
import static io.armory.agent.adapter.aws.TestNode.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Secret;
import io.armory.agent.rig.MotoServer;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SsmParametersIT {
  private static final String BY_PATH = "ssm:GetParametersByPath";
  private static final String DESCRIBE = "ssm:DescribeParameters";
  private static final String ROOT = "/armory/spinnaker/";
  private static final NodeIdentity NODE = TestNode.identity("preprod", Map.of());
  @AutoClose private static MotoServer aws;

  @AutoClose private AwsClients clients;
  private SsmParameters ssm;

  @BeforeAll
  static void start() {
    TestNode.useTestCredentials();
    aws = new MotoServer();
  }

  @BeforeEach
  void fresh() {
    aws.reset();
    clients = new AwsClients(TestNode.options(aws.endpoint(), null));
    ssm = new SsmParameters(clients, Duration.ofSeconds(10));
  }

  @Test
  void the_stacks_parameters_lie_over_the_defaults_each_with_its_origin() {
    aws.put(
        Map.of(
            ROOT + "default/env/REDIS_HOST", "default-redis",
            ROOT + "default/env/REDIS_PORT", "6379",
            ROOT + "default/role", "ha\n",
            ROOT + "preprod/env/REDIS_HOST", "preprod-redis",
            ROOT + "preprod/config/gate-local.yml", "server:\n  port: 8084\n",
            ROOT + "preprod/version", "2026.2.3",
            ROOT + "other/env/REDIS_HOST", "not ours"));

    var parameters = value(ssm.read(NODE));

    assertThat(parameters.variables()).containsOnlyKeys("REDIS_HOST", "REDIS_PORT");
    var host = got(parameters.variables(), "REDIS_HOST");
    assertThat(host.value()).isEqualTo(new Plain("preprod-redis"));
    assertThat(host.origin()).isEqualTo("ssm /armory/spinnaker/preprod/env/REDIS_HOST (version 1)");
    assertThat(got(parameters.files(), "gate-local.yml").value().shown())
        .isEqualTo("server:\n  port: 8084\n");
    assertThat(got(parameters.settings(), "role").value()).isEqualTo(new Plain("ha"));
    assertThat(got(parameters.settings(), "version").value()).isEqualTo(new Plain("2026.2.3"));
    assertThat(parameters.problems()).isEmpty();
  }

  @Test
  void a_secure_string_is_decrypted_and_never_shows_itself() {
    aws.putSecret(ROOT + "preprod/env/REDIS_PASSWORD", "planted-secret");

    var parameters = value(ssm.read(NODE));

    assertThat(got(parameters.variables(), "REDIS_PASSWORD").value())
        .isEqualTo(new Hidden(new Secret("planted-secret")));
    assertThat(parameters.toString()).contains("REDIS_PASSWORD").doesNotContain("planted-secret");
  }

  @Test
  void every_page_is_read() {
    var many = new LinkedHashMap<String, String>();
    for (var i = 0; i < 35; i++) {
      many.put(ROOT + "default/env/P" + i, "v" + i);
    }
    aws.put(many);

    var parameters = value(ssm.read(NODE));

    assertThat(parameters.variables()).hasSize(35);
    assertThat(got(parameters.variables(), "P34").value()).isEqualTo(new Plain("v34"));
    assertThat(aws.calls(BY_PATH)).isEqualTo(4 + 1);
  }

  @Test
  void nothing_changed_costs_one_cheap_call_and_is_the_very_same() {
    aws.put(Map.of(ROOT + "default/env/A", "1", ROOT + "preprod/env/B", "2"));
    var first = value(ssm.read(NODE));
    var read = aws.calls(BY_PATH);

    var second = value(ssm.read(NODE));

    assertThat(second).isSameAs(first);
    assertThat(aws.calls(BY_PATH)).isEqualTo(read);
    assertThat(aws.calls(DESCRIBE)).isEqualTo(1);
    assertThat(ssm.calls()).isEqualTo(1);
  }

  @Test
  void a_change_with_the_aws_cli_is_seen_at_the_next_reading() {
    aws.put(Map.of(ROOT + "preprod/version", "2026.2.3"));
    value(ssm.read(NODE));
    aws.cli(
        "ssm",
        "put-parameter",
        "--name",
        ROOT + "preprod/version",
        "--value",
        "2026.2.4",
        "--type",
        "String",
        "--overwrite");

    var version = got(value(ssm.read(NODE)).settings(), "version");

    assertThat(version.value()).isEqualTo(new Plain("2026.2.4"));
    assertThat(version.origin()).endsWith("(version 2)");
  }

  @Test
  void a_removed_and_an_added_parameter_are_seen() {
    aws.put(Map.of(ROOT + "preprod/env/A", "1", ROOT + "preprod/env/B", "1"));
    value(ssm.read(NODE));
    aws.boto("ssm", "delete_parameter", Map.of("Name", ROOT + "preprod/env/A"));
    assertThat(value(ssm.read(NODE)).variables()).containsOnlyKeys("B");
    aws.put(Map.of(ROOT + "default/env/C", "1"));
    assertThat(value(ssm.read(NODE)).variables()).containsOnlyKeys("B", "C");
  }

  @Test
  void an_empty_path_is_empty_because_ssm_said_so() {
    assertThat(value(ssm.read(NODE)).variables()).isEmpty();
    aws.fault(BY_PATH, "fail", 0, 99);
    assertThat(failure(new SsmParameters(clients, Duration.ofSeconds(1)).read(NODE)).kind())
        .isEqualTo(Kind.TRANSIENT);
  }

  @Test
  void a_page_that_fails_fails_the_whole_reading() {
    var many = new LinkedHashMap<String, String>();
    for (var i = 0; i < 25; i++) {
      many.put(ROOT + "default/env/P" + i, "v");
    }
    aws.put(many);
    aws.fault(BY_PATH, "deny", 2, 99);

    var failure = failure(ssm.read(TestNode.identity("default", Map.of())));

    assertThat(failure.kind()).isEqualTo(Kind.DENIED);
    assertThat(failure.message())
        .isEqualTo(
            "ssm:GetParametersByPath /armory/spinnaker/default: AccessDeniedException,"
                + " User is not authorized to perform this operation (page 3)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"throttle", "fail", "drop"})
  void what_passes_is_tried_again(String fault) {
    aws.put(Map.of(ROOT + "preprod/env/A", "1"));
    aws.fault(BY_PATH, fault, 0, 2);
    assertThat(value(ssm.read(NODE)).variables()).containsOnlyKeys("A");
  }

  /// As of a proxy in between: it must never be taken for "no parameters", nor for our mistake.
  @ParameterizedTest
  @ValueSource(strings = {"empty", "garbage", "elsewhere", "token"})
  void what_is_not_an_answer_of_ssm_is_no_answer(String fault) {
    var soon = new SsmParameters(clients, Duration.ofSeconds(1));
    aws.put(Map.of(ROOT + "preprod/env/A", "1"));
    var first = value(soon.read(NODE));
    aws.put(Map.of(ROOT + "preprod/env/A", "2"));
    for (var call : List.of(DESCRIBE, BY_PATH)) {
      aws.fault(call, fault, 0, 999);
      var failure = failure(soon.read(NODE));
      assertThat(failure.kind().retryable()).as(failure.message()).isTrue();
      assertThat(failure.message()).startsWith(call);
    }
    aws.noFaults();
    assertThat(value(soon.read(NODE)).variables()).hasSameSizeAs(first.variables());
  }

  @Test
  void no_answer_is_given_up_at_the_deadline() {
    aws.fault(BY_PATH, "hang", 0, 99);
    var began = System.nanoTime();
    try (var hasty = new AwsClients(TestNode.hasty(aws.endpoint()))) {
      assertThat(failure(new SsmParameters(hasty).read(NODE)).kind()).isEqualTo(Kind.TIMEOUT);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void an_unreachable_endpoint_is_unreachable_not_empty() {
    try (var nowhere = new AwsClients(TestNode.options(URI.create("http://127.0.0.1:1"), null))) {
      assertThat(failure(new SsmParameters(nowhere, Duration.ofSeconds(1)).read(NODE)).kind())
          .isEqualTo(Kind.UNREACHABLE);
    }
  }

  @Test
  void a_node_that_may_not_describe_reads_the_values_every_time() {
    aws.put(Map.of(ROOT + "preprod/env/A", "1"));
    value(ssm.read(NODE));
    aws.fault(DESCRIBE, "deny", 0, 99);
    assertThat(value(ssm.read(NODE)).variables()).containsOnlyKeys("A");
    assertThat(value(ssm.read(NODE)).variables()).containsOnlyKeys("A");
    assertThat(aws.calls(DESCRIBE)).isEqualTo(1);
  }

  /// Else a session that ran out once would have the node read every value at every look.
  @Test
  void denied_credentials_are_not_taken_for_want_of_a_permission() {
    aws.put(Map.of(ROOT + "preprod/env/A", "1"));
    var first = value(ssm.read(NODE));
    aws.fault(Set.of(DESCRIBE, BY_PATH), "deny", 9);
    assertThat(failure(ssm.read(NODE)).kind()).isEqualTo(Kind.DENIED);
    aws.noFaults();
    var values = aws.calls(BY_PATH);

    assertThat(value(ssm.read(NODE))).isSameAs(first);

    assertThat(aws.calls(BY_PATH)).as("nothing changed").isEqualTo(values);
  }

  @Test
  void a_permission_granted_later_is_used() {
    aws.put(Map.of(ROOT + "preprod/env/A", "1"));
    value(ssm.read(NODE));
    aws.fault(DESCRIBE, "deny", 0, 1);
    var readings = 0;
    do {
      value(ssm.read(NODE));
      readings++;
    } while (aws.calls(DESCRIBE) < 2 && readings < 100);
    assertThat(readings).isBetween(10, 99);
    var values = aws.calls(BY_PATH);
    value(ssm.read(NODE));
    assertThat(aws.calls(BY_PATH)).isEqualTo(values);
  }

  @Test
  void a_failure_never_repeats_what_was_signed() {
    aws.fault(BY_PATH, "signature", 0, 99);
    var failure = failure(ssm.read(NODE));
    assertThat(failure.kind()).isEqualTo(Kind.DENIED);
    assertThat(failure.message())
        .contains("InvalidSignatureException")
        .doesNotContain("PLANTED-SESSION-TOKEN");
  }

  @Test
  void values_are_literal_up_to_ssms_limit() {
    var big = "$".repeat(10) + "${HOME} $$ % \" ' \\ é 漢 😀\n" + "x".repeat(4000);
    aws.put(Map.of(ROOT + "preprod/env/BIG", big));
    assertThat(got(value(ssm.read(NODE)).variables(), "BIG").value()).isEqualTo(new Plain(big));
  }

  @Test
  void what_nothing_can_refer_to_is_left_out_and_named() {
    aws.put(
        Map.of(
            ROOT + "preprod/env/not-a-name", "1",
            ROOT + "preprod/env/deep/er", "1",
            ROOT + "preprod/config/sub/gate.yml", "1",
            ROOT + "preprod/rôle".replace("ô", "o") + "s", "1",
            ROOT + "preprod/env/GOOD", "1"));

    var parameters = value(ssm.read(NODE));

    assertThat(parameters.variables()).containsOnlyKeys("GOOD");
    assertThat(parameters.files()).isEmpty();
    assertThat(parameters.problems().stream().map(Problem::where))
        .containsExactlyInAnyOrder(
            "ssm /armory/spinnaker/preprod/env/not-a-name (version 1)",
            "ssm /armory/spinnaker/preprod/env/deep/er (version 1)",
            "ssm /armory/spinnaker/preprod/config/sub/gate.yml (version 1)",
            "ssm /armory/spinnaker/preprod/roles (version 1)");
  }

  @Test
  void a_value_that_cannot_be_used_fails_the_reading_without_repeating_it() {
    aws.putSecret(ROOT + "preprod/env/TOKEN", "planted\u0000secret");
    aws.put(Map.of(ROOT + "default/env/ALSO", "x\u0000"));

    var failure = failure(ssm.read(NODE));

    assertThat(failure.kind()).isEqualTo(Kind.INVALID);
    assertThat(failure.message()).contains("NUL").doesNotContain("planted");
  }

  @Test
  void a_secret_that_kms_does_not_decrypt_keeps_its_value_and_is_named() {
    aws.put(Map.of(ROOT + "preprod/env/A", "1"));
    aws.putSecret(ROOT + "preprod/env/TOKEN", "planted-ours");
    aws.putSecret(ROOT + "preprod/config/gate-local.yml", "planted: theirs", "alias/other");
    value(ssm.read(NODE));
    aws.denyKeys(List.of("alias/other"));
    aws.put(Map.of(ROOT + "preprod/env/A", "2"));

    var read = value(ssm.read(NODE));

    assertThat(got(read.variables(), "A").value()).isEqualTo(new Plain("2"));
    assertThat(got(read.variables(), "TOKEN").value())
        .isEqualTo(new Hidden(new Secret("planted-ours")));
    assertThat(got(read.files(), "gate-local.yml").value())
        .isEqualTo(new Hidden(new Secret("planted: theirs")));
    assertThat(read.problems())
        .singleElement()
        .satisfies(p -> {
          assertThat(p.where()).contains("preprod/config/gate-local.yml (version 1)");
          assertThat(p.what()).contains("its last value is kept", "kms:Decrypt");
        });
    assertThat(value(ssm.read(NODE)).problems()).as("as long as it is so").hasSize(1);

    aws.denyKeys(List.of());
    assertThat(value(ssm.read(NODE)).problems()).isEmpty();
  }

  @Test
  void a_secret_that_was_never_decrypted_is_named_and_stands_for_nothing() {
    aws.put(Map.of(ROOT + "preprod/env/A", "1"));
    aws.putSecret(ROOT + "preprod/env/TOKEN", "planted-theirs", "alias/other");
    aws.denyKeys(List.of("alias/other"));

    var failure = failure(ssm.read(NODE));

    assertThat(failure.kind()).isEqualTo(Kind.DENIED);
    assertThat(failure.message())
        .startsWith("ssm /armory/spinnaker/preprod/env/TOKEN cannot be decrypted")
        .contains("kms:Decrypt");
  }

  @Test
  void where_nobody_says_whose_key_it_is_all_that_may_be_it_are_named() {
    aws.putSecret(ROOT + "preprod/env/TOKEN", "planted-theirs", "alias/other");
    aws.denyKeys(List.of("alias/other"));
    aws.fault(DESCRIBE, "deny", 0, 99);
    assertThat(failure(ssm.read(NODE)).message()).contains("env/TOKEN cannot be decrypted");
  }

  @Test
  void without_a_region_it_says_what_to_set() {
    var nowhere =
        new NodeIdentity(
            NODE.stack(), NODE.role(), NODE.parameterPrefix(), Map.of(), Map.of(), NODE.lookedAt());
    assertThat(failure(ssm.read(nowhere)).message()).contains("AWS_REGION");
  }
}
