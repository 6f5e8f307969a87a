package io.armory.agent.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.http.HttpFront.HealthSources;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.testing.GroupReports;
import io.armory.agent.testing.Reports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The status page in a real browser. Screenshots are left in `target/screenshots` for people.
class StatusPageIT {
  private static final Path SCREENSHOTS = Path.of("target/screenshots");
  @AutoClose private static final HttpFront FRONT = HttpFront.open();
  private static volatile HealthReport report = Reports.ready(Reports.NOW);
  private static volatile List<AgentEvent> events = List.of();
  private static final int PORT = serve(false);

  @TempDir Path profile;

  private static int serve(boolean details) {
    var sources =
        new HealthSources(
            () -> report,
            report -> report,
            new Metrics(),
            () -> report.at(),
            () -> events,
            details);
    return switch (FRONT.serveHealth("127.0.0.1", 0, Path.of("agent.yaml"), sources)) {
      case Outcome.Done<Integer>(var port) -> port;
      case Outcome.Failed<Integer>(var failure) -> throw new AssertionError(failure.message());
    };
  }

  @Test
  void a_person_sees_what_is_wrong_and_since_when() throws Exception {
    report = Reports.troubled(Instant.now());
    var page = dump();
    assertThat(page)
        .contains(
            "✗ Not ready for 3",
            "front50 is down: connection refused",
            "last failure 4",
            "3 restarts",
            "start container spinnaker-front50-1 (exited with code 1)",
            "gate: waits for front50",
            "<span class=\"version\">",
            "<title>✗ front50 · preprod · i-0abc</title>")
        .doesNotContain("hunter2");
    assertThat(page.indexOf(">front50<"))
        .as("what is down comes first")
        .isLessThan(page.indexOf(">redis<"));
  }

  /// Where the site says that all who reach the port may read it.
  @Test
  void a_person_sees_what_was_written_last_and_what_changes() throws Exception {
    var port = serve(true);
    report = Reports.troubled(Instant.now());
    assertThat(dump(port)).contains("Starting…\njava.net.ConnectException: s3");
    report = Reports.awaiting(Reports.NOW);
    assertThat(dump(port)).contains("VERSION");
  }

  @Test
  void a_ready_node_is_plainly_ready() throws Exception {
    report = Reports.ready(Reports.NOW);
    assertThat(dump())
        .contains(
            "✓ Ready for 2 h 3 min",
            "all 3 services are up",
            "<title>✓ ready · preprod · i-0abc</title>");
  }

  @Test
  void what_services_use_is_beside_their_limits() throws Exception {
    report = Reports.measured(Reports.NOW);
    assertThat(dump())
        .contains("CPU 123 % of 200 %, memory 1.2 GiB of 2.0 GiB (61 %)", "memory 12 MiB<");
  }

  @Test
  void what_waits_for_approval_is_under_attention() throws Exception {
    report = Reports.awaiting(Reports.NOW);
    assertThat(dump())
        .contains(
            "✓ Ready for 2 h 3 min",
            "revision 77aa01b waits for approval: armory-agent approve; its images are here")
        .doesNotContain("VERSION");
  }

  @Test
  void a_release_that_is_held_up_or_rejected_is_not_green_though_the_node_is_ready()
      throws Exception {
    for (var lagging : List.of(Reports.heldUp(Reports.NOW), Reports.rejected(Reports.NOW))) {
      report = lagging;
      assertThat(dump())
          .contains(
              "class=\"busy\"",
              "but not as asked",
              "<title>! not as asked · preprod · i-0abc</title>")
          .containsOnlyOnce("</span> " + lagging.shortfall().orElseThrow())
          .doesNotContain("<p>" + lagging.shortfall().orElseThrow())
          // The page's own script knows the word, too.
          .doesNotContain("<h1>✓", "<title>✓");
    }
  }

  @Test
  void a_node_that_goes_out_of_service_on_purpose_looks_like_no_trouble() throws Exception {
    report = Reports.draining(Reports.NOW, Drain.Step.WAITING);
    assertThat(dump())
        .contains(
            "<h1>… Draining for 1 min 35 s</h1>",
            "asked for by ann",
            "waits for orca: 2 messages in hand",
            "armory-agent start undoes it",
            "<title>… draining · preprod · i-0abc</title>");

    report = Reports.draining(Reports.NOW, Drain.Step.STOPPED);
    assertThat(dump())
        .contains(
            "<h1>Drained, out of service for 1 min 35 s</h1>",
            "<title>drained · preprod · i-0abc</title>");
  }

  @Test
  void who_polls_and_how_the_shared_redis_is_can_be_seen() throws Exception {
    report = GroupReports.elected(Reports.NOW);
    assertThat(dump())
        .contains(
            "remote Redis redis.internal:6379 answers in 0.4 ms",
            "poller: i-0def for 8 min 20 s",
            "redis.internal:6379 has maxmemory-policy allkeys-lru",
            "stands by: i-0def was elected");

    report = GroupReports.outage(Reports.NOW);
    assertThat(dump())
        .contains(
            "the remote Redis, which all nodes share, is out for 34 s",
            "remote Redis redis.internal:6379 down for 34 s",
            "poller: i-0abc (this node) for 10 min",
            "asks again every second");
  }

  @Test
  void text_from_containers_is_text() throws Exception {
    var at = Instant.now();
    report =
        Reports.report(
            at,
            HealthReport.Phase.REPAIRING,
            new HealthReport.Verdict(false, "<img src=x onerror=alert(1)>", at),
            List.of(Reports.up("<script>alert(2)</script>", at)),
            Reports.troubled(at).plan(),
            List.of());
    assertThat(dump())
        .contains("&lt;img src=x onerror=alert(1)&gt;", "&lt;script&gt;alert(2)&lt;/script&gt;")
        .doesNotContain("<img", "<script>alert");
  }

  @ParameterizedTest
  @CsvSource({
    "troubled-desktop-light,1200,900,1",
    "everything-phone-dark,500,1100,0",
    "unknown-phone-light,500,700,1",
    "awaiting-phone-light,500,900,1",
    "measured-desktop-light,1200,700,1"
  })
  void it_looks_right(String name, int width, int height, int scheme) throws Exception {
    look(name, width, height, scheme);
  }

  /// The same reports as above, in other sizes and colours, for people to look at.
  @ParameterizedTest
  @CsvSource({
    "troubled-desktop-dark,1200,900,0",
    "troubled-phone-light,500,900,1",
    "elected-desktop-light,1200,700,1",
    "outage-phone-dark,500,900,0",
    "ready-desktop-light,1200,700,1",
    "draining-desktop-light,1200,700,1",
    "rolling-phone-light,500,900,1",
    "rolling-desktop-dark,1200,800,0",
    "rejected-desktop-light,1200,800,1",
    "rejected-phone-dark,500,900,0",
    "group-desktop-light,1200,800,1",
    "group-phone-dark,500,1000,0"
  })
  @EnabledIfSystemProperty(
      named = "armory.long",
      matches = "true",
      disabledReason = "./dev test --long")
  void it_looks_right_in_all_sizes(String name, int width, int height, int scheme)
      throws Exception {
    look(name, width, height, scheme);
  }

  @Test
  void nodes_of_a_group_are_no_alarm_and_nothing_is_said_twice() throws Exception {
    report = GroupReports.inLine(Reports.NOW);
    assertThat(dump())
        .contains("Nodes that share the Redis", "changing</span> i-0abc, ha, revision r1")
        .contains("not ready</span> i-0fff, gate, revision q7: gate is down");
    report = Reports.unready(Reports.NOW, new Problem("identity", "IMDS is away", "mend it"));
    assertThat(dump()).containsOnlyOnce("IMDS is away");
  }

  @Test
  void what_happened_last_is_told_without_steps_and_reasons() throws Exception {
    var at = Instant.now();
    report = Reports.ready(at);
    events =
        List.of(
            new AgentEvent(
                at.minusSeconds(90), "killed", "gate", "gate was killed", "hunter2", null),
            new AgentEvent(at, "action", "gate", "start container gate", "it is down", null));
    assertThat(dump())
        .contains("What happened", "gate: gate was killed", "1 min 30 s ago")
        .doesNotContain("hunter2", "start container gate");
  }

  private void look(String name, int width, int height, int scheme) throws Exception {
    var at = Instant.now();
    events =
        List.of(
            new AgentEvent(
                at.minusSeconds(7000), "revision", "", "revision 3f2a91c is healthy", "", null),
            new AgentEvent(at.minusSeconds(300), "state", "front50", "up → down", "", null),
            new AgentEvent(
                at.minusSeconds(90),
                "operator",
                "",
                "maintenance until 2026-01-31T14:00:00Z",
                "",
                null));
    report =
        switch (name.substring(0, name.indexOf('-'))) {
          case "ready" -> Reports.ready(at);
          case "measured" -> Reports.measured(at);
          case "awaiting" -> Reports.awaiting(at);
          case "everything" -> Reports.everything(at);
          case "unknown" -> Reports.unknown(at);
          case "elected" -> GroupReports.elected(at);
          case "draining" -> Reports.draining(at, Drain.Step.WAITING);
          case "rolling" -> Reports.heldUp(at);
          case "rejected" -> Reports.rejected(at);
          case "group" -> GroupReports.inLine(at);
          case "outage" -> GroupReports.outage(at);
          default -> Reports.troubled(at);
        };
    Files.createDirectories(SCREENSHOTS);
    var file = SCREENSHOTS.resolve(name + ".png").toAbsolutePath();
    Files.deleteIfExists(file);
    browse(
        PORT,
        "--screenshot=" + file,
        "--window-size=" + width + "," + height,
        "--blink-settings=preferredColorScheme=" + scheme);
    assertThat(Files.size(file)).isGreaterThan(5_000);
  }

  private String dump() throws Exception {
    return dump(PORT);
  }

  private String dump(int port) throws Exception {
    return browse(port, "--dump-dom");
  }

  /// What the browser prints, and that it refused nothing and met no error.
  private String browse(int port, String... options) throws IOException, InterruptedException {
    var command =
        new ArrayList<>(
            List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--enable-logging=stderr",
                "--virtual-time-budget=3000",
                "--user-data-dir=" + profile));
    command.addAll(List.of(options));
    command.add("http://127.0.0.1:" + port + "/");
    var out = profile.resolve("out.txt");
    var err = profile.resolve("err.txt");
    var process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("the browser ends").isTrue();
    assertThat(Files.readString(err, StandardCharsets.UTF_8))
        .as("the browser's console")
        .doesNotContain("Refused to", "Content Security Policy", "Uncaught", "CONSOLE");
    return Files.readString(out, StandardCharsets.UTF_8);
  }
}
