package io.armory.agent.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// The contract on the fake, and the fake's faults.
class FakeEngineTest extends ContainerEngineContract {
  private static final String IMAGE = "armory-standin/service:dev";
  private static final Failure FAILURE = new Failure(Failure.Kind.TRANSIENT, "told to fail");

  private final FakeEngine engine = new FakeEngine().image(IMAGE);

  @Override
  protected ContainerEngine engine() {
    return engine;
  }

  @Override
  protected String project() {
    return "fake";
  }

  @Override
  protected String image() {
    return IMAGE;
  }

  @Override
  protected void kill(Observation.Container container) {
    engine.dies(container.name(), 137);
  }

  @Override
  protected void write(Observation.Container container, String text) {
    engine.writes(container.name(), text);
  }

  @Override
  protected int freePort() {
    return 0;
  }

  @Test
  void an_outage_is_unavailable_and_never_empty() {
    create(one(s -> {}), "gate");

    engine.unavailable("told to be away");

    assertThat(engine.observe(new ContainerEngine.Scope("fake", Set.of(), Set.of(), Set.of())))
        .isInstanceOf(Observation.Unavailable.class);
    assertThat(kind(stop("gate", "any"))).isEqualTo(Failure.Kind.UNREACHABLE);
    engine.available();
    assertThat(observe().containers()).hasSize(1);
  }

  @Test
  void a_failure_before_changes_nothing_and_one_after_has_changed_all() {
    engine.failNext(1, a -> a instanceof Action.CreateContainer, FAILURE);
    assertThat(execute(creation(one(s -> {}), "gate"))).isEqualTo(Outcome.failed(FAILURE));
    assertThat(observe().containers()).isEmpty();

    engine.loseAnswerOfNext(1, a -> a instanceof Action.CreateContainer, FAILURE);
    assertThat(execute(creation(one(s -> {}), "gate"))).isEqualTo(Outcome.failed(FAILURE));
    assertThat(observe().containers()).hasSize(1);
    assertThat(engine.actions()).hasSize(2);
  }

  @Test
  void a_hung_action_goes_on_when_released() {
    engine.hang(a -> a instanceof Action.CreateContainer);
    var creation = creation(one(s -> {}), "gate");
    var started = new ArrayList<Action>();
    engine.beforeEach(started::add);
    var running = CompletableFuture.supplyAsync(() -> execute(creation));
    await().until(() -> !started.isEmpty());
    assertThat(running).isNotDone();

    engine.release();

    assertThat(running).succeedsWithin(java.time.Duration.ofSeconds(40));
    assertThat(observe().containers()).hasSize(1);
  }

  @Test
  void scripted_services_exit_run_out_of_memory_or_never_get_healthy() {
    engine.script("gate", FakeEngine.Behaviour.runsOutOfMemory());
    done(start("gate", create(one(s -> {}), "gate")));

    assertThat(container("gate").oomKilled()).isTrue();
    assertThat(container("gate").exitCode()).isEqualTo(137);
  }

  @Override
  protected boolean mountsImages() {
    return true;
  }
}
