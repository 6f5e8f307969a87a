package io.armory.agent.reconcile.desired;

import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.stack.Revision;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RevisionDiffTest {
  private static final Parameters PARAMETERS =
      new Parameters(
          Map.of("GATE_MEMORY", new Parameter("GATE_MEMORY", new Plain("2g"), "ssm /a v3")),
          Map.of("gate-local.yml", new Parameter("gate-local.yml", new Plain("x"), "ssm /b v7")),
          Map.of());

  private static Revision with(Revision revision, String environment, RenderedFile... files) {
    return new Revision(
        revision.id(),
        revision.role(),
        revision.stack(),
        List.of(files),
        "",
        environment,
        List.of(),
        Optional.empty(),
        Map.of());
  }

  private static RenderedFile file(String path, String text) {
    var content = new RenderedFile.Content(text.getBytes(StandardCharsets.UTF_8));
    return new RenderedFile(path, content, 0644, -1);
  }

  @Test
  void a_parameter_is_named_with_both_values_and_its_origin_and_a_secret_is_masked() {
    var one = revision("r1");
    assertThat(
            RevisionDiff.between(
                with(one, "GATE_MEMORY=1g\nREDIS_PASSWORD=hunter1\nSAME=1\n"),
                with(one, "GATE_MEMORY=2g\nREDIS_PASSWORD=hunter2\nSAME=1\nNEW=x\n"),
                PARAMETERS))
        .containsExactly(
            "GATE_MEMORY: 1g → 2g (ssm /a v3)",
            "NEW: not set → x",
            "REDIS_PASSWORD: ******** → ********");
  }

  @Test
  void a_file_is_named_with_its_origin_and_none_of_its_content() {
    var one = revision("r1");
    assertThat(
            RevisionDiff.between(
                with(
                    one,
                    "",
                    file("/r/config/gate-local.yml", "a"),
                    file("/s/secrets/X", "hunter1")),
                with(
                    one,
                    "",
                    file("/r/config/gate-local.yml", "b"),
                    file("/s/secrets/X", "hunter2")),
                PARAMETERS))
        .containsExactly("file gate-local.yml changed (ssm /b v7)", "secret X changed");
  }

  @Test
  void services_are_named_with_what_changes_of_them() {
    assertThat(
            RevisionDiff.between(
                revision(
                    "r1",
                    service("echo", "1", List.of()),
                    service("gate", "1", List.of()),
                    service("igor", "1", List.of())),
                revision(
                    "r2",
                    service("echo", "1", List.of()),
                    service("gate", "2", List.of()),
                    service("kayenta", "2", List.of())),
                PARAMETERS))
        .containsExactly(
            "gate: image image/gate:1 → image/gate:2",
            "igor: no longer in the stack",
            "kayenta: new service, image image/kayenta:2");
  }
}
