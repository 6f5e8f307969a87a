package io.armory.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.KnownSecrets;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.FakeEngine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MaskingEngineTest {
  private final FakeEngine engine = new FakeEngine();
  private final KnownSecrets secrets = new KnownSecrets();
  private final MaskingEngine masking = new MaskingEngine(engine, secrets);

  @Test
  void a_followed_line_has_no_secret_even_where_it_is_cut() {
    engine.put(exited(), Set.of());
    secrets.learn("hunter2-hunter2");
    // The password begins within what is shown of a line, and ends beyond.
    engine.logs("1", "pw=hunter2-hunter2", "x".repeat(16_384 - 10) + "hunter2-hunter2" + "tail");

    var followed = new ArrayList<String>();
    var end =
        masking.followLog(
            "1",
            LogRange.last(10),
            new ContainerEngine.LogSink() {
              @Override
              public void take(List<LogLine> lines) {
                lines.forEach(l -> followed.add(l.text()));
              }

              @Override
              public void awaitRoom() {}
            });

    assertThat(end).isEqualTo(Outcome.done(""));
    assertThat(followed)
        .hasSize(2)
        .allSatisfy(l -> assertThat(l).doesNotContain("hunter"))
        .contains("pw=********");
    assertThat(followed.getLast()).hasSize(16_385).endsWith("…");
    assertThat(masking.lastLogLines("1", 10)).isEqualTo(Outcome.done(followed));
  }

  private static Observation.Container exited() {
    return new Observation.Container(
        "1",
        "gate-1",
        "gate",
        1,
        Optional.empty(),
        Optional.empty(),
        "sha256:1",
        Observation.State.EXITED,
        0,
        false,
        null,
        Instant.EPOCH,
        Instant.EPOCH,
        Instant.EPOCH,
        Observation.EngineHealth.NONE,
        "no",
        new Observation.NetworkMode("default", Optional.empty()),
        Set.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }
}
