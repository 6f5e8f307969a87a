package io.armory.agent.adapter.docker;

import static io.armory.agent.adapter.docker.SpokenEngine.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A routine look lists the containers, unless the engine's own memory of events proves that
/// nothing has happened since: then what was listed holds, and only then.
class EventMemoryTest {
  private static final Scope SCOPE = new Scope("p", Set.of(), Set.of(), Set.of());
  private static final String OLD = event(1_700_000_000_000_000_001L, "start", "c1");

  @TempDir Path directory;
  private @Nullable SpokenEngine server;
  private @Nullable DockerEngine engine;

  @BeforeEach
  void everythingIsKnown() throws IOException {
    var listening = new SpokenEngine(directory.resolve("engine.sock"));
    server = listening;
    engine = DockerEngine.open(listening.socket(), RegistryCredentials.ANONYMOUS);
    shows("running");
    remembers(OLD);
    seen(engine().observe(SCOPE));
    // The first time there is nothing to compare with.
    seen(engine().glance(SCOPE));
    assertThat(lists()).isEqualTo(2);
  }

  @AfterEach
  void end() throws IOException {
    engine().close();
    server().close();
  }

  @Test
  void as_long_as_nothing_happens_nothing_is_listed() {
    for (int i = 0; i < 5; i++) {
      assertThat(seen(engine().glance(SCOPE))).containsExactly("c1 RUNNING");
    }
    assertThat(lists()).isEqualTo(2);
    assertThat(server().asked("/events"))
        .hasSize(6)
        .last()
        .asString()
        .startsWith("/events?since=1700000000.000000001&until=");
  }

  @Test
  void checks_of_health_are_no_change_and_the_last_of_them_is_the_next_to_be_found() {
    var check = event(1_700_000_001_000_000_002L, "exec_create: curl -f localhost", "c1");
    var result = event(1_700_000_001_000_000_003L, "exec_die", "c1");
    remembers(OLD, check, result);
    seen(engine().glance(SCOPE));
    remembers(result);
    seen(engine().glance(SCOPE));
    assertThat(lists()).isEqualTo(2);
    assertThat(server().asked("/events")).last().asString().contains("since=1700000001.000000003");
  }

  /// Of another project's container or of none, too: it is cheaper to look than to know.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "die",
        "start",
        "oom",
        "health_status: unhealthy",
        "update",
        "disconnect",
        "rename",
        "tag",
        "prune",
        "reload",
        "execute",
        "unheard-of"
      })
  void whatever_else_happens_is_looked_at(String action) {
    shows("exited");
    remembers(OLD, event(1_700_000_001_000_000_000L, action, "n1"));
    assertThat(seen(engine().glance(SCOPE))).containsExactly("c1 EXITED");
    assertThat(lists()).isEqualTo(3);
    // That it was seen is known.
    seen(engine().glance(SCOPE));
    assertThat(lists()).isEqualTo(3);
  }

  /// As after a restart, or after more events than it remembers: its memory is left alone then.
  @Test
  void an_engine_that_does_not_remember_the_last_event_proves_nothing() {
    shows("exited");
    remembers(event(1_700_000_001_000_000_000L, "exec_die", "c1"));
    assertThat(seen(engine().glance(SCOPE))).containsExactly("c1 EXITED");
    seen(engine().glance(SCOPE));
    assertThat(lists()).isEqualTo(4);
    assertThat(server().asked("/events")).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "null",
        "<html></html>",
        "{\"message\":\"no\"}",
        "{\"Action\":\"exec_die\",\"timeNano\":\"soon\"}",
        "{\"Action\":7,\"timeNano\":-1}",
        "{\"timeNano\":1700000000000000001,\"Actor\":{\"ID\":\"c1\"}}",
        "{\"Action\":\"start\",\"timeNano\":17000000000000000010000000000,\"Actor\":[]}",
      })
  void an_answer_that_makes_no_sense_proves_nothing(String body) {
    isLookedAtAll(json(body));
    isLookedAtAll(json(OLD + body + "\n" + (body.isEmpty() ? "{" : "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hangs",
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n{\"Action\":\"…",
      })
  void an_answer_that_does_not_come_to_its_end_proves_nothing(String answer) {
    isLookedAtAll(answer);
  }

  @Test
  void of_a_memory_without_end_only_so_much_is_read() {
    isLookedAtAll(json(OLD + event(1_700_000_001_000_000_000L, "exec_die", "c1").repeat(2000)));
  }

  private void isLookedAtAll(String memory) {
    var before = lists();
    shows("exited");
    server().says("/events", memory);
    assertThat(seen(engine().glance(SCOPE))).containsExactly("c1 EXITED");
    assertThat(lists()).isEqualTo(before + 1);
  }

  private void shows(String state) {
    server()
        .says(
            "/containers/json",
            json(
                """
                [{"Id":"c1","Names":["/p-a-1"],"ImageID":"sha256:1","State":"%s","Status":"",\
                "Labels":{"com.docker.compose.service":"a"}}]\
                """
                    .formatted(state)));
    server()
        .says(
            "/containers/c1/json",
            json("{\"Id\":\"c1\",\"State\":{\"Status\":\"%s\"}}".formatted(state)));
  }

  private void remembers(String... events) {
    server().says("/events", json(Stream.of(events).collect(Collectors.joining())));
  }

  private static String event(long nanos, String action, String id) {
    return "{\"Type\":\"container\",\"Action\":\"%s\",\"Actor\":{\"ID\":\"%s\"},\"timeNano\":%d}\n"
        .formatted(action, id, nanos);
  }

  private static List<String> seen(Observation seen) {
    assertThat(seen).isInstanceOf(Observation.Observed.class);
    return ((Observation.Observed) seen)
        .containers().stream().map(c -> c.id() + " " + c.state()).toList();
  }

  private int lists() {
    return server().asked("/containers/json").size();
  }

  private SpokenEngine server() {
    return Objects.requireNonNull(server);
  }

  private DockerEngine engine() {
    return Objects.requireNonNull(engine);
  }
}
