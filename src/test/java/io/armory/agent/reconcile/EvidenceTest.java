package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.reconcile.evidence.FailureEvidence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What failed has the last word itself, and keeps it past the rollback.
@Timeout(600)
class EvidenceTest {
  @AutoClose private final Rig rig = new Rig(Duration.ofSeconds(4));

  @Test
  void the_lines_of_a_failed_release_are_its_own_containers_and_survive_it_and_the_agent()
      throws Exception {
    begin();
    rig.engine.logs(container("gate", "1").orElseThrow().id(), "told to stop, shutting down");
    rig.sick.add(rig.idOf("image/gate:2"));
    rig.body = "503 {\"status\":\"DOWN\"}";
    rig.give(chain("r2", "2"));
    var said = Collections.synchronizedList(new ArrayList<String>());
    var sync = rig.desk.sync(new SyncRequest(false, Duration.ofMinutes(1)), said::add);
    rig.until(() -> container("gate", "2").isPresent());
    var failed = container("gate", "2").orElseThrow();
    rig.engine.logs(failed.id(), "no bucket", "cannot start without");

    var why = rig.answer(sync).whyFailed().orElseThrow().message();

    assertThat(why).contains("r2", "gate is", "last log line: cannot start without");
    assertThat(why).contains("its health check answered: 503").doesNotContain("told to stop");
    assertThat(said).contains("gate | no bucket", "gate | cannot start without");
    rig.awaitSteady();
    assertThat(container("gate", "2")).as("it is gone").isEmpty();
    var kept = rig.desk.failures("gate").getLast();
    assertThat(kept.container()).isEqualTo(failed.id());
    assertThat(kept.lines()).containsExactly("no bucket", "cannot start without");
    assertThat(kept.before()).isEqualTo("image/gate:1");
    assertThat(kept.image()).isEqualTo("image/gate:2");
    assertThat(rig.events)
        .anyMatch(e -> e.kind().equals("evidence") && e.what().contains("logs gate --failed"));

    rig.until(() -> rig.state.containsKey("evidence"));
    rig.restart(Duration.ofMinutes(5));
    rig.until(() -> rig.desk.failures("").contains(kept));
  }

  @Test
  void a_revision_quotes_no_line_of_another_one_that_failed_before() throws Exception {
    begin();
    rig.sick.add(rig.idOf("image/gate:2"));
    rig.give(chain("r2", "2"));
    rig.until(() -> container("gate", "2").isPresent());
    rig.engine.logs(container("gate", "2").orElseThrow().id(), "of the second");
    rig.until(() -> !rig.desk.failures("gate").isEmpty());
    rig.awaitSteady();

    rig.images("3");
    rig.sick.add(rig.idOf("image/gate:3"));
    rig.give(chain("r3", "3"));
    var why =
        rig.answer(rig.desk.sync(new SyncRequest(false, Duration.ofMinutes(1)), line -> {}))
            .whyFailed()
            .orElseThrow()
            .message();

    assertThat(why).contains("r3").doesNotContain("of the second");
    assertThat(rig.desk.failures("gate"))
        .extracting(Evidence::revision)
        .containsExactly("r2", "r3");
  }

  @Test
  void what_the_engine_refuses_leads_and_what_was_before_comes_after() throws Exception {
    begin();
    rig.engine.failNext(
        Integer.MAX_VALUE,
        a ->
            a instanceof Action.StartContainer start
                && container("gate", "2").filter(c -> c.id().equals(start.id())).isPresent(),
        new Failure(Failure.Kind.PORT_TAKEN, "start container gate: port 8084 is taken"));
    rig.give(chain("r2", "2"));

    var why =
        rig.answer(rig.desk.sync(new SyncRequest(false, Duration.ofMinutes(1)), line -> {}))
            .whyFailed()
            .orElseThrow()
            .message();

    assertThat(why)
        .contains("gate is starting: start container gate: port 8084 is taken")
        .contains(Failure.Kind.PORT_TAKEN.todo());
    assertThat(why.indexOf("port 8084")).isLessThan(why.indexOf("before that"));
  }

  @Test
  void what_is_kept_is_bounded() {
    var lines = Collections.nCopies(5_000, "x".repeat(3_000));
    var one = evidence("s", lines);
    assertThat(one.lines()).hasSizeBetween(50, Evidence.MOST_LINES);
    assertThat(one.lines().stream().mapToInt(String::length).sum()).isLessThanOrEqualTo(64 * 1024);
    assertThat(evidence("s", Collections.nCopies(5_000, "short")).lines())
        .hasSize(Evidence.MOST_LINES);
    assertThat(one.health()).hasSize(Evidence.MOST_HEALTH);

    var all = new FailureEvidence();
    for (var i = 0; i < 100; i++) {
      all.read(evidence("s" + i, List.of()));
    }
    assertThat(all.kept()).hasSize(8).last().matches(e -> e.service().equals("s99"));
  }

  private static Evidence evidence(String service, List<String> lines) {
    return new Evidence(
        Instant.EPOCH, service, "r", "w", "c", "n", "", "i", "e", "h".repeat(9_000), lines);
  }

  private void begin() {
    rig.startSteady(chain("r1", "1"), "1", "2");
  }

  private Optional<Container> container(String service, String version) {
    return rig.engine.containers().stream()
        .filter(c -> c.service().equals(service))
        .filter(c -> c.definitionHash().filter(h -> h.endsWith(version)).isPresent())
        .findFirst();
  }
}
