package io.armory.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AutoScalingGroupNameTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // name, app, stack, detail, sequence, role
        "armoryspinnaker-preprod-v000,     armoryspinnaker, preprod, -,             0,    -",
        "armoryspinnaker-ha-v015,          armoryspinnaker, ha,      -,             15,   -",
        "armoryspinnaker-ha-polling-v015,  armoryspinnaker, ha,      polling,       15,   ha-polling",
        "armoryspinnaker-ha-nonpolling-v3, armoryspinnaker, ha,      nonpolling-v3, -,    -",
        "armoryspinnaker-ha-nonpolling,    armoryspinnaker, ha,      nonpolling,    -,    ha-nonpolling",
        "spinnaker,                        spinnaker,       -,       -,             -,    -",
        "spinnaker-v001,                   spinnaker,       -,       -,             1,    -",
        "spinnaker--polling-v1234,         spinnaker,       -,       polling,       1234, ha-polling",
        "spinnaker-prod-,                  spinnaker,       prod,    -,             -,    -",
        "app.x_y-st~1-a-b-c-v999999,       app.x_y,         st~1,    a-b-c,         999999, -",
        "app-prod-polling-d0test-z0a-v002, app,             prod,    polling,       2,    ha-polling",
        "app-prod-d0test,                  app,             prod,    -,             -,    -",
        "app-prod-v1234567,                app,             prod,    v1234567,      -,    -",
      })
  void takes_names_apart(
      String name, String app, String stack, String detail, Integer sequence, String role) {
    var parsed = AutoScalingGroupName.parse(name).orElseThrow();

    assertThat(parsed.app()).isEqualTo(app);
    assertThat(parsed.stack().orElse(null)).isEqualTo(stack);
    assertThat(parsed.detail().orElse(null)).isEqualTo(detail);
    assertThat(parsed.sequence().isPresent() ? parsed.sequence().getAsInt() : null)
        .isEqualTo(sequence);
    assertThat(parsed.role().orElse(null)).isEqualTo(role);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "-prod-v001", "my group", "a/b", "ä-b"})
  void a_name_the_convention_cannot_make_has_no_parts(String name) {
    assertThat(AutoScalingGroupName.parse(name)).isEmpty();
  }

  @Test
  void a_sequence_alone_is_an_app() {
    assertThat(AutoScalingGroupName.parse("v001").orElseThrow().app()).isEqualTo("v001");
  }
}
