package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Stack;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RevisionCodecTest {
  private static final RevisionCodec CODEC =
      new RevisionCodec("spinnaker", "/var/lib/armory-agent/rendered/docker-compose.yml", "key");
  private static final String YAML = "services:\n  gate:\n    image: gate:1\n";

  private static Revision revision(Map<String, String> images) {
    return new Revision(
            "r1",
            "standalone",
            Stack.none("spinnaker"),
            List.of(),
            YAML,
            "",
            List.of(),
            Optional.empty(),
            Map.of())
        .withImages(images);
  }

  @Test
  void the_images_that_a_revision_was_proven_with_are_kept() {
    var images = Map.of("gate:1", "sha256:" + "a".repeat(64));
    assertThat(CODEC.decode(CODEC.encode(revision(images))))
        .isInstanceOfSatisfying(
            Outcome.Done.class,
            done -> assertThat(((Revision) done.value()).images()).isEqualTo(images));
  }

  @Test
  void what_an_earlier_release_kept_names_none() {
    var text = new String(CODEC.encode(revision(Map.of())), StandardCharsets.UTF_8);
    var before = text.replace("\"images\":{},", "");
    assertThat(before).doesNotContain("images");
    assertThat(CODEC.decode(before.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            Outcome.Done.class, done -> assertThat(((Revision) done.value()).images()).isEmpty());
  }
}
