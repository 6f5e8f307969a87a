package io.armory.agent.reconcile.desired;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Parameters.Value;
import io.armory.agent.domain.Secret;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CachedNodeFactsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Instant AT = Instant.parse("2026-01-31T12:00:00Z");

  private static final NodeIdentity IDENTITY =
      new NodeIdentity(
          new Fact("preprod", "tag armory:stack"),
          Optional.of(new Fact("ha", "tag armory:role")),
          new Fact("/armory/spinnaker", "default"),
          Map.of("region", new Fact("eu-west-1", "IMDS")),
          Map.of("armory:param:KEY", "tag-secret"),
          List.of(NodeIdentity.Look.at("tag armory:role: ha")));

  @Test
  void what_is_kept_is_recalled_with_its_origins() throws IOException {
    var facts =
        CachedNodeFacts.of(
            IDENTITY,
            new Parameters(
                Map.of("HOST", one("HOST", new Plain("redis"))),
                Map.of("gate-local.yml", one("gate-local.yml", new Plain("a: b"))),
                Map.of("version", one("version", new Plain("1.2")))),
            false,
            AT);
    var recalled = CachedNodeFacts.read(JSON.readTree(facts.write().toString()));
    assertThat(recalled).contains(facts);
    assertThat(recalled.orElseThrow().parameters().variables().get("HOST"))
        .isEqualTo(one("HOST", new Plain("redis")));
    assertThat(recalled.orElseThrow().identity().role()).isEqualTo(IDENTITY.role());
  }

  @Test
  void no_secret_no_file_and_no_tag_is_kept() {
    var facts =
        CachedNodeFacts.of(
            IDENTITY,
            new Parameters(
                Map.of("PASSWORD", one("PASSWORD", new Hidden(new Secret("hunter2")))),
                Map.of("gate-local.yml", one("gate-local.yml", new Plain("key: file-secret"))),
                Map.of()),
            false,
            AT);
    assertThat(facts.write().toString())
        .contains("PASSWORD", "gate-local.yml")
        .doesNotContain("hunter2")
        .doesNotContain("file-secret")
        .doesNotContain("tag-secret");
    assertThat(facts.parameters().variables().get("PASSWORD"))
        .extracting(p -> p.value().shown())
        .isEqualTo(Secret.MASK);
  }

  @Test
  void the_same_facts_are_kept_again_only_for_their_age() {
    var kept = CachedNodeFacts.of(IDENTITY, Parameters.NONE, false, AT);
    assertThat(
            CachedNodeFacts.of(IDENTITY, Parameters.NONE, false, AT.plusSeconds(599))
                .isKeptBy(kept))
        .isTrue();
    assertThat(
            CachedNodeFacts.of(IDENTITY, Parameters.NONE, false, AT.plusSeconds(600))
                .isKeptBy(kept))
        .isFalse();
    var other = new Parameters(Map.of("HOST", one("HOST", new Plain("redis"))), Map.of(), Map.of());
    assertThat(CachedNodeFacts.of(IDENTITY, other, false, AT).isKeptBy(kept)).isFalse();
  }

  @Test
  void nothing_kept_yet_is_nothing_known() {
    assertThat(CachedNodeFacts.read(JSON.createObjectNode())).isEmpty();
  }

  @Test
  void a_secret_by_its_name_is_masked_whoever_said_it_in_the_open() {
    var open =
        new Parameters(
            Map.of(
                "REDIS_URL", one("REDIS_URL", new Plain("redis://:pw@host")),
                "SLACK_TOKEN", one("SLACK_TOKEN", new Plain("xoxb")),
                "REDIS_HOST", one("REDIS_HOST", new Plain("host"))),
            Map.of(),
            Map.of());
    var shown = open.masked().variables();
    assertThat(shown.get("REDIS_URL")).extracting(p -> p.value().shown()).isEqualTo(Secret.MASK);
    assertThat(shown.get("SLACK_TOKEN")).extracting(p -> p.value().shown()).isEqualTo(Secret.MASK);
    assertThat(shown.get("REDIS_HOST")).extracting(p -> p.value().shown()).isEqualTo("host");
  }

  private static Parameter one(String name, Value value) {
    return new Parameter(name, value, "ssm /a/" + name);
  }
}
