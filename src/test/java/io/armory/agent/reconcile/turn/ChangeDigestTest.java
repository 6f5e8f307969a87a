package io.armory.agent.reconcile.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Stack;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChangeDigestTest {

  private static String digest(String role, String ip, String yaml, String secret) {
    return digest(role, ip, yaml, secret, "/run/armory-agent/secrets/password");
  }

  private static String digest(String role, String ip, String yaml, String secret, String path) {
    var fact = new Fact("preprod", "test");
    var identity =
        new NodeIdentity(
            fact,
            Optional.of(fact),
            fact,
            Map.of(
                NodeIdentity.PRIVATE_IP, new Fact(ip, "IMDS"),
                NodeIdentity.INSTANCE_ID, new Fact("i-" + ip.hashCode(), "IMDS")),
            Map.of(),
            List.of());
    var file =
        new RenderedFile(
            path, new RenderedFile.Content(secret.getBytes(StandardCharsets.UTF_8)), 0400, -1);
    var revision =
        new Revision(
            "any-" + ip,
            role,
            new Stack("spinnaker", Map.of(), Map.of(), Map.of()),
            List.of(file),
            yaml,
            "NODE_PRIVATE_IP=" + ip,
            List.of(),
            Optional.empty(),
            Map.of());
    return ChangeDigest.of(revision, Optional.of(identity));
  }

  @Test
  void the_same_change_is_the_same_whatever_a_nodes_address() {
    assertThat(digest("ha", "10.0.1.7", "ports: [10.0.1.7:8083:8083]", "secret"))
        .isEqualTo(digest("ha", "10.0.2.9", "ports: [10.0.2.9:8083:8083]", "secret"))
        .matches("[0-9a-f]{24}");
  }

  @Test
  void the_digests_that_each_node_keys_in_its_own_way_do_not_count_and_an_images_tag_does() {
    var one = "/run/secrets/deck-settings.4d9bdde6263273ec";
    var other = "/run/secrets/deck-settings.c91bcf697aa8bd70";
    assertThat(digest("ha", "10.0.1.7", "file: " + one, "secret", one))
        .isEqualTo(digest("ha", "10.0.2.9", "file: " + other, "secret", other))
        .isNotEqualTo(digest("ha", "10.0.2.9", "file: " + other, "another", other));
    var config = "/var/config/gate-a6d606558ff2/gate.yml";
    var moved = "/var/config/gate-b7d606558ff2/gate.yml";
    assertThat(digest("ha", "10.0.1.7", "- /var/config/gate-a6d606558ff2:/opt", "x", config))
        .isEqualTo(digest("ha", "10.0.2.9", "- /var/config/gate-b7d606558ff2:/opt", "x", moved));
    assertThat(digest("ha", "10.0.1.7", "image: gate:1-a6d606558ff2", "secret"))
        .isNotEqualTo(digest("ha", "10.0.1.7", "image: gate:1-b7d606558ff2", "secret"));
  }

  @Test
  void an_address_that_only_begins_like_the_nodes_own_is_no_part_of_it() {
    assertThat(digest("ha", "10.0.1.7", "extra: 10.0.1.70", "secret"))
        .isEqualTo(digest("ha", "10.0.2.9", "extra: 10.0.1.70", "secret"));
  }

  @Test
  void a_role_a_setting_and_a_secret_count() {
    var one = digest("ha", "10.0.1.7", "image: gate:1", "secret");
    assertThat(
            List.of(
                digest("gate", "10.0.1.7", "image: gate:1", "secret"),
                digest("ha", "10.0.1.7", "image: gate:2", "secret"),
                digest("ha", "10.0.1.7", "image: gate:1", "another")))
        .doesNotContain(one)
        .doesNotHaveDuplicates();
  }
}
