package io.armory.agent.adapter.docker.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountedTest {
  private static final Instant STARTED = Instant.parse("2026-01-31T12:00:00Z");

  @TempDir Path node;

  private final ArrayNode mounts = JsonNodeFactory.instance.arrayNode();

  private void mount(String type, String source, String target) {
    mounts.addObject().put("Type", type).put("Source", source).put("Destination", target);
  }

  private String file(String name, Instant changed) throws IOException {
    var file = Files.writeString(node.resolve(name), "x");
    Files.setLastModifiedTime(file, FileTime.from(changed));
    return file.toString();
  }

  @Test
  void an_image_is_told_as_the_engine_was_asked_for_it() {
    mounts
        .addObject()
        .put("Type", "image")
        .put("Name", "sha256:1")
        .put("Source", "/var/lib/docker/overlay2/x/merged")
        .put("Destination", "/files");
    assertThat(Mounted.of(mounts, STARTED)).containsExactly(Map.entry("/files", "sha256:1"));
    assertThat(Mounted.images(mounts)).containsExactly("sha256:1");
    assertThat(Mounted.sources(mounts)).isEmpty();
  }

  @Test
  void what_is_still_what_was_mounted_is_told() throws IOException {
    mount("bind", file("token", STARTED.minusSeconds(1)), "/run/secrets/token");
    mount("volume", "/var/lib/docker/volumes/v/_data", "/data");
    mount("bind", node.toString(), "/all");
    assertThat(Mounted.of(mounts, STARTED))
        .isEqualTo(
            Map.of(
                "/run/secrets/token", node.resolve("token").toString(), "/all", node.toString()));
    assertThat(Mounted.sources(mounts))
        .containsExactlyInAnyOrder(node.resolve("token").toString(), node.toString());
  }

  @Test
  void a_file_that_was_replaced_since_the_start_or_is_gone_is_not() throws IOException {
    mount("bind", file("token", STARTED.plusMillis(1)), "/run/secrets/token");
    mount("bind", node.resolve("gone").toString(), "/run/secrets/gone");
    assertThat(Mounted.of(mounts, STARTED)).isEmpty();
    assertThat(Mounted.of(mounts, null)).containsOnlyKeys("/run/secrets/token");
  }

  @Test
  void what_the_agent_cannot_see_is_taken_as_it_was() {
    mount("bind", node.resolve("hidden/token").toString(), "/a");
    mount("bind", "/proc/1/root/\0", "/b");
    assertThat(Mounted.of(mounts, STARTED)).containsOnlyKeys("/a", "/b");
  }
}
