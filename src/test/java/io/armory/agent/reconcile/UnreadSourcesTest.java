package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.reconcile.desired.Sources;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The last known good revision stands in for sources that cannot be read, at once; not for sources
/// that were read and say that nothing is to run here.
@Timeout(600)
class UnreadSourcesTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Sources.Made NO_ROLE =
      new Sources.Refused(List.of(new Problem("role", "no role is set", "")), true);
  private static final Sources.Made UNREADABLE =
      new Sources.Unreadable(new Problem("SSM", "HTTP 500", ""));
  @AutoClose private final Rig rig = new Rig(LONG);

  @BeforeEach
  void up() {
    rig.images("1");
  }

  @Test
  void what_ran_before_starts_within_five_seconds_while_the_first_reading_takes_long() {
    rig.mayRead = new CompletableFuture<>();
    rig.archived = Optional.of(chain("r1", "1"));
    rig.loop.start();
    rig.until(() -> !rig.subjects(Action.StartContainer.class).isEmpty());
    rig.awaitSteady();
    assertThat(rig.report().revision()).get().satisfies(r -> assertThat(r.stale()).isTrue());
    assertThat(rig.report().problems()).extracting(Problem::what).anyMatch(w -> w.contains("yet"));

    rig.give(chain("r1", "1"));
    rig.mayRead.complete(null);
    rig.until(() -> !rig.report().revision().orElseThrow().stale());
    assertThat(rig.report().problems()).isEmpty();
    assertThat(rig.subjects(Action.CreateContainer.class)).hasSize(3);
  }

  /// The node is as it should be, by what was good before the agent's start.
  @Test
  void a_sync_right_after_the_start_does_not_end_by_what_ran_before() {
    rig.mayRead = new CompletableFuture<>();
    rig.archived = Optional.of(chain("r1", "1"));
    rig.images("2");
    rig.give(chain("r2", "2"));
    rig.loop.start();
    rig.until(() -> !rig.subjects(Action.StartContainer.class).isEmpty());
    rig.awaitSteady();
    var request = new SyncRequest(false, false, false, false, false, "ann", LONG);
    var syncing = rig.desk.sync(request, line -> {});
    rig.passes(Duration.ofSeconds(20));
    assertThat(syncing).isNotDone();

    rig.mayRead.complete(null);
    assertThat(rig.answer(syncing).whyFailed()).isEmpty();
    assertThat(rig.report().revision().orElseThrow().id()).isEqualTo("r2");
  }

  /// Going back to the last known good revision, and forward again as soon as the sources are read,
  /// would replace each service twice more.
  @Test
  void a_release_that_was_interrupted_goes_on_where_the_first_reading_takes_a_little_longer() {
    rig.startSteady(chain("r1", "1"), "2");
    rig.sick.add(rig.idOf("image/front50:2"));
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.subjects(Action.CreateContainer.class).size() == 5);
    rig.mayRead = new CompletableFuture<>();
    rig.restart(LONG);
    rig.passes(Duration.ofSeconds(5));
    assertThat(rig.subjects(Action.CreateContainer.class)).hasSize(5);

    rig.sick.clear();
    rig.mayRead.complete(null);
    rig.awaitSteady();
    rig.until(() -> rig.report().revision().filter(r -> r.id().equals("r2")).isPresent());
    rig.awaitSteady();
    assertThat(rig.subjects(Action.CreateContainer.class)).hasSize(6);
  }

  @Test
  void sources_that_were_read_and_name_no_role_have_nothing_created_not_even_after_a_restart() {
    rig.archived = Optional.of(chain("r1", "1"));
    rig.made = NO_ROLE;
    rig.loop.start();
    rig.until(() -> rig.report().ready().reason().contains("no role is set"));
    rig.until(() -> rig.state.containsKey("known-facts"));

    rig.made = UNREADABLE;
    rig.until(() -> isStale(rig.report()));
    rig.restart(LONG);
    rig.until(() -> isStale(rig.report()));
    var looks = rig.thoughts.get();
    rig.until(() -> rig.thoughts.get() > looks + 2);
    assertThat(rig.report().phase()).isEqualTo(Phase.WAITING);
    assertThat(rig.engine.actions()).isEmpty();

    rig.give(chain("r1", "1"));
    rig.awaitSteady();
  }

  @Test
  void a_role_that_is_taken_away_leaves_what_runs_alone_until_one_is_given() {
    rig.startSteady(chain("r1", "1"));
    rig.made = NO_ROLE;
    rig.until(() -> !rig.isReady());
    assertThat(rig.report().ready().reason()).contains("no role is set");
    var before = rig.engine.actions().size();

    rig.engine.dies("spinnaker-gate-1", 1);
    var looks = rig.thoughts.get();
    rig.until(() -> rig.thoughts.get() > looks + 2);
    assertThat(rig.engine.actions()).hasSize(before);

    rig.give(chain("r1", "1"));
    rig.awaitSteady();
    assertThat(rig.events).noneMatch(e -> e.what().contains("failed"));
  }

  @Test
  void facts_that_were_kept_are_shown_as_kept_and_when() {
    rig.startSteady(chain("r1", "1"));
    rig.until(() -> rig.state.containsKey("known-facts"));
    assertThat(originOfInstance()).isEqualTo("test");

    rig.mayRead = new CompletableFuture<>();
    rig.restart(LONG);
    rig.until(() -> rig.report().node().identity().isPresent());
    assertThat(originOfInstance())
        .matches("test \\(kept, read at \\d{4}-\\d\\d-\\d\\dT[\\d:]+Z\\)");

    // Who the node is was read anew, its parameters were not.
    rig.made = UNREADABLE;
    rig.mayRead.complete(null);
    rig.until(() -> originOfInstance().equals("test"));
  }

  private String originOfInstance() {
    var facts = rig.report().node().identity().orElseThrow().facts();
    return Objects.requireNonNull(facts.get(NodeIdentity.INSTANCE_ID)).origin();
  }

  private static boolean isStale(HealthReport report) {
    return report.problems().stream().anyMatch(p -> p.what().contains("HTTP 500"));
  }
}
