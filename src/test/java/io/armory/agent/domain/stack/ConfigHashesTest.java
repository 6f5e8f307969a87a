package io.armory.agent.domain.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.stack.ConfigHashes.Hash;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigHashesTest {
  @ParameterizedTest
  @CsvSource({
    "2.26.1, V2_26",
    "2.26.1-4, V2_26",
    "2.20.0, V2_26",
    "2.29.2, V2_26",
    "2.29.3, V2_29",
    "2.30.1, V2_29",
    "2.30.2, V2_30",
    "v2.33.1, V2_30",
    "2.34.0, V2_34",
    "2.35.1, V2_34",
    "2.36.0, V2_36",
    "2.40.3+ds1, V2_36",
    "5.0.0, V5_0",
    "v5.5.0, V5_0",
    "6.0.0, V5_0",
    "dev, V5_0",
  })
  void a_release_belongs_to_a_generation(String version, ComposeGeneration generation) {
    assertThat(ComposeGeneration.of(version)).isEqualTo(generation);
  }

  @Test
  void each_generation_is_the_one_of_its_first_release() {
    for (var generation : ComposeGeneration.values()) {
      if (generation != ComposeGeneration.V2_26) {
        assertThat(ComposeGeneration.of(generation.release())).isEqualTo(generation);
      }
    }
  }

  @Test
  void the_hash_of_any_generation_is_right() {
    var hashes = each();
    for (var generation : ComposeGeneration.values()) {
      assertThat(hashes.include(generation.name(), Map.of())).isTrue();
      assertThat(hashes.of(generation, Map.of())).isEqualTo(generation.name());
    }
    assertThat(hashes.include("another", Map.of())).isFalse();
  }

  @Test
  void a_hash_with_the_id_of_a_container_is_made_when_it_is_known_and_shows_no_text() {
    var text = List.of("{\"secret\":\"s3\",\"network_mode\":\"container:", "front", "\"}");
    var all = new EnumMap<ComposeGeneration, Hash>(each().byGeneration());
    all.replaceAll((_, hash) -> new Hash(hash.value(), text));
    var hashes = new ConfigHashes(all);
    var made = hashes.of(ComposeGeneration.V5_0, Map.of("front", "id1"));

    assertThat(made)
        .isEqualTo(ConfigHashes.sha256("{\"secret\":\"s3\",\"network_mode\":\"container:id1\"}"));
    assertThat(hashes.include(made, Map.of("front", "id1"))).isTrue();
    assertThat(hashes.include(made, Map.of("front", "id2"))).isFalse();
    assertThat(hashes.of(ComposeGeneration.V5_0, Map.of())).isEqualTo("V5_0");
    assertThat(hashes.toString()).doesNotContain("s3");
  }

  private static ConfigHashes each() {
    var all = new EnumMap<ComposeGeneration, Hash>(ComposeGeneration.class);
    for (var generation : ComposeGeneration.values()) {
      all.put(generation, new Hash(generation.name(), List.of()));
    }
    return new ConfigHashes(all);
  }
}
