package io.armory.agent.compose.print;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.ComposeLoader;
import io.armory.agent.compose.ComposeRequest;
import io.armory.agent.compose.Loading;
import io.armory.agent.compose.MemoryFiles;
import io.armory.agent.domain.stack.ComposeGeneration;
import io.armory.agent.domain.stack.ConfigHashes;
import io.armory.agent.domain.stack.Service;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashesTest {
  private static final String BASE =
      "services:\n  a:\n    image: i\n    volumes: [\"vol:/v\"]\n    configs: [c]\n%s"
          + "volumes: {vol: {%s}}\nconfigs: {c: {content: \"%s\"}}\n";

  private static Service service(String attributes, String volume, String content) {
    return Loading.service(BASE.formatted(attributes, volume, content));
  }

  private static final Service PLAIN = service("", "", "x");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "    x-armory: {optional: true, probe: {tcp: {port: 1}}}\n",
        "    x-other: 1\n",
        "    scale: 3\n",
        "    pull_policy: always\n",
        "    privileged: false\n",
        "    cap_add: []\n",
      })
  void what_does_not_make_the_container_changes_no_hash(String attributes) {
    Service service = service(attributes, "", "x");
    assertThat(service.configHash()).isEqualTo(PLAIN.configHash());
    assertThat(service.definitionHash()).isEqualTo(PLAIN.definitionHash());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "    user: u\n",
        "    labels: {a: b}\n",
        "    environment: {A: b}\n",
      })
  void what_makes_it_changes_both(String attributes) {
    Service service = service(attributes, "", "x");
    assertThat(service.configHash()).isNotEqualTo(PLAIN.configHash());
    assertThat(service.definitionHash()).isNotEqualTo(PLAIN.definitionHash());
  }

  @Test
  void dependencies_and_profiles_change_ours_and_those_of_old_releases_alone() {
    String attributes =
        "    profiles: [p]\n    depends_on: {a2: {condition: service_started, required: true}}\n"
            + "  a2: {image: i}\n";
    Service service =
        Loading.service(
            Loading.loaded(
                ComposeLoader.load(
                    ComposeRequest.of("/p", java.util.List.of("compose.yaml"))
                        .withProfiles(java.util.List.of("p")),
                    MemoryFiles.of(Map.of(Loading.FILE, BASE.formatted(attributes, "", "x"))))),
            "a");
    assertThat(service.configHash()).isEqualTo(PLAIN.configHash());
    assertThat(service.definitionHash()).isNotEqualTo(PLAIN.definitionHash());
    assertThat(service.configHashes().of(ComposeGeneration.V2_26, Map.of()))
        .isNotEqualTo(PLAIN.configHashes().of(ComposeGeneration.V2_26, Map.of()));
  }

  @Test
  void content_and_engine_names_change_only_ours() {
    for (Service service : new Service[] {service("", "", "y"), service("", "name: other", "x")}) {
      assertThat(service.configHash()).isEqualTo(PLAIN.configHash());
      assertThat(service.definitionHash()).isNotEqualTo(PLAIN.definitionHash());
    }
  }

  /// A new release must compute the same keys, or every container is replaced by an upgrade.
  @Test
  void the_keys_of_the_first_release_stay() {
    assertThat(PLAIN.definitionHash())
        .isEqualTo("26d59498e84245550c6060972e9e9304d51fcf5468f3937ec0d6c44b150ce8aa");
    var stack = Loading.loaded(BASE.formatted("", "driver: local, labels: {a: b}", "x")).stack();
    assertThat(stack.volumes().get("vol"))
        .satisfies(v ->
            assertThat(v.definitionHash())
                .isEqualTo("9fa6b570575a0689d9f0699b483308e720044341a2f146c5afe33331000a674c"));
    assertThat(stack.networks().get("default"))
        .satisfies(n ->
            assertThat(n.definitionHash())
                .isEqualTo("3ffe3811c787139d982dce3bb846ccd1d8c0a45387be17f826ce29d88707a32a"));
  }

  /// Docker Compose 5.1 to 5.4 hashes the ID of an image that is mounted, all others its name.
  @Test
  void a_mounted_image_counts_by_its_name_or_by_its_id() {
    var yaml = "services: {a: {image: i, volumes: [{type: image, source: '%s', target: /t}]}}";
    var id = "sha256:" + "a".repeat(64);
    var hashes = Loading.service(yaml.formatted("pics:1")).configHashes();
    var byId = Loading.service(yaml.formatted(id)).configHash();

    assertThat(hashes.include(byId, Map.of(ConfigHashes.IMAGE + "pics:1", id))).isTrue();
    assertThat(hashes.include(byId, Map.of(ConfigHashes.IMAGE + "pics:1", "another"))).isFalse();
    assertThat(hashes.include(byId, Map.of())).isFalse();
    assertThat(hashes.of(ComposeGeneration.NEWEST, Map.of()))
        .isEqualTo(
            Objects.requireNonNull(hashes.byGeneration().get(ComposeGeneration.NEWEST)).value());
  }

  @Test
  void a_digest_of_a_secret_needs_the_key() {
    String yaml = "services: {a: {image: i, secrets: [s]}}\nsecrets: {s: {environment: X}}\n";
    ComposeRequest request =
        ComposeRequest.of("/p", java.util.List.of("compose.yaml"))
            .withEnvironment(Map.of("X", "v"));
    MemoryFiles files = MemoryFiles.of(Map.of(Loading.FILE, yaml));
    var one = Loading.loaded(ComposeLoader.load(request.withDigestKey("one"), files));
    var two = Loading.loaded(ComposeLoader.load(request.withDigestKey("two"), files));
    assertThat(Loading.service(one, "a").definitionHash())
        .isNotEqualTo(Loading.service(two, "a").definitionHash());
  }
}
