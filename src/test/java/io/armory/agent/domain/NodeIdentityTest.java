package io.armory.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeIdentityTest {
  private static final Parameters ROLE_PARAMETER =
      settings(new Parameter("role", new Plain("ha\n"), "ssm /a/role (version 1)"));

  @Test
  void a_tagged_role_wins_over_the_parameter() {
    var node = node(Optional.of(new Fact("standalone", "tag armory:role")));
    assertThat(node.settledBy(ROLE_PARAMETER)).isEqualTo(node);
  }

  @Test
  void the_parameter_wins_over_the_groups_name() {
    var node = node(Optional.of(new Fact("ha-polling", "Auto Scaling group a-ha-polling-v001")));
    assertThat(node.settledBy(ROLE_PARAMETER).role())
        .contains(new Fact("ha", "ssm /a/role (version 1)"));
  }

  @Test
  void the_groups_name_decides_where_nothing_else_does() {
    var node = node(Optional.of(new Fact("ha-polling", "Auto Scaling group a-ha-polling-v001")));
    assertThat(node.settledBy(Parameters.NONE).role()).isEqualTo(node.role());
    assertThat(node(Optional.empty()).settledBy(Parameters.NONE).role()).isEmpty();
  }

  @Test
  void a_role_kept_as_a_secure_string_is_still_a_role() {
    var hidden = settings(new Parameter("role", new Hidden(new Secret("ha")), "ssm /a/role"));
    assertThat(node(Optional.empty()).settledBy(hidden).role())
        .contains(new Fact("ha", "ssm /a/role"));
  }

  private static Parameters settings(Parameter parameter) {
    return new Parameters(Map.of(), Map.of(), Map.of(parameter.name(), parameter));
  }

  private static NodeIdentity node(Optional<Fact> role) {
    return new NodeIdentity(
        new Fact("default", "default"),
        role,
        new Fact("/armory/spinnaker", "default"),
        Map.of(),
        Map.of(),
        List.of());
  }
}
