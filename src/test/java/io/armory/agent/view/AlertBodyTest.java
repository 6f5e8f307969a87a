package io.armory.agent.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Alert.Condition;
import io.armory.agent.domain.AlertTemplate;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AlertBodyTest {
  private static final Alert ALERT =
      new Alert(
          Condition.HELD_BACK,
          false,
          "revision \"9\" is held back",
          "it failed on i-0def",
          Instant.parse("2026-01-31T11:50:00Z"),
          Instant.parse("2026-01-31T12:00:00Z"),
          new Alert.Origin("i-0abc", "ip-10-0-0-1", "preprod", "ha", "3f2a91c"));

  @Test
  void chat_systems_get_one_field() {
    var body = new AlertBody(AlertTemplate.STANDARD, false);
    assertThat(body.json(ALERT))
        .isEqualTo(
            "{\"text\":\"i-0abc (preprod, ha): revision \\\"9\\\" is held back: it failed on"
                + " i-0def\"}");
    assertThat(body.message(ALERT))
        .isEqualTo("i-0abc (preprod, ha): revision \"9\" is held back: it failed on i-0def");
  }

  @Test
  void programs_get_every_part() throws JsonProcessingException {
    var json =
        new ObjectMapper().readTree(new AlertBody(AlertTemplate.STANDARD, true).message(ALERT));
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "text",
            "condition",
            "state",
            "what",
            "why",
            "since",
            "at",
            "node",
            "host",
            "stack",
            "role",
            "revision");
    assertThat(json.path("condition").asText()).isEqualTo("held-back");
    assertThat(json.path("state").asText()).isEqualTo("begun");
    assertThat(json.path("since").asText()).isEqualTo("2026-01-31T11:50:00Z");
  }
}
