package io.armory.agent.adapter.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.ProbeResult.Standing;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.port.Workload;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkingProbeTest {
  private static final ProbeSpec SPEC =
      new ProbeSpec(
          new ProbeSpec.Http(8083, "/health"),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ZERO,
          3,
          1);

  private Outcome<Integer> work = Outcome.done(0);

  @Test
  void who_is_out_of_order_and_has_work_in_hand_is_not_to_be_restarted() {
    work = Outcome.done(2);
    assertThat(ask("orca", Standing.FAILING).standing()).isEqualTo(Standing.AILING);
    assertThat(ask("orca", Standing.FAILING).detail())
        .isEqualTo("answers 503, with 2 tasks in hand");
    work = Outcome.done(1);
    assertThat(ask("rosco", Standing.FAILING).detail())
        .isEqualTo("answers 503, with 1 bake in hand");
  }

  @Test
  void who_has_none_or_does_not_say_is_what_it_says() {
    assertThat(ask("orca", Standing.FAILING).standing()).isEqualTo(Standing.FAILING);
    work = Outcome.failed(Failure.Kind.NOT_FOUND, "no meter");
    assertThat(ask("orca", Standing.FAILING).standing()).isEqualTo(Standing.FAILING);
  }

  @Test
  void nobody_else_is_asked() {
    work = Outcome.done(2);
    assertThat(ask("gate", Standing.FAILING).standing()).isEqualTo(Standing.FAILING);
    assertThat(ask("orca", Standing.WELL).standing()).isEqualTo(Standing.WELL);
    assertThat(ask("orca", Standing.SILENT).standing()).isEqualTo(Standing.SILENT);
  }

  private ProbeResult ask(String service, Standing standing) {
    var busy =
        new Workload() {
          @Override
          public Outcome<String> takeWork(Endpoint orca, boolean take) {
            throw new AssertionError("nobody is told anything");
          }

          @Override
          public Outcome<Integer> underWay(Endpoint endpoint) {
            assertThat(endpoint).isEqualTo(new Endpoint(service, "10.0.0.1", 8083));
            return work;
          }
        };
    var probe =
        new WorkingProbe(
            (address, spec) -> new ProbeResult(standing, "answers 503", Duration.ZERO), busy);
    return probe.ask(service, "10.0.0.1", SPEC);
  }
}
