package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.TemplateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskTemplatesTest {
  @TempDir Path root;

  @Test
  void the_sites_files_lie_over_the_shipped_ones() throws IOException {
    write("shipped/spinnaker.yml", "");
    write("shipped/roles/ha.yml", "");
    write("shipped/roles/gate.yml", "");
    write("shipped/logging-json.yml", "");
    write("shipped/config/gate.yml", "shipped");
    write("shipped/config/igor.yml", "shipped");
    write("compose/roles/ha.yml", "");
    write("compose/roles/edge.yaml", "");
    write("compose/logging-splunk.yml", "");
    write("compose/docker-compose.override.yml", "");
    write("compose/10-first.yml", "");
    write("compose/notes.txt", "");
    write("compose/.hidden.yml", "");
    write("config/gate.yml", "site");
    write("config/gate/keystore.jks", "key");
    write("config/gate-local.yml~", "editor's copy");

    var read = read();

    assertThat(read.base()).isEqualTo(root.resolve("shipped/spinnaker.yml").toString());
    assertThat(read.roles())
        .containsOnlyKeys("edge", "gate", "ha")
        .containsEntry("ha", root.resolve("compose/roles/ha.yml").toString());
    assertThat(read.loggingProfiles()).containsOnlyKeys("json", "splunk");
    assertThat(read.overlays())
        .containsExactly(
            root.resolve("compose/10-first.yml").toString(),
            root.resolve("compose/docker-compose.override.yml").toString());
    assertThat(read.config()).containsOnlyKeys("gate.yml", "igor.yml", "gate/keystore.jks");
    assertThat(text(read, "gate.yml")).isEqualTo("site");
    assertThat(text(read, "igor.yml")).isEqualTo("shipped");
  }

  @Test
  void a_site_without_files_of_its_own_is_fine() throws IOException {
    write("shipped/roles/ha.yml", "");

    assertThat(read().roles()).containsOnlyKeys("ha");
  }

  @Test
  void a_huge_file_among_the_configuration_is_refused_by_name() throws IOException {
    write("config/dump.hprof", "x".repeat(1024 * 1024 + 1));

    assertThat(templates().read())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            f -> assertThat(f.failure().message()).contains("dump.hprof", "larger than 1 MiB"));
  }

  private DiskTemplates templates() {
    return new DiskTemplates(
        root.resolve("shipped"), root.resolve("compose"), root.resolve("config"));
  }

  private TemplateFiles read() {
    return switch (templates().read()) {
      case Outcome.Done<TemplateFiles>(var files) -> files;
      case Outcome.Failed<TemplateFiles>(var failure) ->
          throw new AssertionError(failure.message());
    };
  }

  private static String text(TemplateFiles files, String name) {
    var file = Objects.requireNonNull(files.config().get(name));
    return new String(file.content().bytes(), StandardCharsets.UTF_8);
  }

  private void write(String path, String text) throws IOException {
    var file = root.resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }
}
