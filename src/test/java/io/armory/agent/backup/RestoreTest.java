package io.armory.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.backup.RestoreRecord.Step;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.port.Control.RestoreRequest;
import io.armory.agent.port.DataContainers;
import io.armory.agent.port.EventLog;
import io.armory.agent.port.FakeStateStore;
import io.armory.agent.port.Front50;
import io.armory.agent.port.StateStore;
import io.armory.agent.port.Workload.Endpoint;
import io.armory.agent.reconcile.driver.SystemThreads;
import io.armory.agent.testing.FakeControl;
import io.armory.agent.testing.Reports;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// In which order what happens to the stores, and what is left when it cannot go on.
class RestoreTest {
  private static final NodeStores STANDALONE = Nodes.of("standalone", "redis", "postgres");

  @TempDir Path incoming;
  private final Data data = new Data();
  private final FakeControl desk = new FakeControl();
  private final Map<String, byte[]> disk = new ConcurrentHashMap<>();
  private final List<AgentEvent> events = new CopyOnWriteArrayList<>();
  private final List<List<Problem>> problems = new CopyOnWriteArrayList<>();

  /// Remembers what it is asked, and fails where it is told to.
  private final class Data implements DataContainers {
    final List<String> done = new CopyOnWriteArrayList<>();
    volatile String failing = "nothing";

    private Outcome<String> did(String what) {
      mayBeKilled();
      done.add(what);
      return what.equals(failing)
          ? Outcome.failed(Failure.Kind.BROKEN, "no room left")
          : Outcome.done(what);
    }

    @Override
    public Outcome<String> read(String container, List<String> command, OutputStream to) {
      return did("read " + container);
    }

    @Override
    public Outcome<String> assistant(String container, String name) {
      return Outcome.done(name);
    }

    @Override
    public Outcome<String> run(String assistant, String script) {
      var store = assistant.replaceFirst(".*-", "");
      var aside = script.replaceFirst("(?s).*(before-restore-\\w+).*", "$1");
      for (var s : LocalStore.values()) {
        if (s.service().equals(store)) {
          var what =
              Map.of(
                      s.begin(), "begin",
                      s.load(), "load",
                      s.swap(aside), "swap",
                      s.back(aside), "back",
                      s.done(aside), "done")
                  .get(script);
          return did(store + " " + what);
        }
      }
      throw new AssertionError(assistant);
    }

    @Override
    public Outcome<String> put(String assistant, String directory, String name, Path file) {
      return did("put " + name);
    }

    @Override
    public Outcome<String> dismiss(String name) {
      return Outcome.done("");
    }
  }

  /// So many calls later the agent is killed; negative: it is not.
  private int killedIn = -1;

  private final StateStore store =
      new FakeStateStore(
          disk,
          () -> {
            mayBeKilled();
            return Optional.empty();
          });

  private void mayBeKilled() {
    if (killedIn >= 0 && killedIn-- == 0) {
      throw new AssertionError("killed");
    }
  }

  private Restore restore(NodeStores node) {
    return new Restore(
        new Restore.Parts(
            incoming,
            () -> Optional.of(node),
            data,
            new Front50() {
              @Override
              public Outcome<String> get(Endpoint front50, String path) {
                return Outcome.done("[]");
              }

              @Override
              public Outcome<String> post(Endpoint front50, String path, String json) {
                return Outcome.done("");
              }
            },
            new NoKeys(),
            store,
            new EventLog() {
              @Override
              public void append(AgentEvent event) {
                events.add(event);
              }

              @Override
              public List<AgentEvent> since(Instant from, int limit) {
                return events;
              }
            },
            () -> Nodes.AT,
            new SystemThreads(),
            problems::add));
  }

  private Outcome<String> restored(NodeStores node, String... parts) throws Exception {
    desk.report = Reports::ready;
    ArchiveTest.written(incoming.resolve("a.zip"), 1, parts);
    return restore(node)
        .begin(desk, new RestoreRequest("a.zip", "a.zip", false, false, "me"), _ -> {})
        .get(1, TimeUnit.MINUTES);
  }

  private Outcome<String> both() throws Exception {
    return restored(STANDALONE, BackupManifest.REDIS, BackupManifest.DATABASE);
  }

  private List<String> orders() {
    return desk.asked.stream().map(a -> a.replaceFirst(" .*", "")).toList();
  }

  @Test
  void all_is_loaded_before_anything_is_stopped() throws Exception {
    assertThat(both().whyFailed()).isEmpty();
    assertThat(data.done)
        .containsExactly(
            "redis begin",
            "put redis.rdb",
            "redis load",
            "postgres begin",
            "put front50.dump",
            "postgres load",
            "redis swap",
            "postgres swap",
            "redis done",
            "postgres done");
    assertThat(orders()).startsWith("stop", "start");
    assertThat(disk).doesNotContainKey("restore");
  }

  @Test
  void what_cannot_be_loaded_stops_nothing() throws Exception {
    data.failing = "postgres load";
    assertThat(both().whyFailed().orElseThrow().message())
        .contains("nothing was stopped or changed", "postgres: no room left");
    assertThat(orders()).isEmpty();
    assertThat(data.done).endsWith("redis back", "postgres back");
    assertThat(disk).doesNotContainKey("restore");
  }

  @Test
  void what_fails_in_the_middle_is_put_back_and_started() throws Exception {
    data.failing = "postgres swap";
    assertThat(both().whyFailed().orElseThrow().message())
        .contains("not restored; the former state was put back", "no room left");
    assertThat(orders()).containsExactly("stop", "stop", "start");
    assertThat(data.done).endsWith("redis swap", "postgres swap", "redis back", "postgres back");
    assertThat(disk).doesNotContainKey("restore");
    assertThat(events).extracting(AgentEvent::what).contains("restore failed");
  }

  @Test
  void what_cannot_be_put_back_now_is_tried_again_and_said() throws Exception {
    data.failing = "redis back";
    desk.report = Reports::ready;
    var left = left(Step.LOADING);
    assertThat(left.keep(store).whyFailed()).isEmpty();
    try (var next = restore(STANDALONE)) {
      next.start(desk);
      Awaitility.await().until(() -> problems.toString().contains("no room left"));
      assertThat(disk).containsKey("restore");
    }
  }

  @Test
  void the_next_agent_goes_back_before_the_swap_and_on_after_it() throws IOException {
    desk.report = Reports::ready;
    for (var step : List.of(Step.STOPPED, Step.SWAPPED)) {
      data.done.clear();
      assertThat(left(step, "gate").keep(store).whyFailed()).isEmpty();
      try (var next = restore(STANDALONE)) {
        next.start(desk);
        Awaitility.await().until(() -> !disk.containsKey("restore"));
        assertThat(data.done).containsExactly(step == Step.SWAPPED ? "redis done" : "redis back");
      }
    }
    Awaitility.await().until(() -> events.size() == 2);
    assertThat(events)
        .extracting(AgentEvent::what)
        .containsExactly("interrupted restore undone", "interrupted restore completed");
  }

  /// Services that do not come up are a matter of their own: it is told that the data is back.
  @Test
  void what_is_undone_is_told_before_all_services_are_up() {
    desk.report = Reports::ready;
    desk.next = new CompletableFuture<>();
    assertThat(left(Step.SWAPPED, "gate").keep(store).whyFailed()).isEmpty();
    try (var next = restore(STANDALONE)) {
      next.start(desk);
      Awaitility.await().until(() -> events.size() == 1 && problems.getLast().isEmpty());
      assertThat(disk).containsKey("restore");
    }
  }

  /// An agent that is killed before it could ask for the start leaves that to the next one.
  @Test
  void what_is_not_started_yet_is_started_by_the_next() throws Exception {
    what_is_undone_is_told_before_all_services_are_up();
    data.done.clear();
    desk.asked.clear();
    desk.next = CompletableFuture.completedFuture(Outcome.done("up"));
    try (var next = restore(STANDALONE)) {
      next.start(desk);
      Awaitility.await().until(() -> !disk.containsKey("restore"));
    }
    assertThat(orders()).containsExactly("start");
    assertThat(data.done).isEmpty();
  }

  @Test
  void killed_at_any_of_its_steps_it_is_ended_by_the_next() throws Exception {
    var ends = new ArrayList<String>();
    for (var step = 0; step < 100 && !ends.contains("all of it"); step++) {
      data.done.clear();
      desk.asked.clear();
      events.clear();
      killedIn = step;
      ends.add(wasKilled() ? endOfTheNext() : "all of it");
    }
    assertThat(ends).hasSizeBetween(14, 20).startsWith("nothing").endsWith("all of it");
    assertThat(ends).contains("interrupted restore undone", "interrupted restore completed");
    assertThat(ends.subList(1, ends.size() - 1)).doesNotContain("nothing");
  }

  private boolean wasKilled() throws Exception {
    try {
      assertThat(both().whyFailed()).isEmpty();
      return false;
    } catch (ExecutionException e) {
      assertThat(e).hasRootCauseMessage("killed");
      return true;
    }
  }

  private String endOfTheNext() {
    if (!disk.containsKey("restore")) {
      assertThat(orders()).isEmpty();
      return "nothing";
    }
    try (var next = restore(STANDALONE)) {
      next.start(desk);
      Awaitility.await().until(() -> !disk.containsKey("restore"));
    }
    var asked = orders();
    assertThat(asked.isEmpty() || asked.getLast().equals("start")).as(asked + "").isTrue();
    assertThat(lastOf("redis")).isEqualTo(lastOf("postgres")).isIn("back", "done");
    return events.getLast().what();
  }

  private String lastOf(String store) {
    return data.done.stream()
        .filter(d -> d.startsWith(store))
        .reduce((_, last) -> last)
        .orElse("")
        .replaceFirst(".* ", "");
  }

  private static RestoreRecord left(Step step, String... stopped) {
    return new RestoreRecord(step, "before-restore-X", "a.zip", List.of("redis"), List.of(stopped));
  }

  @Test
  void another_stacks_backup_touches_nothing() throws Exception {
    var other =
        new NodeStores(
            "spinnaker",
            "dev",
            "standalone",
            "i-0abc",
            "",
            STANDALONE.containers(),
            false,
            Optional.empty());
    assertThat(restored(other, BackupManifest.REDIS).whyFailed().orElseThrow().kind())
        .isEqualTo(Failure.Kind.INVALID);
    assertThat(data.done).isEmpty();
    assertThat(orders()).isEmpty();
  }
}
