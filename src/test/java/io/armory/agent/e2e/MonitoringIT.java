package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Alert rules, their cases and the example configuration, as promtool sees them, and the
/// dashboard. That the metrics exist is checked on a running agent: [AwsNodeE2E].
class MonitoringIT {
  private static final Path RULES = Path.of("packaging/prometheus/armory-agent.rules.yml");

  @Test
  void rules_are_valid_and_alert_when_they_should() {
    promtool("check", "rules", RULES.toString());
    promtool("test", "rules", "packaging/prometheus/armory-agent.rules.test.yml");
    promtool("check", "config", "packaging/prometheus/prometheus.example.yml");
  }

  @Test
  void every_alert_has_a_case() throws IOException {
    var rules = java.nio.file.Files.readString(RULES);
    var cases =
        java.nio.file.Files.readString(Path.of("packaging/prometheus/armory-agent.rules.test.yml"));
    var alerts =
        rules.lines().filter(l -> l.contains("- alert: ")).map(l -> l.split(": ", 2)[1]).toList();
    assertThat(alerts).hasSizeGreaterThan(10).doesNotHaveDuplicates();
    assertThat(alerts).allMatch(cases::contains);
  }

  @Test
  void every_panel_of_the_dashboard_has_a_place_and_a_valid_query() throws IOException {
    var dashboard =
        new ObjectMapper().readTree(Path.of("packaging/grafana/armory-agent.json").toFile());
    var queries = new ArrayList<String>();
    var ids = new HashSet<Integer>();
    for (var panel : dashboard.path("panels")) {
      assertThat(ids.add(panel.path("id").asInt())).isTrue();
      assertThat(panel.path("gridPos").path("x").asInt() + panel.path("gridPos").path("w").asInt())
          .isLessThanOrEqualTo(24);
      panel.path("targets").forEach((JsonNode t) -> queries.add(t.path("expr").asText()));
    }
    assertThat(queries).hasSizeGreaterThan(15);
    for (var query : queries) {
      promtool("check", "rules", ruleOf(query));
    }
  }

  /// promtool parses rules only, so a query is made one.
  private static String ruleOf(String query) throws IOException {
    var plain = query.replace("$__rate_interval", "5m");
    var file = java.nio.file.Files.createTempFile("query", ".yml");
    file.toFile().deleteOnExit();
    var rule = new ObjectMapper().createObjectNode().put("record", "query").put("expr", plain);
    java.nio.file.Files.writeString(
        file,
        "groups: [{name: dashboard, rules: [" + rule + "]}]",
        java.nio.charset.StandardCharsets.UTF_8);
    return file.toString();
  }

  private static void promtool(String... arguments) {
    var command = new ArrayList<>(List.of("src/test/rig/promtool.sh"));
    command.addAll(List.of(arguments));
    var result = Shell.run(command);
    assertThat(result.exit()).as(result.out() + result.err()).isZero();
  }
}
