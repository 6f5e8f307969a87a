package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage;
import io.armory.agent.port.ContainerEngine.ExecRequest;
import io.armory.agent.port.ContainerEngine.ExecResult;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What only a real container can show: its output, its volumes, its networks.
class ContainerLifeIT {
  @RegisterExtension final RealEngine real = new RealEngine();
  @TempDir Path files;

  @AutoClose
  private final DockerEngine engine =
      DockerEngine.open(DockerEngine.DEFAULT_SOCKET, RegistryCredentials.ANONYMOUS);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void the_last_lines_come_in_order_with_and_without_a_terminal(boolean tty) {
    var command =
        new ContainerSpec.Command(
            null, null, Map.of("PORT", "8081"), null, null, tty, false, null, null);
    var id = started(stack(s -> s.command(command)));
    var all = real.project();

    await()
        .untilAsserted(
            () -> assertThat(lines(id, 100)).as(all).anyMatch(line -> line.contains("8081")));

    var lines = lines(id, 100);
    assertThat(lines).allSatisfy(line -> assertThat(line).doesNotContain("\0"));
    assertThat(lines(id, 1)).containsExactly(lines.getLast());
  }

  @Test
  void a_command_runs_to_its_end_and_says_how() {
    var id = started(stack(s -> {}));
    await().until(() -> exec(id, "/standin", "check").exitCode() == 0);

    assertThat(exec(id, "/standin", "check").output()).contains("UP");
    var elsewhere =
        new ExecRequest(
            List.of("/standin", "check"),
            null,
            false,
            null,
            Map.of("PORT", "1"),
            Duration.ofSeconds(10));
    assertThat(value(engine.exec(id, elsewhere)).exitCode()).isEqualTo(1);
  }

  @Test
  void a_file_mount_is_there_and_cannot_be_written() throws Exception {
    Files.writeString(files.resolve("secret"), "hush");
    var mount =
        new Storage.FileMount(
            Storage.FileMount.Kind.SECRET,
            "secret",
            "/run/secrets/secret",
            files.resolve("secret").toString(),
            null,
            null,
            null,
            "hash");

    var id = started(stack(s -> s.mounts(mount)));

    var mounted = real.inspect(id).path("Mounts").path(0);
    assertThat(mounted.path("Destination").asText()).isEqualTo("/run/secrets/secret");
    assertThat(mounted.path("RW").asBoolean()).isFalse();
  }

  @Test
  void a_missing_bind_source_is_made_only_when_asked_for() {
    var made = new Storage.Bind(files + "/made", "/made", false, true, null, null, null);
    started(stack(s -> s.mounts(made)));
    assertThat(files.resolve("made")).isDirectory();

    var missing = new Storage.Bind(files + "/missing", "/x", false, false, null, null, null);
    var other = stack(s -> s.mounts(missing).definition("definition-2"));
    var refused = engine.execute(creation(other, real.project() + "-b", Optional.empty()), l -> {});

    assertThat(refused).isInstanceOf(Outcome.Failed.class);
    assertThat(files.resolve("missing")).doesNotExist();
  }

  @Test
  void a_successor_takes_over_anonymous_volumes_and_the_last_one_takes_them_along() {
    var anonymous = new Storage.VolumeMount(null, "/data", false, false, null, Map.of());
    var stack = stack(s -> s.mounts(anonymous));
    var first = done(creation(stack, name("a"), Optional.empty()));
    var volume = volumeAt(first, "/data");

    var second = done(creation(stack, name("b"), Optional.of(first)));
    var third = done(creation(stack, name("c"), Optional.of(second)));

    assertThat(volumeAt(second, "/data")).isEqualTo(volume);
    assertThat(volumeAt(third, "/data")).isEqualTo(volume);
    done(new Action.RemoveContainer("gate", name("a"), first, false));
    done(new Action.RemoveContainer("gate", name("b"), second, true));
    assertThat(real.get("/volumes/" + volume).path("Name").asText()).isEqualTo(volume);

    done(new Action.RemoveContainer("gate", name("c"), third, true));

    var names = real.get("/volumes").path("Volumes").findValuesAsText("Name");
    assertThat(names).isNotNull().doesNotContain(volume);
  }

  @Test
  void a_named_volume_is_never_taken_for_an_anonymous_one() {
    var named = new Storage.VolumeMount("data", "/data", false, false, null, Map.of());
    var anonymous = new Storage.VolumeMount(null, "/data", false, false, null, Map.of());
    var first = done(creation(stack(s -> s.mounts(named)), name("a"), Optional.empty()));

    var second = done(creation(stack(s -> s.mounts(anonymous)), name("b"), Optional.of(first)));
    done(new Action.RemoveContainer("gate", name("a"), first, true));

    assertThat(volumeAt(second, "/data")).isNotEqualTo(real.project() + "_data");
    assertThat(real.get("/volumes/" + real.project() + "_data").path("Name").asText())
        .isEqualTo(real.project() + "_data");
    done(new Action.RemoveContainer("gate", name("b"), second, true));
  }

  @Test
  void a_container_is_on_all_its_networks_under_all_its_names() {
    var stack =
        SampleStack.of(real.project())
            .network("front")
            .network("back")
            .service("gate", RealEngine.IMAGE, s -> s.on("front").on("back", "portal"))
            .build();
    stack.networks().values().forEach(n -> done(new Action.CreateNetwork(real.project(), n)));

    var id = done(creation(stack, name("gate") + "-new", Optional.empty()));
    done(new Action.StartContainer("gate", name("gate"), id));

    var networks = real.inspect(id).path("NetworkSettings").path("Networks");
    assertThat(networks.properties()).hasSize(2);
    assertThat(networks.path(real.project() + "_back").path("Aliases").toString())
        .contains("\"portal\"", "\"gate\"", "\"" + real.project() + "-gate-1\"");
    assertThat(networks.path(real.project() + "_back").path("IPAddress").asText()).isNotEmpty();
  }

  /// The container has no network whose endpoint would tell, and has run long enough to be known.
  @Test
  void a_restart_by_somebody_else_is_seen_at_the_next_look() {
    var id = started(stack(s -> {}));
    var first = startedAt();
    await()
        .pollInterval(Duration.ofMillis(200))
        .until(() -> startedAt().equals(first) && Instant.now().isAfter(first.plusSeconds(4)));

    real.post("/containers/" + id + "/restart?t=0", Json.object());

    assertThat(startedAt()).isAfter(first);
  }

  @Test
  void hooks_run_in_the_container_as_their_definition_says() throws Exception {
    var id = startedRedis();
    var hook =
        new Service.Hook(
            List.of("sh", "-c", "echo $(id -u) $(pwd) $WHO > /out/post; cat /out/post"),
            "65534",
            false,
            "/out",
            Map.of("WHO", "me"));

    done(new Action.RunHooks("gate", name("gate-1"), id, Instant.now(), List.of(hook)));

    assertThat(files.resolve("post")).hasContent("65534 /out me");
    var failing = List.of(shell("echo no luck; exit 3"), shell("echo x > /out/never"));
    assertThat(failure(new Action.RunHooks("gate", "x", id, Instant.now(), failing)))
        .contains("sh ended with code 3: no luck");
    assertThat(files.resolve("never")).doesNotExist();
  }

  @Test
  void pre_stop_runs_before_a_stop_and_a_restart_and_cannot_prevent_them() throws Exception {
    var id = startedRedis();
    // A hook has no longer than this: a busy machine may need a while to start it.
    var grace = Duration.ofSeconds(5);
    var first = startedAt();

    done(
        new Action.RestartContainer(
            "gate", name("gate-1"), id, grace, List.of(shell("echo x > /out/restarting; exit 1"))));
    assertThat(files.resolve("restarting")).exists();
    assertThat(startedAt()).isAfter(first);

    var hanging = List.of(shell("echo x > /out/stopping; redis-cli monitor"));
    done(new Action.StopContainer("gate", name("gate-1"), id, grace, hanging));
    assertThat(files.resolve("stopping")).exists();
    assertThat(real.inspect(id).path("State").path("Running").asBoolean()).isFalse();

    done(new Action.StopContainer("gate", name("gate-1"), id, grace, hanging));
  }

  private String startedRedis() throws IOException {
    // Its user is not ours.
    Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwxrwxrwx"));
    var out = new Storage.Bind(files.toString(), "/out", false, false, null, null, null);
    var stack =
        SampleStack.of(real.project())
            .service("gate", "armory-standin/redis:dev", s -> s.mounts(out))
            .build();
    return started(stack);
  }

  private static Service.Hook shell(String script) {
    return new Service.Hook(List.of("sh", "-c", script), null, false, null, Map.of());
  }

  private String failure(Action action) {
    return switch (engine.execute(action, line -> {})) {
      case Outcome.Done<String> _ -> throw new AssertionError("it did not fail");
      case Outcome.Failed<String>(var failure) -> failure.message();
    };
  }

  private Instant startedAt() {
    var scope = new Scope(real.project(), Set.of(), Set.of(), Set.of());
    if (engine.observe(scope) instanceof Observation.Observed seen) {
      var at = seen.containers().getFirst().startedAt();
      if (at != null) {
        return at;
      }
    }
    throw new AssertionError("not observed");
  }

  private Stack stack(Consumer<SampleService> more) {
    return SampleStack.of(real.project())
        .volume("data")
        .service("gate", RealEngine.IMAGE, more)
        .build();
  }

  private String name(String suffix) {
    return real.project() + "-" + suffix;
  }

  private Action.CreateContainer creation(Stack stack, String name, Optional<String> predecessor) {
    stack.volumes().values().forEach(v -> done(new Action.CreateVolume(real.project(), v)));
    var gate = stack.services().values().iterator().next();
    return new Action.CreateContainer(stack, gate, 1, name, "sha256:1", Map.of(), predecessor);
  }

  private String started(Stack stack) {
    var id = done(creation(stack, name("gate-1"), Optional.empty()));
    done(new Action.StartContainer("gate", name("gate-1"), id));
    return id;
  }

  private String volumeAt(String container, String target) {
    for (var mount : real.inspect(container).path("Mounts")) {
      if (mount.path("Destination").asText().equals(target)) {
        return mount.path("Name").asText();
      }
    }
    throw new AssertionError("nothing is mounted at " + target);
  }

  private List<String> lines(String id, int count) {
    return value(engine.lastLogLines(id, count));
  }

  private ExecResult exec(String id, String... command) {
    return value(
        engine.exec(
            id,
            new ExecRequest(
                List.of(command), null, false, null, Map.of(), Duration.ofSeconds(10))));
  }

  private String done(Action action) {
    return value(engine.execute(action, line -> {}));
  }

  private static <T> T value(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> value;
      case Outcome.Failed<T>(var failure) -> throw new AssertionError(failure.toString());
    };
  }
}
