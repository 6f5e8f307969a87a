package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.ServiceReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The state directory is full or read-only: what the next process would not know of is not done.
@Timeout(600)
class UnkeptIntentsTest {
  private static final Failure FULL =
      new Failure(Failure.Kind.NO_ROOM, "cannot write /var/lib/armory-agent/stopped: disk full");

  @AutoClose private final Rig rig = new Rig(Duration.ofMinutes(5));

  @BeforeEach
  void up() {
    rig.startSteady(revision("r1", service("gate", "1", List.of())), "1");
  }

  private static String failed(Outcome<String> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    return outcome.whyFailed().map(Failure::message).orElse("");
  }

  private boolean isUp() {
    return rig.service("gate").filter(ServiceReport::isUp).isPresent();
  }

  @Test
  void a_maintenance_that_cannot_be_kept_is_none() {
    rig.stateFails = Optional.of(FULL);
    assertThat(failed(rig.answer(rig.desk.maintenance(Duration.ofHours(1), "disk", false, "ann"))))
        .isEqualTo("no maintenance, as it cannot be kept: " + FULL.message());
    rig.until(() -> rig.report().maintenance().isEmpty());
    rig.stateFails = Optional.empty();
    assertThat(rig.answer(rig.desk.maintenance(Duration.ofHours(1), "disk", false, "ann")))
        .isInstanceOf(Outcome.Done.class);
    rig.until(() -> rig.report().maintenance().isPresent());
  }

  @Test
  void another_maintenance_without_a_reason_keeps_that_of_the_one_before() {
    rig.answer(rig.desk.maintenance(Duration.ofHours(1), "disk", false, "ann"));
    assertThat(rig.answer(rig.desk.maintenance(Duration.ofHours(2), "", false, "bob")))
        .asString()
        .contains("in maintenance until ", "Z: disk");
    rig.until(() -> rig.report().maintenance().filter(m -> m.owner().equals("bob")).isPresent());
    assertThat(rig.report().maintenance().orElseThrow().reason()).isEqualTo("disk");
  }

  @Test
  void one_unknown_service_among_several_and_none_is_stopped() {
    assertThat(
            rig.answer(rig.desk.stop(List.of("gate", "nosuch"), "ann", _ -> {}))
                .whyFailed()
                .orElseThrow())
        .isEqualTo(new Failure(Failure.Kind.INVALID, rig.report().noService("nosuch")));
    assertThat(isUp()).isTrue();
    assertThat(rig.answer(rig.desk.stop(List.of("gate"), "ann", _ -> {})))
        .isEqualTo(Outcome.done("gate stopped, until `armory-agent start`"));
  }

  @Test
  void the_end_of_one_holds_and_says_what_is_not_kept() {
    rig.answer(rig.desk.maintenance(Duration.ofHours(1), "disk", false, "ann"));
    rig.stateFails = Optional.of(FULL);
    assertThat(failed(rig.answer(rig.desk.maintenance(Duration.ZERO, "", false, "ann"))))
        .isEqualTo("maintenance ended, but that cannot be kept: " + FULL.message());
    rig.until(() -> rig.report().maintenance().isEmpty());
  }

  @Test
  void a_stop_that_cannot_be_kept_stops_nothing() {
    var before = rig.engine.actions().size();
    rig.stateFails = Optional.of(FULL);
    assertThat(failed(rig.answer(rig.desk.stop("gate", "ann"))))
        .isEqualTo("nothing is stopped, as that cannot be kept: " + FULL.message());
    rig.during(Duration.ofMillis(300), () -> rig.engine.actions().size() == before && isUp());
    rig.stateFails = Optional.empty();
    assertThat(rig.answer(rig.desk.stop("gate", "ann"))).isInstanceOf(Outcome.Done.class);
    assertThat(rig.engine.actions()).hasSizeGreaterThan(before);
  }

  @Test
  void a_start_holds_and_says_what_is_not_kept() {
    rig.answer(rig.desk.stop("gate", "ann"));
    rig.stateFails = Optional.of(FULL);
    assertThat(failed(rig.answer(rig.desk.start("gate", "ann"))))
        .isEqualTo("start: begun, but that cannot be kept: " + FULL.message());
    rig.until(() -> isUp());
  }

  @Test
  void what_meets_a_bug_is_answered() {
    var answer = rig.desk.maintenance(Duration.ofSeconds(Long.MAX_VALUE), "", false, "ann");
    rig.until(answer::isCompletedExceptionally);
  }
}
