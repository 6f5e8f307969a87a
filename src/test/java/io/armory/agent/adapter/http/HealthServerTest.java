package io.armory.agent.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.http.HttpFront.HealthSources;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.testing.GroupReports;
import io.armory.agent.testing.Reports;
import io.armory.agent.view.ReportJson.Audience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthServerTest {
  private static final Path FILE = Path.of("/etc/armory-agent/agent.yaml");
  @AutoClose private static final HttpFront FRONT = HttpFront.open();
  private static final Metrics METRICS = new Metrics();
  private static volatile HealthReport report = Reports.ready(Reports.NOW);
  private static volatile Instant now = Reports.NOW;
  private static final int PORT = serve();

  private static int serve() {
    var sources = new HealthSources(() -> report, report -> report, METRICS, () -> now);
    return switch (FRONT.serveHealth("127.0.0.1", 0, FILE, sources)) {
      case Outcome.Done<Integer>(var port) -> port;
      case Outcome.Failed<Integer>(var failure) -> throw new AssertionError(failure.message());
    };
  }

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void well() {
    now = Reports.NOW;
    report = Reports.ready(now);
  }

  private HttpResponse<String> get(String path) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PORT + path)).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void a_ready_node_says_so_everywhere() throws Exception {
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    assertThat(get("/health/ready").body())
        .isEqualTo(
            "{\"ready\":true,\"reason\":\"all 3 services are up\","
                + "\"since\":\"2026-01-31T09:57:00Z\",\"at\":\"2026-01-31T12:00:00Z\"}\n");
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/healthcheck").statusCode()).isEqualTo(200);
  }

  @Test
  void an_agent_that_has_not_looked_says_neither_ready_nor_not() throws Exception {
    report = Reports.undecided(now);
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PORT + "/health/ready"));
    var answer = client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    await().during(Duration.ofMillis(300)).until(() -> !answer.isDone());
    assertThat(get("/health/live").statusCode()).as("alive it is").isEqualTo(200);
    report = Reports.ready(now);
    assertThat(answer.join().statusCode()).isEqualTo(200);
    report = Reports.undecided(now);
    assertThat(get("/health/ready").statusCode()).as("not kept for ever").isEqualTo(503);
  }

  @Test
  void healthcheck_is_lighthouses_body() throws Exception {
    assertThat(get("/healthcheck").body())
        .isEqualTo(
            "{\"healthy\":true,\"systems\":{\"redis\":true,\"front50\":true,\"gate\":true,"
                + "\"host\":{\"diskUsage\":65.7}}}");
    report = Reports.troubled(now);
    var answer = get("/healthcheck");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(answer.body())
        .isEqualTo(
            "{\"healthy\":false,\"systems\":{\"redis\":true,\"front50\":false,\"gate\":false,"
                + "\"igor\":false,\"host\":{\"diskUsage\":65.7}}}");
  }

  @Test
  void a_node_in_trouble_is_not_ready_but_alive() throws Exception {
    report = Reports.troubled(now);
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    assertThat(get("/health/ready").body()).contains("front50 is down: connection refused");
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  void a_snapshot_older_than_5_s_is_neither_live_nor_ready() throws Exception {
    now = Reports.NOW.plusSeconds(5);
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    now = Reports.NOW.plusMillis(5001);
    for (var path : List.of("/health/live", "/health/ready", "/healthcheck")) {
      assertThat(get(path).statusCode()).as(path).isEqualTo(503);
    }
    assertThat(get("/health/live").body()).contains("agent loop stuck since 2026-01-31T12:00:00Z");
    assertThat(get("/health").body()).contains("agent loop stuck since");
    report = Reports.ready(now);
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void nothing_secret_is_on_the_port() throws Exception {
    report = Reports.troubled(now);
    for (var path :
        List.of("/health", "/healthcheck", "/health/ready", "/metrics", "/events", "/")) {
      assertThat(get(path).body()).as(path).doesNotContain("hunter2").doesNotContain("tag-secret");
    }
  }

  /// Where a site says that all who reach the port may read it.
  @Test
  void what_operators_read_is_on_the_port_where_the_site_says_so() {
    report = Reports.troubled(now);
    var answers = new HealthAnswers(() -> report, r -> r, () -> now, Audience.OPERATOR);
    assertThat(answers.current().health().body().toString()).contains("hunter2", "\"logLines\"");
  }

  @Test
  void the_report_is_serialized_once() throws Exception {
    var made = new AtomicInteger();
    var answers =
        new HealthAnswers(
            () -> {
              made.incrementAndGet();
              return report;
            },
            r -> r,
            () -> now,
            Audience.PUBLIC);
    assertThat(answers.current().health()).isSameAs(answers.current().health());
    assertThat(answers.current().ready()).isSameAs(answers.current().ready());
    var before = answers.current().ready();
    report = Reports.ready(now);
    assertThat(answers.current().ready()).isNotSameAs(before);
    assertThat(made).hasValueGreaterThan(4);
  }

  @Test
  void head_has_the_length_and_no_body_and_connections_are_kept() throws Exception {
    try (var http = new RawHttp(PORT)) {
      var head =
          "HEAD /health/ready HTTP/1.1\r\nHost: x\r\nUser-Agent: ELB-HealthChecker/2.0\r\n\r\n";
      var length = get("/health/ready").body().length();
      // No body follows: the next answer begins where the head ended.
      http.say(head + "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      var all = http.all();
      assertThat(all)
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("content-length: " + length + "\r\n");
      assertThat(all.split("HTTP/1.1 200 OK", -1)).hasSize(3);
      assertThat(all.indexOf("\r\n\r\nHTTP/1.1 200 OK")).isPositive();
      assertThat(all).endsWith("}\n");
    }
  }

  @Test
  void http_1_0_without_a_host_is_answered() throws Exception {
    try (var http = new RawHttp(PORT)) {
      assertThat(http.say("GET /health/ready HTTP/1.0\r\n\r\n").all())
          .startsWith("HTTP/1.0 200 OK");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"})
  void other_methods_are_refused(String method) throws Exception {
    try (var http = new RawHttp(PORT)) {
      var request = " /health/ready HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc";
      assertThat(http.say(method + request).all())
          .startsWith("HTTP/1.1 405 ")
          .contains("allow: GET, HEAD");
    }
  }

  @Test
  void a_body_that_never_ends_is_not_waited_for() throws Exception {
    try (var http = new RawHttp(PORT)) {
      var request = "GET /health/ready HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
      assertThat(http.say(request).all()).startsWith("HTTP/1.1 200 OK").endsWith("}\n");
    }
  }

  @Test
  void what_is_too_large_or_no_http_is_refused() throws Exception {
    try (var http = new RawHttp(PORT)) {
      var large = "GET / HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(65536) + "\r\n\r\n";
      assertThat(http.say(large).answer()).startsWith("HTTP/1.1 431 ");
    } catch (IOException e) {
      // The connection may be reset before all of it is read.
    }
    try (var http = new RawHttp(PORT)) {
      assertThat(http.say("GET /" + "a".repeat(8000) + " HTTP/1.1\r\n\r\n").answer())
          .matches("(?s)HTTP/1.. 414 .*");
    } catch (IOException e) {
      // Likewise.
    }
    try (var http = new RawHttp(PORT)) {
      assertThat(http.say("\u0016\u0003\u0001 hello\r\n\r\n").answer())
          .matches("(?s)HTTP/1.. 400 .*");
    }
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void unknown_paths_are_404_and_say_what_there_is() throws Exception {
    for (var path : List.of("/nothing", "/health/", "/../etc/passwd", "//", "/%00")) {
      var answer = get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(404);
      assertThat(answer.body()).contains("/health/ready");
    }
    assertThat(get("/health/ready?x=y").statusCode()).isEqualTo(200);
  }

  @Test
  void idle_and_dribbling_connections_do_no_harm() throws Exception {
    var open = new ArrayList<RawHttp>();
    try {
      for (var i = 0; i < 3 * Connections.MOST; i++) {
        var http = new RawHttp(PORT);
        open.add(http);
        if (i % 2 == 0) {
          http.say("GET /health/re");
        }
      }
      var started = System.nanoTime();
      assertThat(get("/health/ready").statusCode()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
      assertThat(open.getFirst().ended()).as("the oldest is given up").isTrue();
      assertThat(open.getLast().ended()).as("the newest is not").isFalse();
    } finally {
      for (var http : open) {
        http.close();
      }
    }
  }

  @Test
  void a_connection_in_use_outlives_idle_ones() throws Exception {
    var open = new ArrayList<RawHttp>();
    try (var busy = new RawHttp(PORT)) {
      for (var i = 0; i < Connections.MOST + 50; i++) {
        open.add(new RawHttp(PORT));
        if (i % 50 == 0) {
          busy.say("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
          assertThat(busy.answer()).startsWith("HTTP/1.1 200 OK");
        }
      }
      busy.say("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(busy.answer()).startsWith("HTTP/1.1 200 OK");
    } finally {
      for (var http : open) {
        http.close();
      }
    }
  }

  @Test
  void a_taken_port_names_who_has_it_and_what_to_change() throws Exception {
    try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      var sources = new HealthSources(() -> report, report -> report, METRICS, () -> now);
      var outcome = FRONT.serveHealth("127.0.0.1", other.getLocalPort(), FILE, sources);
      assertThat(outcome)
          .isEqualTo(
              Outcome.failed(
                  Failure.Kind.PORT_TAKEN,
                  "port %d is taken by java (pid %d); stop it, or change http.port in %s"
                      .formatted(other.getLocalPort(), ProcessHandle.current().pid(), FILE)));
    }
  }

  @Test
  void an_address_of_another_machine_is_said() {
    var sources = new HealthSources(() -> report, report -> report, METRICS, () -> now);
    assertThat(FRONT.serveHealth("192.0.2.1", 0, FILE, sources))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            f -> assertThat(f.failure().message()).contains("192.0.2.1", "change http.address"));
  }

  @Test
  void metrics_follow_the_report_and_forget_what_is_gone() throws Exception {
    METRICS.probed("gate", new ProbeResult(true, true, "200", Duration.ofMillis(12)));
    METRICS.reconciled(Duration.ofMillis(30));
    report = Reports.troubled(now);
    assertThat(get("/metrics").body())
        .contains(
            "armory_service_state{service=\"front50\",state=\"down\"} 1.0",
            "armory_service_state{service=\"front50\",state=\"up\"} 0.0",
            "armory_service_restarts{service=\"front50\"} 3.0",
            "armory_node_ready 0.0",
            "armory_agent_live 1.0",
            "armory_revision_info{current=\"3f2a91c\",wanted=\"3f2a91c\"} 1",
            "armory_revision_rejected 0.0",
            "armory_revision_waiting 0.0",
            "armory_revision_held 0.0",
            "armory_node_disk_usage_percent 65.72",
            "armory_probe_seconds_count{result=\"ok\",service=\"gate\"} 1",
            "armory_reconcile_seconds_count 1",
            "version=\"1.2.3\"",
            "jvm_memory_used_bytes");
    report = Reports.everything(now);
    assertThat(get("/metrics").body())
        .contains(
            "armory_scheduled_event_timestamp_seconds{code=\"system-reboot\",event=\"instance-event-0d59937288b749b32\"}");
    report = Reports.rejected(now);
    assertThat(get("/metrics").body())
        .contains(
            "armory_revision_info{current=\"3f2a91c\",wanted=\"77aa01b\"} 1",
            "armory_revision_rejected 1.0")
        .doesNotContain("armory_scheduled_event_timestamp_seconds{");
    report = Reports.ready(now);
    assertThat(get("/metrics").body())
        .contains("armory_node_ready 1.0")
        .doesNotContain("service=\"igor\"");
    report = Reports.awaiting(now);
    assertThat(get("/metrics").body())
        .contains(
            "armory_revision_info{current=\"3f2a91c\",wanted=\"77aa01b\"} 1",
            "armory_revision_waiting 1.0")
        .doesNotContain("wanted=\"3f2a91c\"");
    report = Reports.measured(now);
    assertThat(get("/metrics").body())
        .contains(
            "armory_service_memory_bytes{service=\"gate\"} 1.31072E9",
            "armory_service_memory_limit_bytes{service=\"gate\"} 2.147483648E9",
            "armory_service_cpu_seconds{service=\"gate\"} 90.5",
            "armory_service_cpu_limit{service=\"gate\"} 2.0",
            "armory_service_memory_bytes{service=\"redis\"} 1.2582912E7")
        .doesNotContain("limit_bytes{service=\"redis\"}", "memory_bytes{service=\"front50\"}");
    report = Reports.rejected(now);
    assertThat(get("/metrics").body()).contains("armory_revision_rejected 1.0");
  }

  @Test
  void metrics_say_how_the_shared_redis_is_and_who_polls_only_where_there_are_such()
      throws Exception {
    report = GroupReports.elected(now);
    assertThat(get("/metrics").body())
        .contains(
            "armory_redis_up{address=\"redis.internal:6379\"} 1.0",
            "armory_redis_latency_seconds{address=\"redis.internal:6379\"} 4.2E-4",
            "armory_poller_here 0.0",
            "armory_poller_token 7.0",
            "armory_service_state{service=\"igor-poller\",state=\"standby\"} 1.0");
    report = GroupReports.outage(now);
    assertThat(get("/metrics").body())
        .contains(
            "armory_redis_up{address=\"redis.internal:6379\"} 0.0",
            "armory_redis_latency_seconds{address=\"redis.internal:6379\"} NaN",
            "armory_poller_here 1.0");
    report = GroupReports.inLine(now);
    assertThat(get("/metrics").body())
        .contains(
            "armory_group_nodes 3.0",
            "armory_group_unavailable 2.0",
            "armory_group_waiting 1.0",
            "armory_group_held_back 0.0",
            "armory_group_turn_seconds{node=\"i-0abc\"} 75.0");
    report = Reports.ready(now);
    assertThat(get("/metrics").body())
        .doesNotContain("armory_redis_", "armory_poller_", "armory_group_");
  }

  @Test
  void the_page_lets_nothing_else_in() throws Exception {
    var page = get("/");
    assertThat(page.headers().firstValue("content-security-policy").orElse(""))
        .startsWith("default-src 'none'; script-src 'sha256-")
        .doesNotContain("unsafe");
    assertThat(page.body())
        .contains("<script>", "<style>")
        .doesNotContain("http://", "https://", " style=", " onclick=", " src=");
  }

  @Test
  void many_clients_at_once_are_all_answered() {
    var all = new ArrayList<CompletableFuture<Integer>>();
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PORT + "/health/ready")).build();
    for (var i = 0; i < 400; i++) {
      all.add(
          client
              .sendAsync(request, HttpResponse.BodyHandlers.ofString())
              .thenApply(HttpResponse::statusCode));
    }
    assertThat(all).allSatisfy(f -> assertThat(f.join()).isEqualTo(200));
  }
}
