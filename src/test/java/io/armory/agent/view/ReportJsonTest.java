package io.armory.agent.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.testing.GroupReports;
import io.armory.agent.testing.Reports;
import io.armory.agent.view.ReportJson.Audience;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ReportJsonTest {
  private static JsonNode read(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }

  @Test
  void what_nodes_share_has_its_fields_where_there_is_something_shared() throws Exception {
    var json = read(ReportJson.write(GroupReports.elected(Reports.NOW), Audience.PUBLIC));
    assertThat(paths(json))
        .contains(
            "redis.address",
            "redis.doing",
            "redis.latencyMs",
            "redis.reason",
            "redis.since",
            "redis.state",
            "redis.version",
            "redis.warnings[]",
            "poller.here",
            "poller.holder",
            "poller.reason",
            "poller.since",
            "poller.token");
    assertThat(json.path("redis").path("latencyMs").asDouble()).isEqualTo(0.4);
    assertThat(json.path("poller").path("holder").asText()).isEqualTo("i-0def");
    assertThat(json.path("services").path(1).path("state").asText()).isEqualTo("standby");

    var out = read(ReportJson.write(GroupReports.outage(Reports.NOW), Audience.PUBLIC));
    assertThat(paths(out)).doesNotContain("redis.latencyMs");
    assertThat(out.path("redis").path("state").asText()).isEqualTo("down");
    assertThat(out.path("poller").path("here").asBoolean()).isTrue();

    var group =
        read(ReportJson.write(GroupReports.inLine(Reports.NOW), Audience.PUBLIC)).path("group");
    assertThat(group.path("maxUnavailable").asText()).isEqualTo("1");
    assertThat(group.path("waiting").asText()).isEqualTo("r2");
    assertThat(group.path("nodes").path(0).path("changesTo").asText()).isEqualTo("r2");
    assertThat(group.path("nodes").path(1).path("why").asText()).contains("i-0abc is changing");
    assertThat(group.path("nodes").path(2).path("reason").asText()).isEqualTo("gate is down");
    assertThat(group.path("heldBack").path(0).path("node").asText()).isEqualTo("i-0fff");
  }

  @Test
  void what_a_service_uses_is_told_where_it_is_known() throws Exception {
    var json = read(ReportJson.write(Reports.measured(Reports.NOW), Audience.PUBLIC));
    var gate = json.path("services").path(2).path("usage");
    assertThat(gate.path("memoryBytes").asLong()).isEqualTo(1250L << 20);
    assertThat(gate.path("memoryLimitBytes").asLong()).isEqualTo(2048L << 20);
    assertThat(gate.path("cpuSeconds").asDouble()).isEqualTo(90.5);
    assertThat(gate.path("cpuLimitPercent").asDouble()).isEqualTo(200);
    assertThat(gate.path("cpuPercent").asDouble()).isEqualTo(123.4);
    var redis = json.path("services").path(0).path("usage");
    assertThat(
            redis.has("memoryLimitBytes")
                || redis.has("cpuLimitPercent")
                || redis.has("cpuPercent"))
        .isFalse();
    assertThat(json.path("services").path(1).has("usage")).isFalse();
  }

  @Test
  void what_waits_for_approval_is_told_to_all_and_what_it_changes_to_operators() throws Exception {
    var report = Reports.awaiting(Reports.NOW);
    var json = read(ReportJson.write(report, Audience.OPERATOR)).path("revision");
    assertThat(json.path("wanted").asText()).isEqualTo("77aa01b");
    assertThat(json.at("/awaits/revision").asText()).isEqualTo("77aa01b");
    assertThat(json.at("/awaits/why").asText()).isEqualTo("for approval: armory-agent approve");
    assertThat(json.at("/awaits/opens").isNull()).isTrue();
    assertThat(json.at("/awaits/changes")).hasSize(8);
    assertThat(read(Answers.plan(report)).path("awaits")).isEqualTo(json.path("awaits"));
    assertThat(paths(read(ReportJson.write(report, Audience.PUBLIC))))
        .contains("revision.awaits.why", "revision.awaits.since", "revision.awaits.images")
        .doesNotContain("revision.awaits.changes[]");
  }

  @Test
  void the_public_sees_neither_log_lines_nor_tags() throws Exception {
    var json = read(ReportJson.write(Reports.troubled(Reports.NOW), Audience.PUBLIC));
    assertThat(paths(json))
        .doesNotContain("services[].lastFailure.logLines[]", "identity.tags[]")
        .contains("services[].lastFailure.what");
    assertThat(json.at("/services/1/state").asText()).isEqualTo("down");
    assertThat(json.at("/phase").asText()).isEqualTo("repairing");
    assertThat(json.at("/host/diskUsage").asDouble()).isEqualTo(65.7);
  }

  @Test
  void stale_is_said_with_its_age() throws Exception {
    var json = read(ReportJson.write(Reports.everything(Reports.NOW), Audience.PUBLIC));
    assertThat(json.at("/stale").asBoolean()).isTrue();
    assertThat(json.at("/revision/staleSeconds").asLong()).isEqualTo(600);
  }

  @Test
  void an_agent_that_knows_nothing_yet_says_so() throws Exception {
    var json = read(ReportJson.write(Reports.unknown(Reports.NOW), Audience.PUBLIC));
    assertThat(json.get("role").isNull()).isTrue();
    assertThat(json.get("stack").isNull()).isTrue();
    assertThat(json.get("services")).isEmpty();
    assertThat(json.has("revision")).isFalse();
  }

  @Test
  void any_text_is_quoted_so_that_a_parser_reads_it_back() throws Exception {
    var texts = new TreeSet<String>();
    for (var c = 0; c < 0x250; c++) {
      texts.add("a" + (char) c + "b");
    }
    texts.add("\"\\/\b\f\n\r\t");
    texts.add("𝒳 ✓ \u2028\u2029");
    for (var text : texts) {
      var json = Json.object(j -> j.field(text, text));
      assertThat(read(json).get(text).asText()).isEqualTo(text);
    }
    assertThat(Json.object(j -> j.field("x", "a\ud800b"))).isEqualTo("{\"x\":\"a\\ud800b\"}");
    assertThat(Json.object(j -> j.field("x", Double.NaN))).isEqualTo("{\"x\":null}");
  }

  private static Set<String> paths(JsonNode node) {
    var found = new TreeSet<String>();
    walk("", node, found);
    return found;
  }

  private static void walk(String path, JsonNode node, Set<String> found) {
    if (node.isObject()) {
      node.properties()
          .forEach(e ->
              walk(path.isEmpty() ? e.getKey() : path + "." + e.getKey(), e.getValue(), found));
    } else if (node.isArray()) {
      node.forEach(n -> walk(path + "[]", n, found));
    } else {
      found.add(path);
    }
  }
}
