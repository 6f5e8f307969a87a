package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.domain.stack.Observation.Unavailable;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.port.RegistryCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Everything that a look reads, unreadable in every way: what cannot be read is unknown by itself,
/// and everything else is seen.
class PartialLookIT {
  private static final Duration LOOK = Duration.ofSeconds(4);
  private static final String OTHER = "armory-standin/redis:dev";

  @RegisterExtension final RealEngine real = new RealEngine();

  private final FaultySocket socket;
  private final DockerEngine engine;
  private final Stack stack;

  PartialLookIT(@TempDir Path directory) {
    socket = FaultySocket.before(DockerEngine.DEFAULT_SOCKET, directory.resolve("docker.sock"));
    engine =
        DockerEngine.open(
            socket.path(),
            RegistryCredentials.ANONYMOUS,
            new DockerEngine.Deadlines(
                LOOK, Duration.ofSeconds(60), LOOK, LOOK, LOOK, Duration.ofSeconds(5)),
            InstantSource.system());
    stack =
        SampleStack.of(real.project())
            .service("gate", RealEngine.IMAGE, s -> {})
            .service("orca", RealEngine.IMAGE, s -> {})
            .network("net")
            .volume("data")
            .build();
  }

  /// The ways in which one thing fails.
  private static final Map<String, String> FAULTS =
      Map.of(
          "hangs", "",
          "breaks off", FaultySocket.BREAK,
          "status 500", FaultySocket.answer(500, "{\"message\":\"layer is gone\"}"),
          "status 400", FaultySocket.answer(400, "{\"message\":\"ambiguous\"}"),
          "no JSON", FaultySocket.answer(200, "<html>it works</html>"),
          "an empty object", FaultySocket.answer(200, "{}"),
          "a list of nothing known", FaultySocket.answer(200, "[1]"),
          "null", FaultySocket.answer(200, "null"));

  @BeforeEach
  void up() {
    done(
        new Action.CreateNetwork(
            real.project(), Objects.requireNonNull(stack.networks().get("net"))));
    done(
        new Action.CreateVolume(
            real.project(), Objects.requireNonNull(stack.volumes().get("data"))));
    create("gate");
    create("orca");
    assertThat(look().unknown()).isEmpty();
  }

  @AfterEach
  void close() {
    engine.close();
    socket.close();
  }

  @ParameterizedTest
  @EnumSource
  void what_cannot_be_read_is_unknown_by_itself(Thing thing) {
    FAULTS.forEach((fault, answer) -> isUnknownByItself(thing, fault, answer));
  }

  private void isUnknownByItself(Thing thing, String fault, String answer) {
    var before = look();
    var key = key(before, thing);
    // After an action everything is asked for again.
    var gate = container(before, id(before, "gate"));
    done(new Action.SetRestartPolicy("gate", gate.name(), gate.id(), RestartPolicy.NO));
    paths(thing, key).forEach(path -> socket.fault(path, answer));

    var seen = look();
    assertThat(seen.unknown())
        .as(fault)
        .singleElement()
        .satisfies(u -> {
          assertThat(u.thing()).isEqualTo(thing);
          assertThat(u.key()).isEqualTo(key);
          assertThat(u.reason()).isNotBlank();
        });
    assertThat(seen.containers())
        .as("a container is as it was last read, for " + fault)
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("engineHealth")
        .containsExactlyInAnyOrderElementsOf(before.containers());
    if (thing != Thing.NETWORK) {
      assertThat(seen.networks()).isEqualTo(before.networks());
    }
    if (thing != Thing.VOLUME) {
      assertThat(seen.volumes()).isEqualTo(before.volumes());
    }
    assertThat(seen.images()).containsKey(thing == Thing.IMAGE ? OTHER : RealEngine.IMAGE);

    var again = look();
    assertThat(again.unknown()).as("since when, too").isEqualTo(seen.unknown());

    socket.mend();
    var mended = look();
    assertThat(mended.unknown()).as(fault).isEmpty();
    assertThat(mended.networks()).isEqualTo(before.networks());
    assertThat(mended.volumes()).isEqualTo(before.volumes());
    assertThat(mended.images()).isEqualTo(before.images());
  }

  /// A thing that does not answer is waited for once, not in every look.
  @Test
  void what_does_not_answer_delays_one_look_only() {
    var before = look();
    socket.fault("/containers/" + id(before, "gate"), "");
    look();
    var began = System.nanoTime();
    look();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LOOK.dividedBy(4));
  }

  /// Of one that was never read, and of one that ended since, the list tells what is needed.
  @Test
  void what_the_list_shows_of_a_container_is_believed() {
    var before = look();
    var gate = id(before, "gate");
    socket.fault("/containers/" + gate, "");
    real.kill(gate);
    var ended = container(look(), gate);
    assertThat(ended.state().name()).isEqualTo("EXITED");
    assertThat(ended.exitCode()).isEqualTo(137);
    assertThat(ended.definitionHash()).isEqualTo(container(before, gate).definitionHash());

    try (var fresh =
        DockerEngine.open(
            socket.path(),
            RegistryCredentials.ANONYMOUS,
            DockerEngine.Deadlines.USUAL,
            InstantSource.system())) {
      var seen = container((Observed) fresh.observe(scope()), gate);
      assertThat(seen.service()).isEqualTo("gate");
      assertThat(seen.number()).isEqualTo(1);
      assertThat(seen.name()).isEqualTo(real.project() + "-gate-1");
      assertThat(seen.definitionHash()).isEqualTo(container(before, gate).definitionHash());
      assertThat(seen.imageId()).isEqualTo(container(before, gate).imageId());
    }
  }

  @Test
  void a_list_of_containers_that_is_none_is_no_empty_node() {
    for (var fault : FAULTS.entrySet()) {
      socket.fault("/containers/json", fault.getValue());
      assertThat(engine.observe(scope())).as(fault.getKey()).isInstanceOf(Unavailable.class);
      socket.mend();
    }
  }

  /// The engine as a whole is away, not each of its things.
  @Test
  void an_engine_that_answers_nothing_else_is_unavailable() {
    var before = look();
    // What the list proves unchanged is not asked for again, unless something was done to it.
    var gate = container(before, id(before, "gate"));
    done(new Action.SetRestartPolicy("gate", gate.name(), gate.id(), RestartPolicy.NO));
    socket.fault("/containers/" + gate.id(), "");
    socket.fault("/_ping", "");
    assertThat(engine.observe(scope())).isInstanceOf(Unavailable.class);
  }

  private String key(Observed seen, Thing thing) {
    return switch (thing) {
      case CONTAINER -> id(seen, "gate");
      case NETWORK -> real.project() + "_net";
      case VOLUME -> real.project() + "_data";
      case IMAGE -> RealEngine.IMAGE;
    };
  }

  /// A list that fails leaves each of its things to be asked for.
  private static List<String> paths(Thing thing, String key) {
    return switch (thing) {
      case CONTAINER -> List.of("/containers/" + key + "/");
      case NETWORK -> List.of("/networks?", "/networks/" + key);
      case VOLUME -> List.of("/volumes?", "/volumes/" + key);
      case IMAGE -> List.of("/images/json?", "/images/" + key);
    };
  }

  private static Container container(Observed seen, String id) {
    return seen.container(id).orElseThrow();
  }

  private static String id(Observed seen, String service) {
    return seen.containers().stream()
        .filter(c -> c.service().equals(service))
        .map(Container::id)
        .findFirst()
        .orElseThrow();
  }

  private void create(String service) {
    var name = real.project() + "-" + service + "-1";
    var id =
        done(
            new Action.CreateContainer(
                stack,
                Objects.requireNonNull(stack.services().get(service)),
                1,
                name,
                "sha256:1",
                Map.of(),
                Optional.empty()));
    done(new Action.StartContainer(service, name, id));
  }

  private Observed look() {
    return switch (engine.observe(scope())) {
      case Observed seen -> seen;
      case Unavailable away -> throw new AssertionError(away.toString());
    };
  }

  private Scope scope() {
    return new Scope(
        real.project(),
        Set.of(RealEngine.IMAGE, OTHER),
        Set.of(real.project() + "_net"),
        Set.of(real.project() + "_data"));
  }

  private String done(Action action) {
    return switch (engine.execute(action, line -> {})) {
      case Outcome.Done<String>(var value) -> value;
      case Outcome.Failed<String>(var failure) -> throw new AssertionError(failure.toString());
    };
  }
}
