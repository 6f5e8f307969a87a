package io.armory.agent.adapter.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.ProbeResult.Standing;
import io.armory.agent.domain.stack.ProbeSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every answer there is, and what it says of the one that gave it: only what says nothing, or that
/// it is itself out of order, may be restarted for it.
@Timeout(60)
class SocketProbeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<String> answers = Collections.synchronizedList(new ArrayList<>());
  private final List<Socket> clients = Collections.synchronizedList(new ArrayList<>());
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    var _ = Thread.ofVirtual().start(this::serve);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    for (var client : clients) {
      client.close();
    }
  }

  /// One answer to each question; after the last it hangs up, or is silent if it has none.
  private void serve() {
    try {
      var client = server.accept();
      clients.add(client);
      if (answers.isEmpty()) {
        return;
      }
      for (var answer : answers) {
        if (client.getInputStream().read(new byte[4096]) < 0) {
          return;
        }
        client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
        client.getOutputStream().flush();
      }
      client.close();
    } catch (IOException e) {
      if (!server.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "+PONG|WELL|answers PING",
        "-NOAUTH Authentication required.|WELL|answers PING, and wants a login",
        "-WRONGPASS invalid username-password pair|WELL|answers PING, and wants a login",
        "-NOPERM this user has no permissions to run the 'ping' command|WELL|answers PING, and"
            + " wants a login",
        "-BUSY Redis is busy running a script. You can only call SCRIPT KILL.|AILING|runs a script"
            + " and answers nobody meanwhile",
        "-MASTERDOWN Link with MASTER is down|AILING|is a replica that has lost its primary",
        "-MISCONF Redis is configured to save RDB snapshots, but|AILING|cannot save to its disk and"
            + " takes no writes: make room there",
        "-READONLY You can't write against a read only replica.|AILING|is a read-only replica",
        "-OOM command not allowed when used memory > 'maxmemory'.|AILING|has used all the memory it"
            + " may and takes no writes",
        "-MISCONF Errors writing to the AOF file: No space left on device|AILING|cannot save to its"
            + " disk and takes no writes: make room there",
        "-NOREPLICAS Not enough good replicas to write.|AILING|has too few replicas and takes no"
            + " writes",
        "-MOVED 0 10.0.0.2:6379|AILING|answers MOVED 0 10.0.0.2:6379",
        "-INPROG Failover already in progress|AILING|answers INPROG Failover already in progress",
        "-UNKILLABLE Sorry the script already executed write commands|AILING|answers UNKILLABLE"
            + " Sorry the script already executed write commands",
        "-NOPROTO unsupported protocol version|AILING|answers NOPROTO unsupported protocol version",
        "-IOERR error or timeout|AILING|answers IOERR error or timeout",
        "-ERR Protocol error: too big inline request|AILING|answers ERR Protocol error: too big"
            + " inline request",
        "-BUSYING nobody knows|AILING|answers BUSYING nobody knows",
        "+OK|AILING|does not speak Redis",
        ":1|AILING|does not speak Redis",
        "*0|AILING|does not speak Redis",
        "$-1|AILING|does not speak Redis",
        "#t|AILING|does not speak Redis",
        "-CLUSTERDOWN Hash slot not served|AILING|is in cluster mode, and its cluster is down",
        "-DENIED Redis is running in protected mode because|AILING|refuses clients that are not on"
            + " its own machine: its protected mode",
        "-ERR max number of clients reached|AILING|has no connection left: maxclients is reached",
        "-ERR unknown command 'PING'|AILING|answers ERR unknown command 'PING'",
        "-SOMETHING new|AILING|answers SOMETHING new",
        "HTTP/1.1 400 Bad Request|AILING|speaks HTTP on this port, not Redis",
        "SSH-2.0-OpenSSH_9.2|AILING|does not speak Redis",
      })
  void every_answer_of_a_redis_means_that_it_is_alive(
      String answer, Standing standing, String detail) {
    answers.add(answer + "\r\n");
    heard(ProbeSpec.Redis::new, standing, detail);
  }

  @Test
  void a_redis_that_loads_says_how_far_it_is() {
    var info = "loading:1\r\nloading_loaded_perc:31.25\r\nloading_eta_seconds:14\r\n";
    answers.add("-LOADING Redis is loading the dataset in memory\r\n");
    answers.add("$" + info.length() + "\r\n" + info + "\r\n");
    heard(ProbeSpec.Redis::new, Standing.STARTING, "loads its data: 31.25 %, 14 s to go");
  }

  @Test
  void one_that_loads_and_says_no_more_is_starting_all_the_same() {
    answers.add("-LOADING Redis is loading the dataset in memory\r\n");
    answers.add("-NOPERM this user has no permissions to run the 'info' command\r\n");
    heard(ProbeSpec.Redis::new, Standing.STARTING, "loads its data");
  }

  @Test
  void a_tls_alert_is_an_answer() {
    answers.add("\u0015\u0003\u0001\u0000\u0002\u0002F");
    heard(ProbeSpec.Redis::new, Standing.AILING, "speaks TLS on this port, and is asked without");
  }

  @Test
  void who_closes_at_once_has_said_nothing() {
    answers.add("");
    heard(ProbeSpec.Redis::new, Standing.SILENT, "closed the connection without an answer");
  }

  @Test
  void who_says_nothing_is_silent() {
    assertThat(ask(new ProbeSpec.Redis(port()), Duration.ofMillis(200)))
        .satisfies(r -> {
          assertThat(r.standing()).isEqualTo(Standing.SILENT);
          assertThat(r.detail()).isEqualTo("no answer in 200 ms");
        });
  }

  @Test
  void who_is_not_there_is_silent() throws IOException {
    int nobodys;
    try (var ended = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobodys = ended.getLocalPort();
    }
    assertThat(ask(new ProbeSpec.Postgres(nobodys), PATIENCE).detail())
        .isEqualTo("connection refused on port " + nobodys);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "57P03|the database system is starting up|STARTING",
        "57P03|the database system is in recovery mode|STARTING",
        "57P01|terminating connection due to administrator command|STARTING",
        "53300|sorry, too many clients already|AILING",
        "53100|could not write init file|AILING",
        "57P05|terminating connection due to idle-session timeout|AILING",
        "XX000|something is badly wrong|AILING",
      })
  void every_refusal_of_a_postgres_means_that_it_is_alive(
      String code, String words, Standing standing) {
    answers.add(refusal(code, words));
    heard(ProbeSpec.Postgres::new, standing, words + " (" + code + ")");
  }

  @ParameterizedTest
  @CsvSource({"28P01", "28000", "3D000"})
  void a_postgres_that_refuses_our_login_serves(String code) {
    answers.add(refusal(code, "no"));
    heard(ProbeSpec.Postgres::new, Standing.WELL, "answers, and wants another login");
  }

  @Test
  void a_postgres_that_asks_for_a_login_serves() {
    answers.add("R\0\0\0\u0017\0\0\0\nSCRAM-SHA-256\0\0");
    heard(ProbeSpec.Postgres::new, Standing.WELL, "answers, and asks for a login");
  }

  @ParameterizedTest
  @CsvSource({"HTTP/1.1 400 Bad Request", "-ERR unknown command", "Elsewhere is an answer too"})
  void what_is_no_postgres_is_alive_too(String answer) {
    answers.add(answer + "\r\n\r\n");
    heard(ProbeSpec.Postgres::new, Standing.AILING, "does not speak PostgreSQL");
  }

  @ParameterizedTest
  @CsvSource({
    "200, WELL",
    "204, WELL",
    "302, WELL",
    "401, AILING",
    "403, AILING",
    "404, AILING",
    "429, AILING",
    "500, FAILING",
    "502, FAILING",
    "503, FAILING",
    "504, FAILING",
  })
  void every_status_of_a_service(String status, Standing standing) {
    answers.add("HTTP/1.1 " + status + " Whatever\r\nContent-Length: 0\r\n\r\n");
    heard(
        port -> new ProbeSpec.Http(port, "/health"),
        standing,
        standing == Standing.WELL ? status : "answers " + status);
  }

  @Test
  void what_does_not_speak_http_is_alive() {
    answers.add("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    heard(port -> new ProbeSpec.Http(port, "/"), Standing.AILING, "does not speak HTTP");
  }

  private void heard(IntFunction<ProbeSpec.Check> check, Standing standing, String detail) {
    var result = ask(check.apply(port()), PATIENCE);
    assertThat(result.detail()).isEqualTo(detail);
    assertThat(result.standing()).isEqualTo(standing);
  }

  private static ProbeResult ask(ProbeSpec.Check check, Duration timeout) {
    return new SocketProbe()
        .ask(
            "127.0.0.1", new ProbeSpec(check, Duration.ofSeconds(1), timeout, Duration.ZERO, 3, 1));
  }

  private int port() {
    return server.getLocalPort();
  }

  private static String refusal(String code, String words) {
    var fields = "SFATAL\0VFATAL\0C" + code + "\0M" + words + "\0\0";
    var length = fields.length() + 4;
    return "E\0\0" + (char) (length >> 8) + (char) (length & 0xff) + fields;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 503 Down\\r\\nServer: x\\r\\n\\r\\n{\"status\":  \"DOWN\"}|503 {\"status\": \"DOWN\"}",
        "HTTP/1.1 503 \\r\\nContent-length: 4\\r\\n\\r\\ndown and more|503 down and more",
        "HTTP/1.0 500\\r\\n\\r\\n|500",
        "SSH-2.0|''",
      })
  void the_words_of_a_failed_check_are_kept(String answer, String words) {
    answers.add(answer.replace("\\r", "\r").replace("\\n", "\n"));
    assertThat(HealthBody.of("127.0.0.1", http())).isEqualTo(words);
  }

  /// Each byte is in time, and the words have no end.
  @Test
  void words_that_dribble_are_not_waited_for() throws IOException {
    server.close();
    try (var slow = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      server = slow;
      Thread.ofVirtual().start(() -> dribble(slow));
      var began = System.nanoTime();
      HealthBody.of("127.0.0.1", http());
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    }
  }

  private static void dribble(ServerSocket server) {
    try (var client = server.accept()) {
      client
          .getOutputStream()
          .write("HTTP/1.1 503 Down\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      while (true) {
        LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
        client.getOutputStream().write('x');
      }
    } catch (IOException e) {
      // It has heard enough.
    }
  }

  private ProbeSpec http() {
    return new ProbeSpec(
        new ProbeSpec.Http(port(), "/health"),
        Duration.ofSeconds(1),
        PATIENCE,
        Duration.ZERO,
        3,
        1);
  }
}
