package io.armory.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.http.HttpFront;
import io.armory.agent.config.Environment;
import io.armory.agent.domain.LogLine;
import io.armory.agent.testing.FakeControl;
import io.armory.agent.testing.FakeControl.Followed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `logs` from the command line through the real control socket; only the agent behind is a fake.
@Timeout(120)
class LogsOverControlSocketTest {
  private static final Instant AT = Instant.parse("2026-11-27T22:54:05.120Z");

  @TempDir Path root;

  @AutoClose private final HttpFront front = HttpFront.open();
  private final FakeControl control = new FakeControl();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void serve() {
    front.serveControl(socket(), control, InstantSource.system());
  }

  private Path socket() {
    return root.resolve("run/armory-agent/control.sock");
  }

  private int run(OutputStream to, String... arguments) {
    var terminal =
        new Terminal(
            new PrintStream(to, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            new Environment(Map.of("ARMORY_AGENT_ROOT", root.toString())));
    return Cli.run(arguments, terminal, new NothingLocal(), (_, _, _) -> 0);
  }

  private CompletableFuture<Integer> started(OutputStream to, String... arguments) {
    return CompletableFuture.supplyAsync(
        () -> run(to, arguments), task -> Thread.ofPlatform().daemon().start(task));
  }

  private Followed followed() throws InterruptedException {
    return Objects.requireNonNull(control.followed.poll(40, TimeUnit.SECONDS));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private static List<LogLine> line(String text) {
    return List.of(new LogLine(AT, text));
  }

  @Test
  void one_service_is_followed_in_plain_lines_and_all_with_the_name() throws Exception {
    var _ = started(out, "logs", "gate", "-f");
    followed().reader().take("gate", line("größer \033[31m"));
    await().until(() -> out().equals("größer  [31m\n"));
    out.reset();
    var _ = started(out, "logs", "--follow");
    followed().reader().take("gate", line("one"));
    await().until(() -> out().equals("gate | one\n"));
    assertThat(control.asked)
        .containsExactly(
            "follow [gate] 100 since 1970-01-01T00:00:00Z",
            "follow [] 10 since 1970-01-01T00:00:00Z");
  }

  @Test
  void timestamps_are_the_engines_with_all_digits() throws Exception {
    assertThat(run(out, "logs", "gate", "-t")).isZero();
    assertThat(out()).startsWith("1970-01-01T00:00:00.000000000Z gate line 1\n");
    out.reset();
    var _ = started(out, "logs", "-ft");
    followed().reader().take("gate", line("one"));
    await().until(() -> out().equals("gate | 2026-11-27T22:54:05.120000000Z one\n"));
  }

  @Test
  void json_is_one_object_a_line() throws Exception {
    var _ = started(out, "logs", "--json", "-f", "-n", "0");
    followed().reader().take("gate", line("\"quoted\"\t"));
    await().until(() -> out().equals("{\"service\":\"gate\",\"line\":\"\\\"quoted\\\"\\t\"}\n"));
    assertThat(control.asked).containsExactly("follow [] 0 since 1970-01-01T00:00:00Z");
    out.reset();
    var _ = started(out, "logs", "--json", "-f", "-t");
    followed().reader().take("gate", line("one"));
    await()
        .until(() ->
            out()
                .equals(
                    "{\"service\":\"gate\",\"at\":\"2026-11-27T22:54:05.120000000Z\",\"line\":\"one\"}\n"));
  }

  @Test
  void since_a_time_all_lines_are_meant_unless_a_number_is_given() throws Exception {
    var time = "2026-01-31T12:00:00Z";
    run(out, "logs", "gate", "--since", time);
    var _ = started(out, "logs", "-f", "--since", time);
    followed();
    var _ = started(out, "logs", "-f", "--since", time, "-n", "3");
    followed();
    assertThat(control.asked)
        .containsExactly(
            "logs gate 10000 since " + time,
            "follow [] " + Integer.MAX_VALUE + " since " + time,
            "follow [] 3 since " + time);
    assertThat(run(out, "logs", "--since", "yesterday")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("armory-agent: --since: ");
  }

  @Test
  void an_unknown_service_is_refused() {
    assertThat(run(out, "logs", "nosuch", "-f")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("armory-agent: no service nosuch\n");
  }

  @Test
  void an_agent_that_ends_ends_the_command_with_a_line() throws Exception {
    var running = started(out, "logs", "gate", "-f");
    var followed = followed();
    followed.reader().take("gate", line("one"));
    await().until(() -> !out().isEmpty());
    var before = System.nanoTime();

    front.close();

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    assertThat(running.get(40, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("armory-agent: the agent has ended, and with it what it was asked to follow\n");
    assertThat(followed.closed().await(40, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void a_pipe_that_is_closed_ends_the_command() throws Exception {
    var closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    var running = started(closed, "logs", "gate", "-f");
    var followed = followed();
    followed.reader().take("gate", line("one"));
    assertThat(running.get(40, TimeUnit.SECONDS)).isZero();
    assertThat(followed.closed().await(40, TimeUnit.SECONDS)).isTrue();
  }

  /// 64 KB are in the agent and some in the socket, whatever is written.
  @Test
  void a_client_that_does_not_read_holds_the_writer_up_until_it_reads_or_goes() throws Exception {
    var written = new AtomicLong();
    var client = new ControlClient(socket(), "ann");
    var query = Map.of("follow", "true", "service", "gate");
    client.ask(
        "GET",
        "/v1/logs",
        query,
        Duration.ZERO,
        answer -> {
          try {
            var followed = followed();
            var writer = Thread.ofVirtual().start(() -> writeForEver(followed, written));
            await().until(() -> writer.getState() == Thread.State.WAITING && written.get() > 0);
            var held = written.get();
            assertThat(held).isLessThan(2_000);
            answer.body().readNBytes(4_000_000);
            assertThat(written.get()).isGreaterThan(held);
            await().until(() -> writer.getState() == Thread.State.WAITING);
            return writer;
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    await().until(() -> written.get() < 0);
  }

  private static void writeForEver(Followed followed, AtomicLong lines) {
    try {
      while (followed.closed().getCount() > 0) {
        followed.reader().take("gate", line("x".repeat(999)));
        lines.incrementAndGet();
        followed.reader().awaitRoom();
      }
      lines.set(-1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
