package io.armory.agent.adapter.aws;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The policy grants what the code calls, no more and no less. The calls are read from the bytecode
/// of all rooms, so one that no test makes is counted too.
class IamPolicyTest {
  private static final Path POLICY = Path.of("packaging/aws/iam-policy.json");
  private static final String SERVICES = "software.amazon.awssdk.services.";

  /// Granted, but called by others on our behalf.
  private static final Map<String, String> INDIRECT =
      Map.of(
          "kms:Decrypt", "SSM decrypts in the caller's name",
          "ecr:BatchGetImage", "the engine pulls with our login",
          "ecr:GetDownloadUrlForLayer", "the engine pulls with our login");

  /// Called where a site asks for it, and granted beside for what the site names.
  private static final Set<String> ON_REQUEST = Set.of("sns:Publish");

  @Test
  void what_is_only_called_on_request_is_granted_by_a_variable_of_the_role() throws IOException {
    var role = Files.readString(Path.of("packaging/aws/terraform/node-role/main.tf"));
    assertThat(callsInTheCode()).containsAll(ON_REQUEST);
    assertThat(ON_REQUEST).allMatch(call -> role.contains('"' + call + '"'));
  }

  @Test
  void policy_lists_exactly_the_calls_of_the_code() throws IOException {
    var called = callsInTheCode();
    assertThat(called).hasSizeGreaterThan(8);
    var expected = new TreeSet<>(called);
    expected.addAll(INDIRECT.keySet());
    expected.removeAll(ON_REQUEST);
    assertThat(actions()).isEqualTo(expected);
  }

  @Test
  void no_action_is_granted_by_a_wildcard_or_on_more_than_can_be_helped() throws IOException {
    // These name no resource in IAM, or name one only by a condition.
    var unlimited =
        Set.of(
            "ssm:DescribeParameters",
            "kms:Decrypt",
            "ec2:DescribeTags",
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeAutoScalingInstances",
            "autoscaling:DescribeLifecycleHooks",
            "ecr:GetAuthorizationToken");
    for (var statement : statements()) {
      assertThat(statement.path("Effect").asText()).isEqualTo("Allow");
      for (var action : actionsOf(statement)) {
        assertThat(action).doesNotContain("*");
        if (statement.path("Resource").asText().equals("*")) {
          assertThat(unlimited).contains(action);
        }
        if (action.equals("kms:Decrypt")) {
          assertThat(statement.path("Condition").toString()).contains("kms:ViaService");
        }
      }
    }
  }

  static Set<String> actions() throws IOException {
    var all = new TreeSet<String>();
    for (var statement : statements()) {
      all.addAll(actionsOf(statement));
    }
    return all;
  }

  private static Set<String> callsInTheCode() {
    return new ClassFileImporter()
            .withImportOption(place -> !place.contains("/test-classes/"))
            .importPackages("io.armory.agent")
            .stream()
            .flatMap(c ->
                Stream.concat(
                    c.getMethodCallsFromSelf().stream(), c.getMethodReferencesFromSelf().stream()))
            .filter(IamPolicyTest::isServiceCall)
            .map(IamPolicyTest::action)
            .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isServiceCall(JavaAccess<?> call) {
    var owner = call.getTargetOwner();
    return owner.getPackageName().startsWith(SERVICES)
        && owner.getSimpleName().endsWith("Client")
        && !Set.of("builder", "create", "close", "serviceName").contains(call.getName());
  }

  private static String action(JavaAccess<?> call) {
    var service = call.getTargetOwner().getPackageName().substring(SERVICES.length());
    var name = call.getName().replaceFirst("Paginator$", "");
    return service + ":" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  private static JsonNode statements() throws IOException {
    return new ObjectMapper().readTree(POLICY.toFile()).path("Statement");
  }

  private static Set<String> actionsOf(JsonNode statement) {
    var actions = new TreeSet<String>();
    var node = statement.path("Action");
    if (node.isTextual()) {
      actions.add(node.asText());
    }
    node.forEach(a -> actions.add(a.asText()));
    return actions;
  }
}
