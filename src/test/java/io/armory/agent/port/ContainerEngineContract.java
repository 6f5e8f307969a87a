package io.armory.agent.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import io.armory.agent.port.ContainerEngine.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// What every [ContainerEngine] does, run against the fake and against real engines. A rule the
/// fake keeps but an engine does not would make every test that uses the fake a lie.
public abstract class ContainerEngineContract {

  protected abstract ContainerEngine engine();

  /// A Compose project of this test's own.
  protected abstract String project();

  /// An image that is here, whose default command runs until it is stopped.
  protected abstract String image();

  /// The container ends without the agent's doing.
  protected abstract void kill(Observation.Container container);

  /// A running container writes a line with this in it.
  protected void write(Observation.Container container, String text) {
    var command = List.of("/standin", "ctl", "log=" + text);
    var request =
        new ContainerEngine.ExecRequest(
            command, null, false, null, Map.of(), Duration.ofSeconds(10));
    await()
        .until(() ->
            engine().exec(container.id(), request)
                    instanceof Outcome.Done<ContainerEngine.ExecResult>(var result)
                && result.exitCode() == 0);
  }

  /// A port of the node that nothing listens on, or `0` where ports are not real.
  protected abstract int freePort();

  // ---- observing

  @Test
  void an_empty_project_is_observed_as_empty() {
    var seen = observe();

    assertThat(seen.containers()).isEmpty();
    assertThat(seen.networks()).isEmpty();
    assertThat(seen.volumes()).isEmpty();
    assertThat(seen.engine().apiVersion()).matches("1\\.[0-9]+");
  }

  @Test
  void an_image_that_is_not_here_is_absent_and_one_that_is_has_an_id() {
    var absent = "armory-standin/no-such-image:" + project();

    var seen = observed(scope(Set.of(image(), absent)));

    assertThat(seen.images()).containsOnlyKeys(image());
    assertThat(seen.images().get(image())).startsWith("sha256:");
  }

  @Test
  void a_created_container_is_observed_with_all_that_names_it() {
    var stack = one(s -> s.on("net"));
    prepare(stack);

    var id = create(stack, "gate");

    var container = container("gate");
    assertThat(container.id()).isEqualTo(id);
    assertThat(container.name()).isEqualTo(name("gate"));
    assertThat(container.number()).isEqualTo(1);
    assertThat(container.state()).isEqualTo(Observation.State.CREATED);
    assertThat(container.definitionHash()).contains("definition-1");
    assertThat(container.configHash()).contains("config-definition-1");
    assertThat(container.imageId())
        .isEqualTo(observed(scope(Set.of(image()))).images().get(image()));
    assertThat(container.restartPolicy()).isEqualTo("no");
    assertThat(container.networks()).containsOnlyKeys(project() + "_net");
    assertThat(container.startedAt()).isNull();
  }

  @Test
  void networks_and_volumes_of_others_are_seen_when_asked_for_by_name() {
    var mine = SampleStack.of(project()).network("net").volume("data").build();
    prepare(mine);
    var scope =
        new Scope(
            project() + "-other",
            Set.of(),
            Set.of(project() + "_net"),
            Set.of(project() + "_data"));

    var seen = observed(scope);

    assertThat(seen.networks())
        .singleElement()
        .satisfies(n -> {
          assertThat(n.key()).contains("net");
          assertThat(n.project()).contains(project());
          assertThat(n.definitionHash()).contains("network-1");
        });
    assertThat(seen.volumes())
        .singleElement()
        .satisfies(v -> {
          assertThat(v.key()).contains("data");
          assertThat(v.project()).contains(project());
          assertThat(v.definitionHash()).contains("volume-1");
        });
  }

  // ---- the life of a container

  @Test
  void a_container_starts_stops_starts_again_and_is_removed() {
    var stack = one(s -> s.on("net"));
    prepare(stack);
    var id = create(stack, "gate");

    done(start("gate", id));
    var running = container("gate");
    assertThat(running.running()).isTrue();
    assertThat(running.startedAt()).isNotNull();
    assertThat(at(running.networks(), project() + "_net").aliases()).contains("gate");

    done(stop("gate", id));
    var stopped = container("gate");
    assertThat(stopped.state()).isEqualTo(Observation.State.EXITED);
    assertThat(stopped.finishedAt()).isNotNull();

    done(start("gate", id));
    assertThat(container("gate").running()).isTrue();

    done(stop("gate", id));
    done(remove("gate", id));
    assertThat(observe().containers()).isEmpty();
  }

  @Test
  void stopping_what_is_stopped_starting_what_runs_and_removing_what_is_gone_are_done() {
    var stack = one(s -> {});
    var id = create(stack, "gate");

    done(stop("gate", id));
    done(start("gate", id));
    done(start("gate", id));
    done(stop("gate", id));
    done(stop("gate", id));
    done(remove("gate", id));
    done(remove("gate", id));
  }

  @Test
  void acting_on_a_container_that_is_gone_is_not_found() {
    var id = "0".repeat(64);

    assertThat(kind(start("gate", id))).isEqualTo(Failure.Kind.NOT_FOUND);
    assertThat(kind(stop("gate", id))).isEqualTo(Failure.Kind.NOT_FOUND);
    assertThat(
            kind(
                execute(
                    new Action.RestartContainer(
                        "gate", "x", id, Duration.ofSeconds(1), List.of()))))
        .isEqualTo(Failure.Kind.NOT_FOUND);
    assertThat(kind(execute(new Action.UnpauseContainer("gate", "x", id))))
        .isEqualTo(Failure.Kind.NOT_FOUND);
    assertThat(kind(execute(new Action.RenameContainer("gate", "x", id, "y"))))
        .isEqualTo(Failure.Kind.NOT_FOUND);
  }

  @Test
  void a_restart_is_a_new_start_of_the_same_container() {
    var stack = one(s -> {});
    var id = create(stack, "gate");
    done(start("gate", id));
    var before = container("gate");

    done(
        execute(
            new Action.RestartContainer(
                "gate", name("gate"), id, Duration.ofSeconds(1), List.of())));

    var after = container("gate");
    assertThat(after.id()).isEqualTo(id);
    assertThat(after.running()).isTrue();
    assertThat(after.startedAt()).isAfterOrEqualTo(before.startedAt());
  }

  @Test
  void a_running_container_is_not_removed() {
    var stack = one(s -> {});
    var id = create(stack, "gate");
    done(start("gate", id));

    assertThat(kind(remove("gate", id))).isEqualTo(Failure.Kind.CONFLICT);
    assertThat(container("gate").running()).isTrue();
  }

  @Test
  void a_killed_container_is_seen_as_exited_with_its_code() {
    var stack = one(s -> {});
    done(start("gate", create(stack, "gate")));

    kill(container("gate"));

    await()
        .untilAsserted(
            () -> assertThat(container("gate").state()).isEqualTo(Observation.State.EXITED));
    assertThat(container("gate").exitCode()).isEqualTo(137);
  }

  // ---- creating

  @Test
  void creating_again_what_is_there_gives_the_same_container() {
    var stack = one(s -> {});
    var id = create(stack, "gate");

    assertThat(create(stack, "gate")).isEqualTo(id);
    assertThat(observe().containers()).hasSize(1);
  }

  @Test
  void a_name_taken_by_another_definition_is_a_conflict() {
    create(one(s -> {}), "gate");

    var other = execute(creation(one(s -> s.definition("definition-2")), "gate"));

    assertThat(kind(other)).isEqualTo(Failure.Kind.CONFLICT);
    assertThat(container("gate").definitionHash()).contains("definition-1");
  }

  @Test
  void creating_from_an_image_that_is_not_here_is_image_unavailable() {
    var stack =
        SampleStack.of(project())
            .service("gate", "armory-standin/no-such-image:" + project(), s -> {})
            .build();

    var failed = execute(creation(stack, "gate"));

    assertThat(kind(failed)).isEqualTo(Failure.Kind.IMAGE_UNAVAILABLE);
    assertThat(observe().containers()).isEmpty();
  }

  @Test
  void a_container_is_made_of_the_image_that_was_planned_whatever_its_name_means_now() {
    var stack =
        SampleStack.of(project())
            .service("gate", "armory-standin/no-such-image:" + project(), s -> {})
            .build();
    var planned = imageId(image());

    done(
        execute(
            new Action.CreateContainer(
                stack,
                at(stack.services(), "gate"),
                1,
                name("gate"),
                planned,
                Map.of(),
                Optional.empty())));

    assertThat(container("gate").imageId()).isEqualTo(planned);
  }

  @Test
  void creating_on_a_network_that_is_missing_is_not_found_and_leaves_nothing_behind() {
    var stack =
        SampleStack.of(project())
            .network("net")
            .network("missing")
            .service("gate", image(), s -> s.on("net").on("missing"))
            .build();
    done(execute(new Action.CreateNetwork(project(), at(stack.networks(), "net"))));

    assertThat(kind(execute(creation(stack, "gate")))).isEqualTo(Failure.Kind.NOT_FOUND);
    assertThat(observe().containers()).isEmpty();
  }

  @Test
  void a_start_without_its_network_is_not_found() {
    var stack = one(s -> s.on("net"));
    prepare(stack);
    var id = create(stack, "gate");
    var network = observe().networks().getFirst();
    done(execute(new Action.RemoveNetwork("net", network.name(), network.id())));

    assertThat(kind(start("gate", id))).isEqualTo(Failure.Kind.NOT_FOUND);
  }

  @Test
  void a_service_namespace_is_that_of_the_container_given() {
    var stack =
        SampleStack.of(project())
            .service("gate", image(), s -> {})
            .service("echo", image(), s -> s.mode(new Networking.Mode.OfService("gate")))
            .build();
    var gate = create(stack, "gate");
    done(start("gate", gate));

    var echo = done(execute(creation(stack, "echo", name("echo"), Map.of("gate", gate))));
    done(start("echo", echo));

    assertThat(container("echo").networkMode().container()).contains(gate);
    assertThat(kind(execute(creation(stack, "echo", name("echo") + "-b", Map.of()))))
        .isEqualTo(Failure.Kind.INVALID);
  }

  @Test
  void a_host_port_belongs_to_one_running_container_at_a_time() {
    var port = Integer.toString(freePort() == 0 ? 18080 : freePort());
    var stack =
        SampleStack.of(project())
            .network("net")
            .service("gate", image(), s -> s.on("net").port("127.0.0.1", port, 8080))
            .service("deck", image(), s -> s.on("net").port("127.0.0.1", port, 8080))
            .build();
    prepare(stack);
    var gate = create(stack, "gate");
    var deck = create(stack, "deck");
    done(start("gate", gate));

    assertThat(kind(start("deck", deck))).isEqualTo(Failure.Kind.PORT_TAKEN);

    done(stop("gate", gate));
    done(start("deck", deck));
  }

  // ---- names, networks, volumes, policy

  @Test
  void a_container_can_be_renamed_but_not_to_a_name_in_use() {
    var stack = one(s -> {});
    var first = create(stack, "gate");
    done(execute(new Action.RenameContainer("gate", name("gate"), first, name("gate") + "-old")));
    assertThat(container("gate").name()).isEqualTo(name("gate") + "-old");

    var second = create(stack, "gate");

    assertThat(second).isNotEqualTo(first);
    assertThat(
            kind(
                execute(
                    new Action.RenameContainer(
                        "gate", name("gate") + "-old", first, name("gate")))))
        .isEqualTo(Failure.Kind.CONFLICT);
    done(execute(new Action.RenameContainer("gate", name("gate"), second, name("gate"))));
  }

  @Test
  void a_network_is_made_once_and_one_in_use_is_not_removed() {
    var stack = one(s -> s.on("net"));
    var network = at(stack.networks(), "net");
    var id = done(execute(new Action.CreateNetwork(project(), network)));

    assertThat(done(execute(new Action.CreateNetwork(project(), network)))).isEqualTo(id);
    assertThat(kind(execute(new Action.CreateNetwork(project() + "-other", network))))
        .isEqualTo(Failure.Kind.CONFLICT);

    var container = create(stack, "gate");
    done(start("gate", container));
    var removal = new Action.RemoveNetwork("net", network.name(), id);
    assertThat(kind(execute(removal))).isEqualTo(Failure.Kind.CONFLICT);
    done(stop("gate", container));
    done(execute(removal));
    done(execute(removal));
    assertThat(observe().networks()).isEmpty();
  }

  @Test
  void a_volume_is_made_once_and_survives_the_container_that_used_it() {
    var stack =
        SampleStack.of(project())
            .volume("data")
            .service(
                "gate",
                image(),
                s ->
                    s.mounts(
                        new io.armory.agent.domain.stack.Storage.VolumeMount(
                            "data", "/data", false, false, null, Map.of())))
            .build();
    prepare(stack);
    prepare(stack);
    var id = create(stack, "gate");

    done(execute(new Action.RemoveContainer("gate", name("gate"), id, true)));

    assertThat(observe().volumes())
        .singleElement()
        .satisfies(v -> assertThat(v.name()).isEqualTo(project() + "_data"));
  }

  @Test
  void networks_are_connected_and_disconnected_again_and_again() {
    var stack =
        SampleStack.of(project())
            .network("net")
            .network("more")
            .service("gate", image(), s -> s.on("net"))
            .build();
    prepare(stack);
    var id = create(stack, "gate");
    done(start("gate", id));
    var attachment =
        new Networking.Attachment(
            "more", List.of("portal"), null, null, List.of(), null, 0, Map.of());
    var more = project() + "_more";
    var connect =
        new Action.ConnectNetwork(
            at(stack.services(), "gate"), 1, name("gate"), id, more, networkId(more), attachment);
    var disconnect = new Action.DisconnectNetwork("gate", name("gate"), id, more, networkId(more));

    done(execute(connect));
    done(execute(connect));
    assertThat(container("gate").networks()).containsOnlyKeys(project() + "_net", more);
    assertThat(at(container("gate").networks(), more).aliases()).contains("portal");

    done(execute(disconnect));
    done(execute(disconnect));
    assertThat(container("gate").networks()).containsOnlyKeys(project() + "_net");
  }

  /// The planner asks no other engine for it.
  @Test
  void names_are_set_while_it_runs_and_its_address_stays_until_it_is_down() {
    assumeTrue(observe().engine().name().equals("Docker"), "asked of Docker alone");
    var stack = addressed();
    prepare(stack);
    var id = create(stack, "gate");
    done(start("gate", id));
    var before = end();
    var address = Optional.ofNullable(before.ipAddress());
    assertThat(before.aliases()).contains("gate");
    assertThat(before.fixed()).isFalse();

    done(execute(names(stack, id, List.of(), address)));
    assertThat(container("gate").state()).isEqualTo(Observation.State.RUNNING);
    assertThat(end().aliases()).doesNotContain("gate");
    assertThat(end().ipAddress()).isEqualTo(before.ipAddress());

    done(execute(names(stack, id, List.of("gate", "portal"), address)));
    assertThat(end().aliases()).contains("gate", "portal");
    assertThat(end().ipAddress()).isEqualTo(before.ipAddress());
    assertThat(end().fixed()).isTrue();

    done(stop("gate", id));
    done(execute(names(stack, id, List.of("gate"), Optional.empty())));
    assertThat(end().fixed()).isFalse();
    done(start("gate", id));
    assertThat(end().aliases()).contains("gate").doesNotContain("portal");
  }

  /// On a network whose addresses are chosen here.
  private Stack addressed() {
    var range = "10.182.%d.0/24".formatted(Math.floorMod(project().hashCode(), 250));
    var pool = new Network.Pool(range, null, null, Map.of());
    var name = project() + "_net";
    return SampleStack.of(project())
        .network(SampleStack.plain("net", name, pool))
        .service("gate", image(), s -> s.on("net"))
        .build();
  }

  private Observation.Endpoint end() {
    return at(container("gate").networks(), project() + "_net");
  }

  private Action names(Stack stack, String id, List<String> names, Optional<String> address) {
    var net = project() + "_net";
    var attachment = at(stack.services(), "gate").container().networking().attachments().getFirst();
    return new Action.SetNames(
        "gate", name("gate"), id, net, networkId(net), Optional.of(attachment), names, address);
  }

  @Test
  protected void the_restart_policy_is_taken_over_and_handed_back() {
    var stack = one(s -> s.restart("unless-stopped", 0));
    var id = create(stack, "gate");
    assertThat(container("gate").restartPolicy()).isEqualTo("unless-stopped");

    var none = io.armory.agent.domain.stack.ContainerSpec.RestartPolicy.NO;
    done(execute(new Action.SetRestartPolicy("gate", name("gate"), id, none)));

    assertThat(container("gate").restartPolicy()).isEqualTo("no");
  }

  // ---- events, logs, commands

  @Test
  void a_watcher_hears_of_its_own_project_alone_until_closed() throws Exception {
    var heard = new CopyOnWriteArrayList<EngineEvent>();
    var others = new CopyOnWriteArrayList<EngineEvent>();
    var stack = one(s -> {});
    var id = create(stack, "gate");
    try (var mine = engine().watch(project(), heard::add);
        var other = engine().watch(project() + "-other", others::add)) {
      await().until(() -> has(heard, "connected") && has(others, "connected"));
      done(start("gate", id));
      kill(container("gate"));
      await().until(() -> has(heard, "start") && has(heard, "die"));
      assertThat(mine).isNotSameAs(other);
    }
    assertThat(heard)
        .filteredOn(e -> e.action().equals("die"))
        .allSatisfy(e -> {
          assertThat(e.service()).isEqualTo("gate");
          assertThat(e.containerId()).isEqualTo(id);
        });
    int closed = heard.size();
    done(remove("gate", id));
    assertThat(others).extracting(EngineEvent::action).containsOnly("connected");
    assertThat(heard).hasSize(closed);
  }

  @Test
  void a_log_is_followed_to_the_containers_end_and_taken_up_again_where_it_ended()
      throws Exception {
    var stack = one(s -> {});
    var id = create(stack, "gate");
    done(start("gate", id));
    var first = new Log();
    var following = following(id, LogRange.last(100), first);
    write(container("gate"), "one");
    await().until(() -> first.has("one"));
    write(container("gate"), "two");
    kill(container("gate"));
    assertThat(following.get(40, TimeUnit.SECONDS)).isEqualTo(Outcome.done(""));
    assertThat(first.has("two")).isTrue();
    var last = first.lines.getLast();

    var ended = new Log();
    done(engine().followLog(id, LogRange.last(1), ended));
    assertThat(ended.lines).as("at once, when it does not run").containsExactly(last);

    done(start("gate", id));
    write(container("gate"), "three");
    var second = new Log();
    var taken = following(id, LogRange.allSince(last.at()), second);
    await().until(() -> second.has("three"));
    // An engine that tells whole seconds has more of that one.
    var again = first.lines.stream().filter(line -> !line.at().isBefore(last.at())).toList();
    assertThat(again).endsWith(last);
    assertThat(second.lines.subList(0, again.size())).isEqualTo(again);
    assertThat(second.lines).filteredOn(line -> line.text().contains("two")).hasSize(1);
    assertThat(second.lines).filteredOn(line -> line.text().contains("three")).hasSize(1);
    assertThat(done(engine().logLines(id, LogRange.allSince(last.at()))))
        .containsExactlyElementsOf(second.lines);
    assertThat(done(engine().lastLogLines(id, 1))).containsExactly(second.lines.getLast().text());
    assertThat(taken).isNotDone();
  }

  @Test
  void following_a_log_waits_for_room_and_an_interrupt_ends_it() throws Exception {
    var stack = one(s -> {});
    var id = create(stack, "gate");
    done(start("gate", id));
    var full = new Log();
    full.room = new CountDownLatch(1);
    var following = following(id, LogRange.last(100), full);
    write(container("gate"), "one");
    await().until(() -> !full.lines.isEmpty());
    var held = List.copyOf(full.lines);
    write(container("gate"), "two");
    assertThat(done(engine().lastLogLines(id, 1)).getFirst()).contains("two");
    assertThat(full.lines).isEqualTo(held);

    full.room.countDown();
    await().until(() -> full.has("two"));
    full.thread.interrupt();

    assertThat(following.get(40, TimeUnit.SECONDS)).isInstanceOf(Outcome.Failed.class);
  }

  /// Who follows a log, on a thread of his own.
  private static final class Log implements ContainerEngine.LogSink {
    final List<LogLine> lines = new CopyOnWriteArrayList<>();
    volatile CountDownLatch room = new CountDownLatch(0);
    volatile Thread thread = Thread.currentThread();

    @Override
    public void take(List<LogLine> taken) {
      lines.addAll(taken);
    }

    @Override
    public void awaitRoom() throws InterruptedException {
      room.await();
    }

    boolean has(String text) {
      return lines.stream().anyMatch(l -> l.text().contains(text));
    }
  }

  private CompletableFuture<Outcome<String>> following(String id, LogRange range, Log log) {
    return CompletableFuture.supplyAsync(
        () -> engine().followLog(id, range, log),
        task -> log.thread = Thread.ofVirtual().start(task));
  }

  @Test
  void the_processor_time_of_what_runs_is_told_and_never_shrinks() {
    var stack = one(s -> {});
    var id = create(stack, "gate");
    assertThat(engine().processorTime(id)).as("it does not run").isInstanceOf(Outcome.Failed.class);
    done(start("gate", id));
    await().until(() -> engine().processorTime(id) instanceof Outcome.Done<Duration>);
    var first = done(engine().processorTime(id));
    assertThat(first).isPositive();
    assertThat(done(engine().processorTime(id))).isGreaterThanOrEqualTo(first);
    kill(container("gate"));
    await().until(() -> engine().processorTime(id) instanceof Outcome.Failed);
    assertThat(kind(engine().processorTime("0".repeat(64)))).isEqualTo(Failure.Kind.NOT_FOUND);
  }

  @Test
  void logs_and_commands_of_what_is_gone_are_not_found() {
    var id = "0".repeat(64);

    assertThat(kind(engine().lastLogLines(id, 5))).isEqualTo(Failure.Kind.NOT_FOUND);
    assertThat(kind(engine().followLog(id, LogRange.last(5), new Log())))
        .isEqualTo(Failure.Kind.NOT_FOUND);
    assertThat(
            kind(
                engine()
                    .exec(
                        id,
                        new ContainerEngine.ExecRequest(
                            List.of("true"), null, false, null, Map.of(), Duration.ofSeconds(5)))))
        .isEqualTo(Failure.Kind.NOT_FOUND);
  }

  @Test
  void pulling_from_a_registry_that_is_not_there_fails_for_now() {
    var pull = new Action.PullImage("gate", "127.0.0.1:1/no-such-image:" + project(), null);

    assertThat(kind(execute(pull))).isIn(Failure.Kind.IMAGE_UNAVAILABLE, Failure.Kind.TRANSIENT);
  }

  // ---- words of this suite

  private static boolean has(List<EngineEvent> events, String action) {
    return events.stream().anyMatch(e -> e.action().equals(action));
  }

  protected final Stack one(Consumer<SampleService> more) {
    return SampleStack.of(project()).network("net").service("gate", image(), more).build();
  }

  /// Makes the stack's networks and volumes. Whether the files of an image can be mounted (Docker
  /// 28 and newer).
  protected boolean mountsImages() {
    return false;
  }

  @Test
  void an_image_is_mounted_by_the_id_that_was_planned_or_refused_with_what_it_needs() {
    var id = at(observed(scope(Set.of(image()))).images(), image());
    var files = new Storage.ImageMount(image(), "/files", true, null, id);
    var stack = one(s -> s.mounts(files));
    prepare(stack);

    var made = execute(creation(stack, "gate"));

    if (mountsImages()) {
      done(start("gate", done(made)));
      assertThat(observed(scope(Set.of())).containers().getFirst().mounts())
          .containsEntry("/files", id);
    } else {
      assertThat(made.whyFailed())
          .hasValueSatisfying(why -> {
            assertThat(why.kind()).isEqualTo(Failure.Kind.INVALID);
            assertThat(why.message())
                .contains(image() + " at /files: mounts of images need Docker 28");
          });
      assertThat(observed(scope(Set.of())).containers()).isEmpty();
    }
  }

  protected final void prepare(Stack stack) {
    stack.networks().values().forEach(n -> done(execute(new Action.CreateNetwork(project(), n))));
    stack.volumes().values().forEach(v -> done(execute(new Action.CreateVolume(project(), v))));
  }

  protected final Action.CreateContainer creation(Stack stack, String service) {
    return creation(stack, service, name(service), Map.of());
  }

  protected final Action.CreateContainer creation(
      Stack stack, String service, String name, Map<String, String> namespaces) {
    var wanted = at(stack.services(), service);
    var imageId = imageId(wanted.container().image());
    return new Action.CreateContainer(
        stack, wanted, 1, name, imageId, namespaces, Optional.empty());
  }

  private String imageId(String reference) {
    return observed(scope(Set.of(reference)))
        .images()
        .getOrDefault(reference, "sha256:" + "0".repeat(64));
  }

  protected final String create(Stack stack, String service) {
    return done(execute(creation(stack, service)));
  }

  protected final Outcome<String> start(String service, String id) {
    return execute(new Action.StartContainer(service, name(service), id));
  }

  protected final Outcome<String> stop(String service, String id) {
    return execute(
        new Action.StopContainer(service, name(service), id, Duration.ofSeconds(1), List.of()));
  }

  protected final Outcome<String> remove(String service, String id) {
    return execute(new Action.RemoveContainer(service, name(service), id, false));
  }

  protected final Outcome<String> execute(Action action) {
    return engine().execute(action, line -> {});
  }

  protected final String name(String service) {
    return project() + "-" + service + "-1";
  }

  protected final Observation.Container container(String service) {
    return observe().containers().stream()
        .filter(c -> c.service().equals(service))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no container of " + service));
  }

  private String networkId(String name) {
    return observe().networks().stream()
        .filter(n -> n.name().equals(name))
        .findFirst()
        .orElseThrow()
        .id();
  }

  protected final Observation.Observed observe() {
    return observed(scope(Set.of()));
  }

  protected final Observation.Observed observed(Scope scope) {
    return switch (engine().observe(scope)) {
      case Observation.Observed seen -> seen;
      case Observation.Unavailable none -> throw new AssertionError(none.reason());
    };
  }

  private Scope scope(Set<String> images) {
    return new Scope(project(), images, Set.of(), Set.of());
  }

  protected static <V> V at(Map<String, V> map, String key) {
    var value = map.get(key);
    if (value == null) {
      throw new AssertionError("no " + key + " among " + map.keySet());
    }
    return value;
  }

  protected static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(var value) -> value;
      case Outcome.Failed<T>(var failure) -> throw new AssertionError(failure.toString());
    };
  }

  protected static Failure.Kind kind(Outcome<?> outcome) {
    return switch (outcome) {
      case Outcome.Done<?> done -> throw new AssertionError("unexpectedly done: " + done);
      case Outcome.Failed<?>(var failure) -> {
        assertThat(failure.message()).isNotBlank().doesNotContain("\n");
        yield failure.kind();
      }
    };
  }
}
