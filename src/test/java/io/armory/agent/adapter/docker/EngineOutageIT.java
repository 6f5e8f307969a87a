package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.docker.events.EventStream;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import io.armory.agent.port.ContainerEngine.ExecRequest;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.port.RegistryCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What the adapter makes of an engine that is away, hung or restarted.
class EngineOutageIT {
  /// Of what waits in vain.
  private static final Duration DEADLINE = Duration.ofSeconds(3);

  /// Of what is to succeed, on a busy machine too.
  private static final Duration LONG = Duration.ofSeconds(40);

  /// The product's promise: work resumes within this time of the engine's return.
  private static final Duration RESUMED = Duration.ofSeconds(5);

  @RegisterExtension final RealEngine real = new RealEngine();

  private final FaultySocket socket;

  /// Waits no longer than [#DEADLINE].
  private final DockerEngine hasty;

  private final DockerEngine engine;

  private final List<String> heard = new CopyOnWriteArrayList<>();

  /// When the last of it was.
  private volatile Instant heardAt = Instant.MIN;

  EngineOutageIT(@TempDir Path directory) {
    socket = FaultySocket.before(DockerEngine.DEFAULT_SOCKET, directory.resolve("docker.sock"));
    hasty = open(socket.path(), DEADLINE, Duration.ofMillis(500));
    engine = open(socket.path(), LONG, LONG);
  }

  private static DockerEngine open(Path path, Duration deadline, Duration liveness) {
    var deadlines =
        new DockerEngine.Deadlines(deadline, deadline, deadline, deadline, deadline, liveness);
    return DockerEngine.open(
        path, RegistryCredentials.ANONYMOUS, deadlines, InstantSource.system());
  }

  private void hear(EngineEvent event) {
    heardAt = Instant.now();
    heard.add(event.action());
  }

  @AfterEach
  void close() {
    hasty.close();
    engine.close();
    socket.close();
  }

  @Test
  void an_engine_that_is_not_there_is_unavailable_and_named() {
    socket.vanish();

    assertThat(reason(engine))
        .isEqualTo(
            "no Docker Engine at %s: is docker running? systemctl status docker"
                .formatted(socket.path()));
    assertThat(failure(engine).kind()).isEqualTo(Failure.Kind.UNREACHABLE);
  }

  @Test
  void a_restarted_engine_is_observed_at_the_next_look() {
    assertThat(observed()).isTrue();
    socket.vanish();
    assertThat(observed()).isFalse();

    socket.appear();

    assertThat(observed()).isTrue();
  }

  /// The engine restarts between two looks: every pooled connection is dead.
  @Test
  void a_restart_nobody_saw_costs_no_look() {
    assertThat(observed()).isTrue();

    socket.vanish();
    socket.appear();

    assertThat(observed()).isTrue();
  }

  @Test
  void a_hung_engine_costs_a_deadline_and_nothing_more() {
    assertThat(observed(hasty)).isTrue();
    socket.hold();

    var began = Instant.now();
    assertThat(reason(hasty)).contains("did not answer within");
    assertThat(failure(hasty).kind()).isEqualTo(Failure.Kind.TIMEOUT);
    assertThat(Duration.between(began, Instant.now())).isLessThan(DEADLINE.multipliedBy(3));

    socket.pass();
    assertThat(observed(hasty)).as("the very next look").isTrue();
  }

  @Test
  void abandoned_calls_leave_no_connection_behind() {
    assertThat(observed(hasty)).isTrue();
    socket.hold();

    var threads =
        IntStream.range(0, 100).mapToObj(i -> Thread.startVirtualThread(() -> observed(hasty)));
    threads.toList().forEach(EngineOutageIT::join);

    await().untilAsserted(() -> assertThat(socket.connections()).isZero());
    socket.pass();
    assertThat(observed(hasty)).as("the very next look").isTrue();
  }

  @Test
  void a_call_that_hangs_does_not_break_another_that_works() throws Exception {
    var stack = SampleStack.of(real.project()).service("gate", RealEngine.IMAGE, s -> {}).build();
    var gate = stack.services().values().iterator().next();
    var name = real.project() + "-gate-1";
    var id =
        done(
            new Action.CreateContainer(
                stack, gate, 1, name, "sha256:1", Map.of(), Optional.empty()));
    done(new Action.StartContainer("gate", name, id));

    // A second stand-in in the same container runs until the deadline ends the call.
    var request =
        new ExecRequest(List.of("/standin"), null, false, null, Map.of("PORT", "9999"), DEADLINE);
    var slow = CompletableFuture.supplyAsync(() -> engine.exec(id, request));
    var looks = 0;
    while (!slow.isDone()) {
      assertThat(observed()).isTrue();
      looks++;
    }
    assertThat(looks).isGreaterThan(1);
    assertThat(failure(slow.get()).kind()).isEqualTo(Failure.Kind.TIMEOUT);
    assertThat(observed()).isTrue();
  }

  @Test
  void the_event_stream_says_when_it_is_lost_and_mends_itself() throws Exception {
    try (var watch = engine.watch(real.project(), this::hear)) {
      await().until(() -> heard.equals(List.of("connected")));

      socket.vanish();
      await().until(() -> heard.equals(List.of("connected", "lost")));
      var back = Instant.now();
      socket.appear();

      await().until(() -> heard.equals(List.of("connected", "lost", "connected")));
      assertThat(heardAt).isBefore(back.plus(RESUMED));
      assertThat(watch).isNotNull();
    }
  }

  @Test
  void a_stream_that_went_silent_with_its_engine_is_lost_and_mends_itself() throws Exception {
    try (var watch = hasty.watch(real.project(), this::hear)) {
      await().until(() -> heard.contains("connected"));

      socket.hold();
      await().until(() -> heard.contains("lost"));
      var back = Instant.now();
      socket.pass();

      await().until(() -> heard.getLast().equals("connected"));
      assertThat(heardAt).isBefore(back.plus(RESUMED));
      assertThat(watch).isNotNull();
    }
  }

  /// A forgotten stream looks like a quiet one: quiet ones are replaced, and nobody need know.
  @Test
  void a_quiet_stream_is_replaced_without_a_word_and_without_a_loss() throws Exception {
    var moment = Duration.ofSeconds(2);
    try (var stream =
        new EventStream(
            socket.path(),
            real.project(),
            this::hear,
            moment,
            () -> moment.multipliedBy(2),
            moment,
            () -> true,
            () -> {})) {
      stream.start();
      await().until(() -> socket.accepted() > 4);
      assertThat(heard).containsExactly("connected");

      var stack = SampleStack.of(real.project()).service("gate", RealEngine.IMAGE, s -> {}).build();
      var gate = stack.services().values().iterator().next();
      var name = real.project() + "-gate-1";
      var create =
          new Action.CreateContainer(stack, gate, 1, name, "sha256:1", Map.of(), Optional.empty());
      done(new Action.StartContainer("gate", name, done(create)));

      await().until(() -> heard.contains("start"));
      assertThat(heard).doesNotContain("lost");
    }
  }

  @Test
  void a_watch_on_a_hung_engine_closes_at_once() throws Exception {
    var watch = engine.watch(real.project(), (EngineEvent e) -> {});
    await().until(() -> socket.connections() > 0);
    socket.hold();

    var began = Instant.now();
    watch.close();

    assertThat(Duration.between(began, Instant.now()))
        .as("far less than it would wait for an answer")
        .isLessThan(Duration.ofSeconds(5));
    socket.pass();
    await().untilAsserted(() -> assertThat(socket.connections()).isZero());
  }

  private boolean observed() {
    return observed(engine);
  }

  private boolean observed(DockerEngine by) {
    return by.observe(scope()) instanceof Observation.Observed;
  }

  private String reason(DockerEngine by) {
    return switch (by.observe(scope())) {
      case Observation.Unavailable gone -> gone.reason();
      case Observation.Observed seen -> throw new AssertionError("observed " + seen);
    };
  }

  private static Failure failure(DockerEngine by) {
    var start = new Action.StartContainer("gate", "gate-1", "0".repeat(64));
    return failure(by.execute(start, line -> {}));
  }

  private static <T> Failure failure(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Failed<T>(Failure failure) -> failure;
      case Outcome.Done<T> done -> throw new AssertionError(done.toString());
    };
  }

  private String done(Action action) {
    return switch (engine.execute(action, line -> {})) {
      case Outcome.Done<String>(String value) -> value;
      case Outcome.Failed<String>(Failure failure) -> throw new AssertionError(failure.toString());
    };
  }

  private Scope scope() {
    return new Scope(real.project(), Set.of(), Set.of(), Set.of());
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
