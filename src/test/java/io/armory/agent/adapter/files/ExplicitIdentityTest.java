package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExplicitIdentityTest {
  private static final Fact GROUP =
      new Fact("armoryspinnaker-prod-polling-v003", "/etc/armory-agent/agent.yaml:5");

  @Test
  void what_is_said_wins() {
    var identity = identify("mine", "standalone", "/p", true, Map.of("armory:role", "ha"));

    assertThat(identity.stack().value()).isEqualTo("mine");
    assertThat(identity.role()).map(Fact::value).contains("standalone");
    assertThat(identity.parameterPrefix().value()).isEqualTo("/p");
  }

  @Test
  void tags_come_next_then_the_group() {
    var tagged = identify(null, null, null, true, Map.of("armory:role", "ha"));

    assertThat(tagged.role()).contains(new Fact("ha", "tag armory:role"));
    assertThat(tagged.stack())
        .isEqualTo(new Fact("prod", "Auto Scaling group armoryspinnaker-prod-polling-v003"));
    assertThat(identify(null, null, null, true, Map.of()).role())
        .map(Fact::value)
        .contains("ha-polling");
  }

  @Test
  void with_nothing_said_there_is_a_default_stack_and_no_role() {
    var identity = identify(null, null, null, false, Map.of("armory:role", ""));

    assertThat(identity.stack().value()).isEqualTo("default");
    assertThat(identity.role()).isEmpty();
    assertThat(identity.parameterPrefix().value()).isEqualTo("/armory/spinnaker");
    assertThat(identity.lookedAt())
        .extracting(NodeIdentity.Look::line)
        .containsExactly(
            "identity.role of agent.yaml: not set",
            "tag armory:role: not set",
            "Auto Scaling group's name: not set");
  }

  private static NodeIdentity identify(
      @Nullable String stack,
      @Nullable String role,
      @Nullable String prefix,
      boolean grouped,
      Map<String, String> tags) {
    var source =
        new ExplicitIdentity(
            said(stack),
            said(role),
            said(prefix),
            grouped ? Map.of(NodeIdentity.AUTO_SCALING_GROUP, GROUP) : Map.of(),
            tags);
    return switch (source.identify()) {
      case Outcome.Done<NodeIdentity>(var identity) -> identity;
      case Outcome.Failed<NodeIdentity>(var failure) -> throw new AssertionError(failure.message());
    };
  }

  private static Optional<Fact> said(@Nullable String value) {
    return Optional.ofNullable(value).map(v -> new Fact(v, "/etc/armory-agent/agent.yaml:2"));
  }
}
