package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.TemplateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file whose name nothing can use is refused by its name, alone.
class SiteNamesTest {
  private static final NodeIdentity ANYBODY =
      new NodeIdentity(
          new Fact("default", "default"),
          Optional.empty(),
          new Fact("/", "default"),
          Map.of(),
          Map.of(),
          List.of());

  @TempDir Path site;

  @Test
  void names_that_are_no_utf8_or_have_control_characters_are_left_out_and_the_others_kept()
      throws Exception {
    var config = Files.createDirectories(site.resolve("config/sub"));
    // As no string names them, the shell makes them.
    var made =
        new ProcessBuilder(
                "sh",
                "-c",
                "for n in \"$(printf 'bad\\377.yml')\" \"$(printf 'two\\nlines')\" \"$(printf"
                    + " 'tab\\there')\" \"$(printf '\\303\\204nderungen.txt')\" plain.yml; do echo"
                    + " x >\"$n\" && echo x >\"sub/$n\"; done; mkdir \"$(printf 'd\\376')\" && echo"
                    + " x >\"$(printf 'd\\376')/within\"")
            .directory(site.resolve("config").toFile())
            .inheritIO()
            .start()
            .waitFor();
    assertThat(made).isZero();

    assertThat(refused())
        .extracting(Problem::where)
        .containsExactlyInAnyOrder(
            site + "/config/bad%FF.yml",
            site + "/config/sub/bad%FF.yml",
            site + "/config/two%0Alines",
            site + "/config/sub/two%0Alines",
            site + "/config/tab%09here",
            site + "/config/sub/tab%09here",
            site + "/config/d%FE/within");
    assertThat(refused()).allMatch(p -> p.todo().contains("rename"));
    assertThat(config).isDirectory();
    assertThat(names())
        .containsExactlyInAnyOrder(
            "plain.yml", "sub/plain.yml", "Änderungen.txt", "sub/Änderungen.txt");
  }

  @Test
  void a_site_without_files_has_nothing_refused() {
    assertThat(refused()).isEmpty();
  }

  private List<Problem> refused() {
    return new SiteNames(List.of(site.resolve("config"), site.resolve("none"))).read(ANYBODY)
            instanceof Outcome.Done<Parameters>(var parameters)
        ? parameters.problems()
        : List.of();
  }

  private List<String> names() throws IOException {
    var templates =
        new DiskTemplates(site.resolve("none"), site.resolve("none"), site.resolve("config"));
    return templates.read() instanceof Outcome.Done<TemplateFiles>(var found)
        ? List.copyOf(found.config().keySet())
        : List.of();
  }
}
