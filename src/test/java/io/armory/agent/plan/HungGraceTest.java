package io.armory.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.EngineHealth;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Storage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Every reason why something that is not heard of may yet have something to bring to an end.
class HungGraceTest {
  private static final Duration USUAL = Duration.ofSeconds(30);

  @Test
  void one_that_keeps_nothing_has_a_short_time() {
    assertThat(grace(service())).isEqualTo(HungGrace.SHORT);
    assertThat(grace(service().mounts(bind(true), new Storage.Tmpfs("/tmp", null, null, ""))))
        .isEqualTo(HungGrace.SHORT);
  }

  @Test
  void one_that_may_keep_something_has_its_own() {
    for (var keeper :
        List.of(
            service().mounts(bind(false)),
            service()
                .mounts(new Storage.VolumeMount("data", "/data", false, false, null, Map.of())),
            service().mounts(new Storage.VolumeMount(null, "/data", false, false, null, Map.of())),
            service().storage(new Storage(List.of(), List.of("other"))),
            service().preStop("save"),
            service().probe(asked(new ProbeSpec.Redis(6379))),
            service().probe(asked(new ProbeSpec.Postgres(5432))))) {
      assertThat(grace(keeper)).as(keeper.build().toString()).isEqualTo(USUAL);
    }
  }

  @Test
  void one_that_was_given_more_than_is_usual_has_it_and_no_one_gets_more() {
    for (var own : List.of(Duration.ofMinutes(12), Duration.ofSeconds(31), Duration.ofSeconds(1))) {
      assertThat(grace(service().grace(own))).isEqualTo(own);
    }
  }

  private static SampleService service() {
    return new SampleService("gate", "image/gate").grace(USUAL).probe(asked(new ProbeSpec.Tcp(80)));
  }

  private static ProbeSpec asked(ProbeSpec.Check check) {
    var second = Duration.ofSeconds(1);
    return new ProbeSpec(check, second, second, second, 3, 1);
  }

  private static Storage.Bind bind(boolean readOnly) {
    return new Storage.Bind("/etc/x", "/x", readOnly, false, null, null, null);
  }

  private static Duration grace(SampleService service) {
    return HungGrace.restart(service.build(), container()).grace();
  }

  private static Container container() {
    var now = Instant.EPOCH;
    return new Container(
        "id",
        "p-gate-1",
        "gate",
        1,
        Optional.empty(),
        Optional.empty(),
        "sha256:1",
        State.RUNNING,
        0,
        false,
        null,
        now,
        now,
        null,
        EngineHealth.NONE,
        "no",
        new Observation.NetworkMode("bridge", Optional.empty()),
        Set.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }
}
