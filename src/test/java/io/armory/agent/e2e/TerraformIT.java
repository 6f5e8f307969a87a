package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.packaging.CommandDocument;
import io.armory.agent.rig.MotoServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// The Terraform modules, applied to the account that moto plays, looked at with boto3, and
/// destroyed. Beside other tests: almost all of its time is the AWS provider's waiting between two
/// looks at a load balancer or a Redis. Its own methods, too, run beside each other: what is
/// applied is destroyed after all of them.
@Execution(ExecutionMode.CONCURRENT)
class TerraformIT {
  private static final Path MODULES = Path.of("packaging/aws");
  private static final String TERRAFORM =
      Path.of("src/test/rig/terraform.sh").toAbsolutePath().toString();
  private static final String TOKEN = "planted-redis-token-123456";
  private static final int HEALTH = 5000;

  /// What people and load balancers may reach on a node besides its own group.
  private static final Set<Integer> DOORS = Set.of(80, 8084, HEALTH);

  private static final List<Integer> INTERNAL =
      List.of(6379, 7002, 7003, 8080, 8083, 8084, 8087, 8088, 8089, 8090, 9000, HEALTH);

  @TempDir static Path root;
  private static final MotoServer AWS = new MotoServer();
  private static final Map<String, String> environment = new TreeMap<>();

  @BeforeAll
  static void apply() throws IOException {
    Files.copy(Path.of("src/test/terraform/main.tf"), root.resolve("main.tf"));
    Shell.must("cp", "-r", MODULES.toString(), root.resolve("aws").toString());
    // Two directories above the module that registers them, as in the repository.
    Shell.must("cp", "-r", "packaging/ssm", root.resolve("ssm").toString());
    environment.putAll(
        Map.of(
            "AWS_ENDPOINT_URL",
            AWS.endpoint().toString(),
            "AWS_ACCESS_KEY_ID",
            "test",
            "AWS_SECRET_ACCESS_KEY",
            "test",
            "TF_VAR_redis_auth_token",
            TOKEN,
            "TF_VAR_image_id",
            ask("ec2", "describe_images").at("/Images/0/ImageId").asText(),
            "TF_VAR_certificate_arn",
            AWS.boto("acm", "request_certificate", Map.of("DomainName", "deck.example.com"))
                .path("CertificateArn")
                .asText()));
    terraform("init", "-no-color");
    terraform("apply", "-no-color", "-auto-approve", "-parallelism=40");
  }

  @AfterAll
  static void end() {
    try {
      nothingIsLeftAfterDestroy();
    } finally {
      AWS.close();
    }
  }

  private static void nothingIsLeftAfterDestroy() {
    try {
      // As it was left by apply: nobody else changes it.
      terraform("destroy", "-no-color", "-auto-approve", "-refresh=false", "-parallelism=40");
    } catch (AssertionError e) {
      // As people do, then: it takes longer, and must leave nothing. Why is to be read in the log.
      System.err.println("[ERROR] destroyed in a second go, after: " + e.getMessage());
      terraform("destroy", "-no-color", "-auto-approve");
    }
    assertThat(groups()).isEmpty();
    assertThat(stackGroups("")).isEmpty();
    assertThat(ask("elbv2", "describe_load_balancers").path("LoadBalancers")).isEmpty();
    assertThat(ask("elbv2", "describe_target_groups").path("TargetGroups")).isEmpty();
    assertThat(ask("elasticache", "describe_replication_groups").path("ReplicationGroups"))
        .isEmpty();
    assertThat(ask("ssm", "describe_parameters").path("Parameters")).isEmpty();
    assertThat(ask("iam", "list_roles").path("Roles")).isEmpty();
    assertThat(ask("ssm", "list_documents").toString()).doesNotContain("ArmoryAgent-");
  }

  @Test
  void modules_are_valid_and_formatted() {
    terraform("validate", "-no-color");
    terraform("fmt", "-check", "-recursive");
  }

  @Test
  void every_command_document_is_registered() {
    var names = new TreeSet<String>();
    for (var document :
        AWS.boto(
                "ssm",
                "list_documents",
                Map.of(
                    "MaxResults",
                    50,
                    "Filters",
                    List.of(Map.of("Key", "Owner", "Values", List.of("Self")))))
            .path("DocumentIdentifiers")) {
      names.add(document.path("Name").asText());
      assertThat(document.path("TargetType").asText()).isEqualTo("/AWS::EC2::Instance");
    }
    assertThat(names)
        .containsAll(CommandDocument.all().stream().map(d -> "ArmoryAgent-" + d.name()).toList());
  }

  @Test
  void groups_are_named_by_the_convention_and_tag_their_nodes() {
    var roles = new TreeMap<String, String>();
    for (var group : groups()) {
      var tags = tags(group.path("Tags"));
      group.path("Tags").forEach(t -> assertThat(t.path("PropagateAtLaunch").asBoolean()).isTrue());
      assertThat(tags).containsEntry("armory:parameters", "/armory/spinnaker");
      roles.put(
          group.path("AutoScalingGroupName").asText(),
          tags.get("armory:stack") + " " + tags.get("armory:role"));
    }
    assertThat(roles)
        .isEqualTo(
            Map.of(
                "armoryspinnaker-preprod-v000", "preprod standalone",
                "armoryspinnaker-prod-polling-v000", "prod ha-polling",
                "armoryspinnaker-prod-nonpolling-v000", "prod ha-nonpolling",
                "armoryspinnaker-elected-v000", "elected ha"));
  }

  @Test
  void exactly_one_node_polls() {
    for (var group : groups()) {
      if (tag(group.path("Tags"), "armory:role").equals("ha-polling")) {
        assertThat(group.path("MaxSize").asInt()).isEqualTo(1);
      } else if (!tag(group.path("Tags"), "armory:role").equals("standalone")) {
        assertThat(group.path("MinSize").asInt()).isGreaterThanOrEqualTo(2);
      }
    }
  }

  @Test
  void groups_believe_ec2_unless_told_otherwise_and_spread_over_zones() {
    for (var group : groups()) {
      assertThat(group.path("HealthCheckType").asText()).isEqualTo(believesLoadBalancers(group));
      assertThat(group.path("HealthCheckGracePeriod").asInt()).isEqualTo(900);
      assertThat(group.path("VPCZoneIdentifier").asText().split(",")).hasSizeGreaterThan(1);
      assertThat(group.path("TargetGroupARNs").size()).isGreaterThanOrEqualTo(2);
    }
  }

  private static String believesLoadBalancers(JsonNode group) {
    return tag(group.path("Tags"), "armory:stack").equals("elected") ? "ELB" : "EC2";
  }

  /// A node that is not ready for a while must not be ended for it.
  @Test
  void a_group_that_believes_load_balancers_has_none_that_asks_for_readiness() {
    var asked = new TreeMap<String, String>();
    for (var target : ask("elbv2", "describe_target_groups").path("TargetGroups")) {
      asked.put(target.path("TargetGroupArn").asText(), target.path("HealthCheckPath").asText());
    }
    var checked = 0;
    for (var group : groups()) {
      if (group.path("HealthCheckType").asText().equals("ELB")) {
        for (var arn : group.path("TargetGroupARNs")) {
          assertThat(asked.get(arn.asText())).isEqualTo("/health/live");
          checked++;
        }
      }
    }
    assertThat(checked).isEqualTo(12);
  }

  @Test
  void launch_templates_require_imds_version_2_two_hops_and_tags() {
    for (var template : templates().values()) {
      var options = template.path("MetadataOptions");
      assertThat(options.path("HttpTokens").asText()).isEqualTo("required");
      assertThat(options.path("HttpEndpoint").asText()).isEqualTo("enabled");
      assertThat(options.path("HttpPutResponseHopLimit").asInt()).isEqualTo(2);
      assertThat(options.path("InstanceMetadataTags").asText()).isEqualTo("enabled");
      assertThat(template.at("/BlockDeviceMappings/0/Ebs/Encrypted").asBoolean()).isTrue();
      assertThat(template.at("/IamInstanceProfile/Arn").asText()).contains(":instance-profile/");
      var tagged = new TreeSet<String>();
      for (var one : template.path("TagSpecifications")) {
        assertThat(tags(one.path("Tags"))).containsKeys("armory:stack", "armory:role");
        tagged.add(one.path("ResourceType").asText());
      }
      assertThat(tagged).contains("instance", "volume");
    }
  }

  @Test
  void election_is_asked_for_only_where_it_is_wanted() {
    templates()
        .forEach((name, template) -> {
          var text =
              new String(
                  java.util.Base64.getDecoder().decode(template.path("UserData").asText()),
                  java.nio.charset.StandardCharsets.UTF_8);
          assertThat(text).as(name).isEmpty();
        });
    for (var stack : List.of("prod", "elected")) {
      var said =
          AWS.boto(
              "ssm",
              "get_parameter",
              Map.of("Name", "/armory/spinnaker/" + stack + "/env/POLLING"));
      assertThat(said.at("/Parameter/Value").asText())
          .isEqualTo(stack.equals("elected") ? "elect" : "role");
    }
  }

  @Test
  void hooks_of_both_transitions_are_there_when_the_first_node_is() {
    for (var group : groups()) {
      var hooks =
          AWS.boto(
              "autoscaling",
              "describe_lifecycle_hooks",
              Map.of("AutoScalingGroupName", group.path("AutoScalingGroupName").asText()));
      var found = new TreeMap<String, String>();
      for (var hook : hooks.path("LifecycleHooks")) {
        assertThat(hook.path("HeartbeatTimeout").asInt()).isEqualTo(900);
        found.put(hook.path("LifecycleTransition").asText(), hook.path("DefaultResult").asText());
      }
      assertThat(found)
          .isEqualTo(
              Map.of(
                  "autoscaling:EC2_INSTANCE_LAUNCHING", "ABANDON",
                  "autoscaling:EC2_INSTANCE_TERMINATING", "CONTINUE"));
    }
  }

  @Test
  void doors_ask_the_agent_and_internal_ports_their_own_service() {
    var groups = ask("elbv2", "describe_target_groups").path("TargetGroups");
    // Two doors each, and ten services behind each of the internal load balancers.
    assertThat(groups).hasSize(3 * 2 + 2 * 10);
    for (var group : groups) {
      var name = group.path("TargetGroupName").asText();
      var path = group.path("HealthCheckPath").asText();
      var port = group.path("HealthCheckPort").asText();
      var service = name.split("-", -1)[2];
      if (name.startsWith("armory-elected")) {
        assertThat(List.of(port, path)).as(name).containsExactly("5000", "/health/live");
      } else if (service.matches("\\d+")) {
        var expected = service.equals("9000") ? "/" : "/health";
        assertThat(List.of(port, path)).as(name).containsExactly("traffic-port", expected);
      } else {
        assertThat(List.of(port, path)).as(name).containsExactly("5000", "/health/ready");
      }
      assertThat(group.at("/Matcher/HttpCode").asText()).isEqualTo("200");
    }
  }

  @Test
  void no_internal_port_is_open_to_anything_but_the_group_itself() {
    var checked = 0;
    for (var group : stackGroups("internal")) {
      var own = group.path("GroupId").asText();
      for (var rule : group.path("IpPermissions")) {
        assertThat(rule.path("IpRanges")).as("addresses in %s", rule).isEmpty();
        assertThat(rule.path("Ipv6Ranges")).as("addresses in %s", rule).isEmpty();
        assertThat(rule.path("PrefixListIds")).as("prefix lists in %s", rule).isEmpty();
        for (var port : INTERNAL) {
          if (covers(rule, port) && !DOORS.contains(port)) {
            assertThat(sources(rule)).as("sources of %d", port).containsExactly(own);
            checked++;
          }
        }
      }
    }
    // Nine of them in each of the two stacks of several nodes; none at all on the stand-alone node.
    assertThat(checked).isEqualTo(2 * (INTERNAL.size() - 2));
  }

  @Test
  void doors_are_open_to_the_user_facing_group_alone_and_that_to_the_addresses_said() {
    for (var group : stackGroups("internal")) {
      var stack = tag(group.path("Tags"), "armory:stack");
      var users =
          stackGroups("user-facing").stream()
              .filter(g -> stack.equals(tag(g.path("Tags"), "armory:stack")))
              .findFirst()
              .orElseThrow();
      var allowed = Set.of(group.path("GroupId").asText(), users.path("GroupId").asText());
      for (var rule : group.path("IpPermissions")) {
        assertThat(allowed).containsAll(sources(rule));
        assertThat(rule.path("FromPort").asInt()).isEqualTo(rule.path("ToPort").asInt());
      }
      for (var rule : users.path("IpPermissions")) {
        assertThat(sources(rule)).isEmpty();
        assertThat(Set.of(80, 443, 8084)).contains(rule.path("FromPort").asInt());
        for (var range : rule.path("IpRanges")) {
          assertThat(Set.of("10.0.0.0/8", "192.168.0.0/16"))
              .contains(range.path("CidrIp").asText());
        }
      }
      for (var rule : users.path("IpPermissionsEgress")) {
        assertThat(sources(rule)).containsExactly(group.path("GroupId").asText());
      }
    }
  }

  @Test
  void every_load_balancer_and_node_is_in_its_group_and_only_there() {
    var named = new TreeMap<String, String>();
    for (var group : ask("ec2", "describe_security_groups").path("SecurityGroups")) {
      named.put(group.path("GroupId").asText(), group.path("GroupName").asText());
    }
    for (var balancer : ask("elbv2", "describe_load_balancers").path("LoadBalancers")) {
      var inside = balancer.path("LoadBalancerName").asText().endsWith("-internal");
      assertThat(balancer.path("SecurityGroups")).hasSize(1);
      assertThat(unique(named.getOrDefault(balancer.at("/SecurityGroups/0").asText(), "none")))
          .endsWith(inside ? "-internal" : "-user-facing");
      assertThat(balancer.path("Scheme").asText()).isEqualTo("internal");
    }
    for (var template : templates().values()) {
      assertThat(template.path("SecurityGroupIds")).hasSize(1);
      assertThat(unique(named.getOrDefault(template.at("/SecurityGroupIds/0").asText(), "none")))
          .endsWith("-internal");
    }
  }

  @Test
  void redis_has_tls_a_password_failover_and_the_events_gate_needs() {
    var groups = ask("elasticache", "describe_replication_groups").path("ReplicationGroups");
    assertThat(groups).hasSize(2);
    for (var group : groups) {
      assertThat(group.path("TransitEncryptionEnabled").asBoolean()).isTrue();
      assertThat(group.path("AtRestEncryptionEnabled").asBoolean()).isTrue();
      assertThat(group.path("AuthTokenEnabled").asBoolean()).isTrue();
      assertThat(group.path("AutomaticFailover").asText()).isEqualTo("enabled");
      var member = Map.of("CacheClusterId", group.at("/MemberClusters/0").asText());
      var cluster =
          AWS.boto("elasticache", "describe_cache_clusters", member).at("/CacheClusters/0");
      var parameters =
          AWS.boto(
              "elasticache",
              "describe_cache_parameters",
              Map.of(
                  "CacheParameterGroupName",
                  cluster.at("/CacheParameterGroup/CacheParameterGroupName").asText()));
      var said = new TreeMap<String, String>();
      parameters
          .path("Parameters")
          .forEach(
              p -> said.put(p.path("ParameterName").asText(), p.path("ParameterValue").asText()));
      assertThat(said).containsEntry("notify-keyspace-events", "gxE");
    }
  }

  @Test
  void parameters_are_what_the_agent_reads_and_passwords_are_secure_strings() {
    var path = Map.of("Path", "/armory/spinnaker/prod", "Recursive", true, "WithDecryption", true);
    var found = new TreeMap<String, String>();
    for (var page = AWS.boto("ssm", "get_parameters_by_path", path); ; ) {
      page.path("Parameters")
          .forEach(p ->
              found.put(
                  p.path("Name").asText().substring("/armory/spinnaker/prod/".length()),
                  p.path("Type").asText() + " " + p.path("Value").asText()));
      if (page.path("NextToken").isMissingNode()) {
        break;
      }
      var next = new TreeMap<String, Object>(path);
      next.put("NextToken", page.path("NextToken").asText());
      page = AWS.boto("ssm", "get_parameters_by_path", next);
    }
    assertThat(found)
        .containsEntry("env/REDIS_PASSWORD", "SecureString " + TOKEN)
        .containsEntry("env/REDIS_TLS", "String true")
        .containsEntry("env/REDIS_PORT", "String 6379")
        .containsEntry("env/FIAT_ENABLED", "String true")
        .containsEntry("env/ARMORYSPINNAKER_S3_BUCKET", "String pipelines")
        .containsEntry("version", "String 2026.2.3");
    assertThat(found.get("env/REDIS_HOST")).contains("cache.amazonaws.com");
    assertThat(found.get("env/DEFAULT_DNS_NAME")).contains("armory-prod-internal");
    assertThat(found.get("env/API_HOST")).endsWith(":8084");
    var alone =
        AWS.boto(
            "ssm",
            "get_parameter",
            Map.of("Name", "/armory/spinnaker/preprod/env/GITHUB_TOKEN", "WithDecryption", true));
    assertThat(alone.at("/Parameter/Type").asText()).isEqualTo("SecureString");
    assertThat(alone.at("/Parameter/Value").asText()).isEqualTo("planted-github-token");
  }

  @Test
  void no_output_shows_the_password_and_the_state_has_no_other_secret() throws IOException {
    assertThat(terraform("output", "-json")).doesNotContain(TOKEN).contains("deck_url");
    assertThat(Files.readString(root.resolve("terraform.tfstate")))
        .doesNotContain("planted-github-token");
  }

  @Test
  void nodes_may_do_exactly_what_the_shipped_policy_says() throws IOException {
    var json = new ObjectMapper();
    var shipped = Files.readString(MODULES.resolve("iam-policy.json"));
    for (var stack : List.of("preprod", "prod", "elected")) {
      var name =
          list(ask("iam", "list_roles").path("Roles")).stream()
              .map(r -> r.path("RoleName").asText())
              .filter(r -> unique(r).equals("armoryspinnaker-" + stack))
              .findFirst()
              .orElseThrow();
      var policy =
          AWS.boto(
              "iam", "get_role_policy", Map.of("RoleName", name, "PolicyName", "armory-agent"));
      var expected =
          json.readTree(
              shipped.replace(
                  "autoScalingGroupName/armoryspinnaker-",
                  "autoScalingGroupName/armoryspinnaker-" + stack + "-"));
      assertThat(policy.path("PolicyDocument")).isEqualTo(expected);
      var attached =
          AWS.boto("iam", "list_attached_role_policies", Map.of("RoleName", name))
              .path("AttachedPolicies");
      assertThat(attached).hasSize(1);
      assertThat(attached.at("/0/PolicyName").asText()).isEqualTo("AmazonSSMManagedInstanceCore");
    }
  }

  /// Planned and not made: what waits for AWS takes no time.
  @Test
  void what_can_be_chosen_reaches_what_it_is_for() throws IOException {
    var at = Files.createDirectory(root.resolve("options"));
    Files.copy(Path.of("src/test/terraform/options/main.tf"), at.resolve("main.tf"));
    Files.createSymbolicLink(at.resolve("aws"), root.resolve("aws"));
    terraform(at, "init", "-no-color");
    terraform(at, "plan", "-no-color", "-out=plan");
    var plan =
        new TerraformPlan(new ObjectMapper().readTree(terraform(at, "show", "-json", "plan")));

    assertSpot(plan);
    var warm = plan.of("module.warm");
    var serving = warm.only("aws_autoscaling_group", "several");
    assertThat(serving.at("/warm_pool/0/pool_state").asText()).isEqualTo("Stopped");
    assertThat(serving.at("/warm_pool/0/instance_reuse_policy/0/reuse_on_scale_in").asBoolean())
        .isTrue();
    assertThat(serving.path("desired_capacity").asInt()).isEqualTo(3);
    assertThat(warm.all("aws_lb")).noneMatch(l -> l.path("enable_deletion_protection").asBoolean());
    assertThat(warm.all("aws_lb_listener")).noneMatch(l -> l.path("port").asInt() == 443);
    assertThat(warm.all("aws_cloudwatch_log_group")).isEmpty();
    assertThat(warm.only("aws_iam_role_policy", "logs").path("policy").asText())
        .contains("logs:CreateLogGroup", "log-group:mine:*");

    var alone = plan.of("module.alone");
    var group = alone.only("aws_autoscaling_group", "alone");
    assertRefresh(group, 0, 100);
    assertThat(alone.only("aws_launch_template", "node").path("user_data").asText()).isNotEmpty();
    assertThat(alone.only("aws_ssm_parameter", "secret").path("key_id").asText()).contains(":kms:");
    assertThat(alone.only("aws_lb", "user_facing").at("/access_logs/0/prefix").asText())
        .isEqualTo("alone");
  }

  private static void assertSpot(TerraformPlan all) {
    var spot = all.of("module.spot");
    var group = spot.only("aws_autoscaling_group", "several");
    assertRefresh(group, 100, 110);
    assertThat(group.path("capacity_rebalance").asBoolean()).isTrue();
    assertThat(group.has("desired_capacity")).as("left to scaling").isFalse();
    var mixed = group.at("/mixed_instances_policy/0");
    assertThat(mixed.at("/instances_distribution/0/on_demand_base_capacity").asInt()).isOne();
    assertThat(mixed.at("/instances_distribution/0/spot_allocation_strategy").asText())
        .isEqualTo("price-capacity-optimized");
    assertThat(mixed.at("/launch_template/0/override")).hasSize(2);

    var template = spot.only("aws_launch_template", "node");
    assertThat(template.at("/block_device_mappings/0/ebs/0/kms_key_id").asText()).contains(":kms:");
    assertThat(spot.only("aws_elasticache_replication_group", "redis").path("kms_key_id").asText())
        .contains(":kms:");
    assertThat(spot.only("aws_iam_role", "node").path("permissions_boundary").asText())
        .endsWith("policy/boundary");
    assertThat(spot.only("aws_iam_role_policy_attachment", "further").path("policy_arn").asText())
        .endsWith("policy/deploy");
    assertThat(spot.only("aws_iam_role_policy", "support").path("policy").asText())
        .contains("s3:PutObject", "arn:aws:s3:::support/*");
    assertThat(spot.only("aws_iam_role_policy", "logs").path("policy").asText())
        .contains("logs:CreateLogStream", "log-group:/armory/spinnaker/spot:*")
        .doesNotContain("CreateLogGroup");
    assertThat(spot.only("aws_cloudwatch_log_group", "services").path("retention_in_days").asInt())
        .isEqualTo(90);

    assertThat(spot.all("aws_lb"))
        .hasSize(2)
        .allMatch(l -> l.path("enable_deletion_protection").asBoolean())
        .allMatch(l -> l.at("/access_logs/0/bucket").asText().equals("logs"));
    var redirect = spot.only("aws_lb_listener", "redirect");
    assertThat(redirect.path("port").asInt()).isEqualTo(80);
    assertThat(redirect.at("/default_action/0/redirect/0/port").asText()).isEqualTo("443");
    assertThat(redirect.at("/default_action/0/redirect/0/status_code").asText())
        .isEqualTo("HTTP_301");
  }

  private static void assertRefresh(JsonNode group, int least, int most) {
    var preferences = group.at("/instance_refresh/0/preferences/0");
    assertThat(preferences.path("min_healthy_percentage").asInt()).isEqualTo(least);
    assertThat(preferences.path("max_healthy_percentage").asInt()).isEqualTo(most);
    assertThat(preferences.path("auto_rollback").asBoolean()).isTrue();
  }

  private static String terraform(String... arguments) {
    return terraform(root, arguments);
  }

  private static String terraform(Path at, String... arguments) {
    var command = new ArrayList<>(List.of(TERRAFORM, "-chdir=" + at));
    command.addAll(List.of(arguments));
    var result = Shell.run(command, environment);
    assertThat(result.exit())
        .as("terraform %s: %s%n%s", arguments[0], result.err().strip(), result.out())
        .isZero();
    return result.out();
  }

  private static JsonNode ask(String service, String method) {
    return AWS.boto(service, method, Map.of());
  }

  private static List<JsonNode> groups() {
    return list(ask("autoscaling", "describe_auto_scaling_groups").path("AutoScalingGroups"));
  }

  /// Name → content of its newest version.
  private static Map<String, JsonNode> templates() {
    var all = new TreeMap<String, JsonNode>();
    for (var template : ask("ec2", "describe_launch_templates").path("LaunchTemplates")) {
      var name = template.path("LaunchTemplateName").asText();
      var versions =
          AWS.boto("ec2", "describe_launch_template_versions", Map.of("LaunchTemplateName", name));
      all.put(unique(name), versions.at("/LaunchTemplateVersions/0/LaunchTemplateData"));
    }
    assertThat(all).hasSize(4);
    return all;
  }

  private static List<JsonNode> stackGroups(String ending) {
    return list(ask("ec2", "describe_security_groups").path("SecurityGroups")).stream()
        .filter(g -> g.path("GroupName").asText().startsWith("armoryspinnaker-"))
        .filter(g -> unique(g.path("GroupName").asText()).endsWith(ending))
        .toList();
  }

  /// A name without what makes it one of its own, so that its successor can be there beside it.
  private static String unique(String name) {
    assertThat(name).matches(".*-[0-9]{20}[0-9a-f]+");
    return name.replaceAll("-[0-9a-f]+$", "");
  }

  private static boolean covers(JsonNode rule, int port) {
    return rule.path("IpProtocol").asText().equals("-1")
        || (rule.path("FromPort").asInt() <= port && port <= rule.path("ToPort").asInt());
  }

  private static Set<String> sources(JsonNode rule) {
    return list(rule.path("UserIdGroupPairs")).stream()
        .map(p -> p.path("GroupId").asText())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String tag(JsonNode tags, String key) {
    return tags(tags).getOrDefault(key, "");
  }

  private static Map<String, String> tags(JsonNode tags) {
    return list(tags).stream()
        .collect(Collectors.toMap(t -> t.path("Key").asText(), t -> t.path("Value").asText()));
  }

  private static List<JsonNode> list(JsonNode array) {
    Stream<JsonNode> all = StreamSupport.stream(array.spliterator(), false);
    return all.toList();
  }
}
