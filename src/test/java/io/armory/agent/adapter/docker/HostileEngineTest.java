package io.armory.agent.adapter.docker;

import static io.armory.agent.adapter.docker.SpokenEngine.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What no engine in order says, in the place of one: nothing of it is taken for a node without
/// containers, nothing takes the agent's memory or keeps it waiting beyond its deadline, and the
/// engine is believed again as soon as it is in order.
class HostileEngineTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Scope SCOPE = new Scope("p", Set.of(), Set.of(), Set.of());

  private static final String LISTED =
      """
      [{"Id":"c1","Names":["/p-a-1"],"Image":"a","ImageID":"sha256:1","State":%s,"Status":"Up",\
      "Labels":%s}]\
      """;
  private static final String LABELS =
      "{\"com.docker.compose.project\":\"p\",\"com.docker.compose.service\":\"a\"}";

  @TempDir Path directory;
  private @Nullable SpokenEngine server;
  private @Nullable DockerEngine engine;

  @BeforeEach
  void listen() throws IOException {
    var listening = new SpokenEngine(directory.resolve("engine.sock"));
    server = listening;
    var deadlines = new DockerEngine.Deadlines(SOON, SOON, SOON, SOON, SOON, SOON);
    engine =
        DockerEngine.open(
            listening.socket(), RegistryCredentials.ANONYMOUS, deadlines, InstantSource.system());
  }

  @AfterEach
  void end() throws IOException {
    engine().close();
    server().close();
  }

  private SpokenEngine server() {
    return Objects.requireNonNull(server);
  }

  private DockerEngine engine() {
    return Objects.requireNonNull(engine);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "null",
        "\"\"",
        "0",
        "[[]]",
        "[null]",
        "[\"p-a-1\"]",
        "[{}]",
        "{\"message\":\"no\"}",
        "[{\"Id\":\"c1\"},",
        "[] []",
        "[\u0000]",
        "NaN",
        "<html></html>",
        "",
      })
  void a_list_that_is_none_is_not_a_node_without_containers(String body) {
    server().says("/containers/json", json(body));
    isRefused();
    isWellAgain();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n[]",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n[]\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]",
        "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n[]",
        "HTTP/1.1 302 Found\r\nLocation: /containers/json\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/9.9 999 what\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\u0000\u0001\u0002",
      })
  void what_is_no_answer_of_http_is_none_of_the_engine(String said) {
    server().says("/containers/json", said);
    isRefused();
    isWellAgain();
  }

  @Test
  void an_answer_that_is_deeper_than_any_is_none() {
    server().says("/containers/json", json("[".repeat(100_000) + "]".repeat(100_000)));
    isRefused();
    server().says("/containers/json", json("[1" + "0".repeat(100_000) + "]"));
    isRefused();
    isWellAgain();
  }

  /// Of one container everything that is no answer leaves that one unknown, and never away.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "{\"Id\":\"c1\",\"State\":\"running\"}",
        "{\"Id\":\"c1\",\"State\":{\"Status\":\"running\",\"StartedAt\":\"yesterday\"}}",
        "{\"Id\":\"c1\",\"Created\":1,\"State\":{\"Running\":\"yes\",\"Pid\":\"-\"}}",
        "{\"Id\":\"c1\",\"Name\":7,\"Config\":[],\"HostConfig\":\"\",\"NetworkSettings\":[],\"Mounts\":{}}",
        "{\"Id\":\"c1\",\"State\":{\"StartedAt\":\"+999999999-12-31T23:59:59Z\",\"ExitCode\":1e99}}",
        "{\"Id\":\"other\",\"Name\":\"/p-a-1\",\"State\":{}}",
        "{\"Id\":\"c1\",",
      })
  void a_container_that_cannot_be_read_is_there_all_the_same(String body) {
    server().says("/containers/json", json(LISTED.formatted("\"running\"", LABELS)));
    server().says("/containers/c1/json", json(body));
    switch (engine().observe(SCOPE)) {
      case Observation.Unavailable(_, var why) -> isOneLine(why.message());
      case Observation.Observed seen ->
          assertThat(seen.containers()).as(seen + "").extracting(c -> c.id()).containsExactly("c1");
    }
  }

  /// An image's registry may have written what the engine passes on.
  @Test
  void a_line_of_a_pull_that_does_not_end_is_not_kept() {
    server().says("/images/create", json("{\"status\":\"") + "…");
    var pull = new Action.PullImage("a", "registry.test/a:1", null);
    var outcome = engine().execute(pull, _ -> {});
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    isOneLine(((Outcome.Failed<String>) outcome).failure().message());
    assertThat(server().sent()).isLessThan(SpokenEngine.ENDLESS / 4);
  }

  @Test
  void an_event_that_does_not_end_is_not_kept_and_the_next_stream_is_heard() throws Exception {
    server().says("/events", json("{\"Action\":\"") + "…");
    Queue<EngineEvent> heard = new ConcurrentLinkedQueue<>();
    try (var _ = engine().watch("p", heard::add)) {
      await().atMost(Duration.ofSeconds(60)).until(() -> is(heard, "lost"));
      server().says("/events", json("{\"Action\":\"die\",\"Actor\":{\"ID\":\"c1\"}}\n"));
      await().atMost(Duration.ofSeconds(60)).until(() -> is(heard, "die"));
    }
    assertThat(server().sent()).isLessThan(SpokenEngine.ENDLESS / 4);
  }

  private static boolean is(Queue<EngineEvent> heard, String action) {
    return heard.stream().anyMatch(e -> e.action().equals(action));
  }

  private void isRefused() {
    var seen = engine().observe(SCOPE);
    assertThat(seen).isInstanceOf(Observation.Unavailable.class);
    isOneLine(((Observation.Unavailable) seen).why().message());
  }

  private static void isOneLine(String said) {
    assertThat(said).isNotBlank().hasSizeLessThan(500).doesNotMatch("(?s).*\\p{Cntrl}.*");
  }

  private void isWellAgain() {
    server().says("/containers/json", json("[]"));
    assertThat(engine().observe(SCOPE)).isInstanceOf(Observation.Observed.class);
  }
}
