package io.armory.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Alert.Condition;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AlertTemplateTest {
  private static final Instant AT = Instant.parse("2026-01-31T12:00:00Z");

  private static Alert alert(boolean over) {
    return new Alert(
        Condition.NOT_READY,
        over,
        "is not ready",
        "front50 is down: $1 \\ {stack}",
        AT.minusSeconds(600),
        AT,
        new Alert.Origin("i-0abc", "ip-10-0-0-1", "preprod", "ha", "3f2a91c"));
  }

  @Test
  void every_part_has_a_placeholder_and_what_is_put_in_is_not_read_again() {
    assertThat(AlertTemplate.STANDARD.render(alert(false)))
        .isEqualTo("i-0abc (preprod, ha): is not ready: front50 is down: $1 \\ {stack}");
    assertThat(
            new AlertTemplate(
                    "{host} {revision} {condition} {state} {what} {since} {at} {} {{node}}")
                .render(alert(true)))
        .isEqualTo(
            "ip-10-0-0-1 3f2a91c not-ready over over: is not ready 2026-01-31T11:50:00Z"
                + " 2026-01-31T12:00:00Z {} {i-0abc}");
  }

  @Test
  void a_placeholder_that_does_not_exist_is_named_with_the_one_that_was_meant() {
    assertThat(AlertTemplate.STANDARD.problem()).isEmpty();
    assertThat(new AlertTemplate("{Stck}: {what}").problem())
        .hasValue("there is no {Stck}; did you mean {stack}?");
    assertThat(new AlertTemplate("{nonsense}").problem())
        .hasValueSatisfying(p -> assertThat(p).contains("known: {node}, {host}"));
  }
}
