package io.armory.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.http.HttpFront;
import io.armory.agent.config.Environment;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.testing.FakeControl;
import io.armory.agent.testing.Reports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real command line against the real control socket; only the agent behind it is a fake.
class CliOverControlSocketTest {
  @TempDir static Path root;

  private static final HttpFront FRONT = HttpFront.open();
  private static final FakeControl CONTROL = new FakeControl();

  @BeforeAll
  static void serve() {
    assertThat(FRONT.serveControl(socket(), CONTROL, InstantSource.system()))
        .isEqualTo(Outcome.done(socket()));
  }

  @AfterAll
  static void close() {
    FRONT.close();
    assertThat(socket()).doesNotExist();
  }

  @BeforeEach
  void reset() {
    CONTROL.asked.clear();
    CONTROL.history.clear();
    CONTROL.failures.clear();
    CONTROL.next = CompletableFuture.completedFuture(Outcome.done("done"));
    CONTROL.report = Reports::ready;
  }

  private static Path socket() {
    return root.resolve("run/armory-agent/control.sock");
  }

  private static CommandRun run(String... arguments) {
    return CommandRun.of(root, arguments);
  }

  @Test
  void doctor_says_what_to_do_and_exits_1_only_when_something_is_wrong() {
    var well = run("doctor");
    assertThat(well.exit()).isZero();
    assertThat(well.out())
        .isEqualTo(
            """
            fine    ready: all 3 services are up
            fine    docker: answers
            advice  tags: are not there; put them there
            fine    role: gate
            Nothing is wrong.
            """);
    var ill = CommandRun.of(root.resolve("ill"), "doctor");
    assertThat(ill.exit()).isEqualTo(1);
    assertThat(ill.out())
        .startsWith("advice  ready: not known: the agent is not running")
        .contains("WRONG   role: is unknown; set it\n1 of 4 are wrong.\n");
    assertThat(CommandRun.of(root.resolve("ill"), "doctor", "--json").out())
        .startsWith("{\"fine\":false,\"checks\":[{\"subject\":\"ready\",\"result\":\"advice\"")
        .contains("{\"subject\":\"docker\",\"result\":\"fine\"");
  }

  @Test
  void doctor_begins_with_what_the_agent_says_and_never_ends_well_on_a_node_that_is_not_ready() {
    CONTROL.report = Reports::troubled;
    var ill = run("doctor");
    assertThat(ill.exit()).isEqualTo(1);
    assertThat(ill.out())
        .startsWith("WRONG   ready: this node is not ready: front50 is down: connection refused")
        .contains("armory-agent logs front50", "armory-agent start igor", "unknown key a")
        .doesNotContain("Nothing is wrong");
  }

  @Test
  void what_failed_keeps_its_words_though_it_is_gone() {
    assertThat(run("logs", "gate", "--failed").exit()).isNotZero();
    assertThat(run("logs", "--failed", "--json").out()).isEqualTo("[]\n");
    CONTROL.failures.add(
        new Evidence(
            Instant.parse("2026-01-31T12:00:00Z"),
            "gate",
            "77aa01b",
            "answers 503",
            "0123456789abcdef",
            "spinnaker-gate-1",
            "gate:1",
            "gate:2",
            "exited with code 1",
            "503 {\"status\":\"DOWN\"}",
            List.of("no bucket", "bye")));
    assertThat(run("logs", "gate", "--failed").out())
        .isEqualTo(
            """
            gate failed with revision 77aa01b at 2026-01-31T12:00:00Z: answers 503
              image      gate:1 → gate:2
              container  spinnaker-gate-1 exited with code 1
              answered   503 {"status":"DOWN"}
              | no bucket
              | bye
            """);
    assertThat(run("logs", "--failed", "--json").out())
        .contains("\"imageBefore\":\"gate:1\"", "\"lines\":[\"no bucket\",\"bye\"]");
    assertThat(run("logs", "orca", "--failed").err()).contains("no revision has failed by orca");
  }

  @Test
  void pull_of_a_role_asks_no_agent() {
    var result = CommandRun.of(root.resolve("nowhere"), "pull", "--role", "ha");
    assertThat(result.exit()).isZero();
    assertThat(result.out()).isEqualTo("image: here\n1 images are here\n");
    var unknown = run("pull", "--role", "none");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err()).isEqualTo("armory-agent: there is no role none\n");
    assertThat(CONTROL.asked).isEmpty();
  }

  @Test
  void support_bundle_is_the_owners_alone_and_masks_what_the_node_says() throws Exception {
    var file = root.resolve("bundle.tar.gz");
    var result = run("support-bundle", "-o", file.toString());
    assertThat(result.exit()).isZero();
    assertThat(result.out()).isEqualTo(file + "\n");
    assertThat(result.err()).contains("armory-agent: not in it: journal: not here\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    var tar = new ProcessBuilder("tar", "-xzOf", file.toString()).start();
    var text = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tar.waitFor()).isZero();
    assertThat(text)
        .contains("full of ********", "\"REDIS_PASSWORD\"", "name: spinnaker", "READY for ")
        .doesNotContain("PLANTED", "hunter2");
    assertThat(run("support-bundle", "-o", file.toString()).exit()).isEqualTo(2);
  }

  @Test
  void support_bundle_goes_to_s3_or_stays() throws Exception {
    var there = run("support-bundle", "-o", "s3://acme/support/");
    assertThat(there.exit()).isZero();
    assertThat(there.out()).matches("s3://acme/support/armory-agent-support-\\S+\\.tar\\.gz\n");
    var whole = run("support-bundle", "-o", "s3://acme/mine.tar.gz");
    assertThat(whole.out()).isEqualTo("s3://acme/mine.tar.gz\n");

    var refused = run("support-bundle", "-o", "s3://closed");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("AccessDenied; the bundle stays on the node, as /");
    var file = Path.of(refused.err().strip().replaceFirst("(?s).*, as ", ""));
    assertThat(file).isNotEmptyFile();
    Files.delete(file);
    Files.delete(file.getParent());
    assertThat(run("support-bundle", "-o", "s3://A").exit()).isEqualTo(2);
  }

  @Test
  void the_agent_is_told_of_a_backup_by_hand() {
    assertThat(run("backup", "--to", "/mnt/a.zip").out()).isEqualTo("/mnt/a.zip\nredis\n");
    assertThat(CONTROL.asked.getLast()).startsWith("backed up to /mnt/a.zip by ");
    assertThat(CommandRun.of(root.resolve("nowhere"), "backup").exit()).isZero();
  }

  @Test
  void support_bundle_without_an_agent_says_what_is_missing() {
    var nowhere = root.resolve("nowhere");
    var file = root.resolve("alone.tar.gz");
    var result = CommandRun.of(nowhere, "support-bundle", "-o", file.toString());
    assertThat(result.exit()).isZero();
    assertThat(result.err()).contains("not in it: agent/status.txt: the agent is not running");
    assertThat(file).isNotEmptyFile();
  }

  @Test
  void answers_fit_run_command() {
    for (var i = 0; i < 1000; i++) {
      CONTROL.history.add(
          new AgentEvent(
              Instant.ofEpochSecond(i), "state", "gate", "up → down " + i, "x".repeat(100), null));
    }
    var events = run("events", "--limit", "1000").out();
    assertThat(events.length()).isLessThan(24_000);
    assertThat(events).startsWith("… cut here; --json tells all\n").contains("down 999");
    assertThat(run("events", "--limit", "1000", "--json").out()).contains("down 0\"");
    CONTROL.progress = 2_000;
    var sync = run("sync");
    assertThat(sync.out().length()).isLessThan(24_000);
    assertThat(sync.out())
        .contains("… goes on; armory-agent events tells all\n")
        .endsWith("done\n");
    CONTROL.progress = 0;
    CONTROL.next =
        CompletableFuture.completedFuture(
            Outcome.failed(Failure.Kind.INVALID, "a.yml:1: wrong\n".repeat(2_000)));
    assertThat(run("sync").err()).hasSizeLessThan(8_000).endsWith("… cut here\n");
  }

  @Test
  void status_of_a_ready_node_exits_0() {
    var result = run("status");
    assertThat(result.exit()).isZero();
    assertThat(result.out()).matches("(?s)READY for 2 h [23] min.*").contains("front50");
    assertThat(result.out()).as("nobody looks at a screen").containsPattern("FACT +VALUE +FROM");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void status_of_a_troubled_node_exits_1_and_says_why() {
    CONTROL.report = Reports::troubled;
    var result = run("status");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).contains("NOT READY", "front50 is down: connection refused");
  }

  @Test
  void status_of_a_stuck_agent_exits_1() {
    CONTROL.report = at -> Reports.ready(at.minusSeconds(60));
    var result = run("status", "--json");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).contains("agent loop stuck since");
  }

  @Test
  void the_fast_path_understands_the_usual_forms_alone() {
    var none = new Environment(Map.of());
    for (var form :
        List.of(
            "status --watch",
            "--help",
            "sync",
            "status extra",
            "--root",
            "",
            "run --json",
            "run --debug",
            "run status",
            "--root /x")) {
      assertThat(PlainCommand.of(form.split(" ", -1), none)).as(form).isNull();
    }
    var nowhere = root.resolve("nowhere").toString();
    var status = PlainCommand.of(new String[] {"--root", nowhere, "status"}, none);
    assertThat(status).isNotNull();
    assertThat(StatusQuery.run(status, none)).isEqualTo(3);
    assertThat(PlainCommand.of(new String[] {"status", "--json"}, none))
        .isEqualTo(new PlainCommand(PlainCommand.Name.STATUS, Path.of("/"), true));
    assertThat(PlainCommand.of(new String[] {"run", "--root", "/x"}, none))
        .isEqualTo(new PlainCommand(PlainCommand.Name.RUN, Path.of("/x"), false));
  }

  @Test
  void a_dead_agents_socket_file_counts_as_not_running() throws IOException {
    var other = root.resolve("dead");
    var file = other.resolve("run/armory-agent/control.sock");
    Files.createDirectories(file.getParent());
    try (var server =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      server.bind(java.net.UnixDomainSocketAddress.of(file));
    }
    assertThat(file).exists();
    assertThat(CommandRun.of(other, "status").exit()).isEqualTo(3);
    try (var front = HttpFront.open()) {
      assertThat(front.serveControl(file, CONTROL, InstantSource.system()))
          .isEqualTo(Outcome.done(file));
      assertThat(CommandRun.of(other, "status").exit()).isZero();
    }
  }

  @Test
  void a_second_agent_is_told_of_the_first() {
    try (var second = HttpFront.open()) {
      assertThat(second.serveControl(socket(), CONTROL, InstantSource.system()))
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              f ->
                  assertThat(f.failure().message())
                      .contains("another armory-agent (pid " + ProcessHandle.current().pid()));
    }
    assertThat(run("status").exit()).isZero();
  }

  @Test
  void only_the_owner_and_the_group_may_use_the_socket() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
        .isEqualTo("rw-rw----");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket().getParent())))
        .isEqualTo("rwxr-x---");
  }

  @Test
  void sync_prints_progress_as_it_comes_and_ends_with_the_outcome() throws Exception {
    CONTROL.next = new CompletableFuture<>();
    var running = CompletableFuture.supplyAsync(() -> run("sync", "--remove-orphans"));
    Awaitility.await().until(() -> !CONTROL.asked.isEmpty());
    assertThat(running).isNotDone();
    CONTROL.next.complete(Outcome.done("revision 3f2a91c is healthy"));
    var result = running.get(40, TimeUnit.SECONDS);
    assertThat(result.exit()).isZero();
    assertThat(result.out())
        .isEqualTo("reading parameters\nrolling out \"3f2a91c\"\nrevision 3f2a91c is healthy\n");
    assertThat(CONTROL.asked)
        .containsExactly(
            "sync SyncRequest[removeOrphans=true, retry=false, now=false, awaitApproval=false, dryRun=false, by=ann,"
                + " timeout=PT30M]");
  }

  @Test
  void a_failed_command_exits_1_and_an_invalid_one_2() {
    CONTROL.next =
        CompletableFuture.completedFuture(
            Outcome.failed(Failure.Kind.TRANSIENT, "rolled back: gate is down"));
    assertThat(run("sync"))
        .extracting(CommandRun::exit, CommandRun::err)
        .containsExactly(1, "armory-agent: rolled back: gate is down\n");
    CONTROL.next =
        CompletableFuture.completedFuture(Outcome.failed(Failure.Kind.INVALID, "no service gat"));
    assertThat(run("restart", "gat").exit()).isEqualTo(2);
  }

  @Test
  void a_bug_in_the_agent_is_said_and_ends_the_command() {
    CONTROL.next = CompletableFuture.failedFuture(new IllegalStateException("boom"));
    var result = run("pull");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("internal error", "boom");
  }

  @Test
  void every_command_reaches_the_agent_with_its_arguments() {
    run("restart", "gate");
    run("stop");
    run("start", "igor");
    run("sync", "--now", "--timeout", "1h30m");
    run("sync", "--await-approval");
    run("approve");
    run("approve", "3f2a", "--timeout", "5m");
    run("rollback", "3f2a");
    run("rollback", "--release", "--timeout", "5m");
    run("maintenance", "on", "--for", "2h", "--reason", "new disk & more");
    run("maintenance", "on", "--for", "1h", "--standby");
    run("maintenance", "off");
    run("drain");
    run("drain", "--timeout", "10m");
    run("logs", "gate", "--tail", "7");
    assertThat(CONTROL.asked)
        .containsExactly(
            "restart [gate] by ann",
            "stop [] by ann",
            "start [igor] by ann",
            "sync SyncRequest[removeOrphans=false, retry=false, now=true, awaitApproval=false, dryRun=false, by=ann,"
                + " timeout=PT1H30M]",
            "sync SyncRequest[removeOrphans=false, retry=false, now=false, awaitApproval=true,"
                + " dryRun=false, by=ann, timeout=PT30M]",
            "approve ApproveRequest[revision=Optional.empty, by=ann, timeout=PT30M]",
            "approve ApproveRequest[revision=Optional[3f2a], by=ann, timeout=PT5M]",
            "rollback RollbackRequest[revision=Optional[3f2a], release=false, by=ann,"
                + " timeout=PT30M]",
            "rollback RollbackRequest[revision=Optional.empty, release=true, by=ann, timeout=PT5M]",
            "maintenance PT2H [new disk & more] by ann",
            "maintenance PT1H [] standby by ann",
            "maintenance PT0S [] by ann",
            "drain PT0S by ann",
            "drain PT10M by ann",
            "logs gate 7 since 1970-01-01T00:00:00Z");
  }

  @Test
  void rollback_takes_a_revision_or_the_release_of_one() {
    assertThat(run("rollback", "3f2a", "--release"))
        .satisfies(r -> {
          assertThat(r.exit()).isEqualTo(2);
          assertThat(r.err()).contains("a revision or --release, not both");
        });
    assertThat(CONTROL.asked).isEmpty();
  }

  @Test
  void a_duration_that_no_clock_could_show_is_refused_before_anything_is_asked() {
    for (var duration : List.of("367d", "99999999d", "2562047788015215h")) {
      var result = run("maintenance", "on", "--for", duration);
      assertThat(result.exit()).as(duration).isEqualTo(2);
      assertThat(result.err()).contains("for: ").hasLineCount(1);
    }
    assertThat(run("drain", "--timeout", "9999d").exit()).isEqualTo(2);
    assertThat(CONTROL.asked).isEmpty();
  }

  @Test
  void logs_of_all_name_the_service_and_carry_no_terminal_codes() {
    var result = run("logs");
    assertThat(result.out())
        .contains("redis | redis line 1\n", "gate | gate line  [31m2\n")
        .doesNotContain("\033");
    assertThat(run("logs", "nosuch"))
        .extracting(CommandRun::exit, CommandRun::err)
        .containsExactly(2, "armory-agent: no service nosuch\n");
  }

  @Test
  void config_masks_secrets_and_shows_origins() {
    for (var format : List.of(new String[] {"config"}, new String[] {"config", "--json"})) {
      var result = run(format);
      assertThat(result.exit()).isZero();
      assertThat(result.out())
          .contains("********", "ssm /a/b v3", "gate-local.yml", "/etc/env/default.env:4")
          .doesNotContain("hunter2");
    }
    assertThat(run("config").out()).contains("ssm /a/b v3\tREDIS_PASSWORD=********\n");
  }

  @Test
  void plan_shows_steps_causes_and_waits() {
    assertThat(run("plan").out()).isEqualTo("Nothing to do: the node is as it should be.\n");
    CONTROL.report = Reports::troubled;
    assertThat(run("plan").out())
        .contains(
            "Next:\n  start container spinnaker-front50-1  (exited with code 1)\n",
            "Waits:\n  gate: waits for front50\n",
            "Notices:\n  spinnaker-old-1: no service defines it\n");
    assertThat(run("plan", "--json").out()).contains("\"waits\":[{\"service\":\"gate\"");
  }

  @Test
  void events_are_listed_and_followed() {
    var old = Instant.now().minusSeconds(7200);
    CONTROL.history.add(event(old, "old"));
    CONTROL.history.add(event(Instant.now(), "recent"));
    assertThat(run("events").out().lines()).hasSize(2);
    assertThat(run("events", "--since", "1h").out())
        .contains("recent gate (because), 1500 ms")
        .doesNotContain("old");
    assertThat(run("events", "--json").out())
        .startsWith("[{\"at\":")
        .contains("\"tookMillis\":1500");
    assertThat(run("events", "--since", "yesterday").exit()).isEqualTo(2);
  }

  @Test
  void the_history_of_revisions_is_shown_with_changes_and_ends() {
    assertThat(run("history").out()).isEqualTo("No revision yet.\n");
    CONTROL.revisions.add(
        new RevisionEntry(
            "r2",
            "ha",
            Instant.parse("2026-08-01T12:00:00.5Z"),
            "sync by ann",
            List.of("gate: image gate:1 → gate:2"),
            RevisionEntry.End.ROLLED_BACK,
            "gate is down: answers 503",
            null));
    try {
      assertThat(run("history").out())
          .isEqualTo(
              """
              2026-08-01T12:00:00Z  r2  ha  sync by ann  rolled back: gate is down: answers 503
                  gate: image gate:1 → gate:2
              """);
      assertThat(run("history", "--json").out())
          .contains("\"end\":\"rolled-back\"", "\"trigger\":\"sync by ann\"");
    } finally {
      CONTROL.revisions.clear();
    }
  }

  private static AgentEvent event(Instant at, String what) {
    return new AgentEvent(at, "action", "gate", what + " gate", "because", Duration.ofMillis(1500));
  }

  @Test
  void followed_events_come_once_each_even_at_one_instant() throws Exception {
    var at = Instant.now();
    CONTROL.history.add(event(at, "first"));
    var client = new ControlClient(socket(), "ann");
    var lines =
        client.ask(
            "GET",
            "/v1/events",
            Map.of("follow", "true", "since", at.toString()),
            Duration.ofSeconds(20),
            answer -> {
              var seen = new java.util.ArrayList<String>();
              seen.add(ControlClient.line(answer.body()));
              CONTROL.history.add(event(at, "second"));
              CONTROL.history.add(event(at.plusMillis(5), "third"));
              seen.add(ControlClient.line(answer.body()));
              seen.add(ControlClient.line(answer.body()));
              return seen;
            });
    assertThat(lines)
        .satisfiesExactly(
            l -> assertThat(l).contains("first gate"),
            l -> assertThat(l).contains("second gate"),
            l -> assertThat(l).contains("third gate"));
  }

  @Test
  void render_current_prints_the_compose_file_in_force() {
    assertThat(run("render", "--current").out()).isEqualTo("name: spinnaker\n");
    CONTROL.compose = "";
    assertThat(run("render", "--current").exit()).isEqualTo(1);
    CONTROL.compose = "name: spinnaker\n";
  }

  @Test
  void local_commands_take_docker_composes_options() {
    var result = run("render", "-f", "a.yml", "-f", "b.yml", "--format", "json");
    assertThat(result)
        .isEqualTo(new CommandRun(0, "[a.yml, b.yml] JSON\n", "armory-agent: warning: careful\n"));
    assertThat(run("validate", "a.yml", "b.yml").out()).isEqualTo("2 files are good\n");
  }

  @Test
  void wrong_usage_is_one_line_and_exit_2() {
    for (var arguments :
        List.of(
            "statsu",
            "status --jsno",
            "",
            "logs -n -1",
            "events --limit -1",
            "logs --until yesterday",
            "logs gate -f --until 1h",
            "logs --grep x --json",
            "exec",
            "sync --dry-run --now",
            "maintenance",
            "maintenance perhaps",
            "maintenance on",
            "maintenance on --for soon",
            "drain --timeout never",
            "sync --timeout 5",
            "logs --tail many")) {
      var result = run(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1));
      assertThat(result.exit()).as(arguments).isEqualTo(2);
      assertThat(result.err()).as(arguments).containsOnlyOnce("\n").startsWith("armory-agent: ");
    }
    assertThat(run("statsu").err()).contains("did you mean");
  }

  @Test
  void several_services_are_one_command() {
    run("restart", "gate", "orca");
    run("logs", "gate", "orca", "-n", "1", "--until", "2026-01-31T13:00:00+01:00");
    assertThat(CONTROL.asked)
        .containsExactly(
            "restart [gate orca] by ann",
            "logs gate 1 since 1970-01-01T00:00:00Z until 2026-01-31T12:00:00Z",
            "logs orca 1 since 1970-01-01T00:00:00Z until 2026-01-31T12:00:00Z");
    assertThat(run("logs", "gate", "orca", "-f").exit()).isEqualTo(2);
  }

  @Test
  void lines_of_logs_can_be_chosen() {
    var chosen = run("logs", "gate", "orca", "--grep", "orca.*1$");
    assertThat(chosen.out()).isEqualTo("orca | orca line 1\n");
    assertThat(CONTROL.asked).first().asString().startsWith("logs gate 10000 ");
  }

  @Test
  void validate_and_render_speak_json() {
    assertThat(run("validate", "--json").out())
        .isEqualTo("{\"valid\":true,\"warnings\":[],\"problems\":[]}\n");
    assertThat(run("render", "--json", "-f", "a.yml").out()).isEqualTo("[a.yml] JSON\n");
  }

  @Test
  void exec_in_an_unknown_service_names_those_there_are() {
    assertThat(run("exec", "nosuch").exit()).isEqualTo(2);
    assertThat(run("exec", "nosuch").err()).contains("no service nosuch on this node; it has: ");
  }

  @Test
  void a_bundle_that_cannot_be_written_is_told_in_plain_words() {
    assertThat(run("support-bundle", "-o", "/nonexistent/x").err())
        .isEqualTo(
            "armory-agent: cannot write /nonexistent/x: there is no directory /nonexistent\n");
  }

  @Test
  void bash_completes_services_and_roles() throws Exception {
    var roles = Files.createDirectories(root.resolve("etc/armory-agent/compose/roles"));
    Files.writeString(roles.resolve("edge.yml"), "");
    var script = root.resolve("completion.bash");
    Files.writeString(script, run("generate-completion").out());
    var status = root.resolve("status.json");
    Files.writeString(status, run("status", "--json").out());
    assertThat(completed(script, status, "restart", "gate", "front")).isEqualTo("front50");
    assertThat(completed(script, status, "pull", "--role", "e")).isEqualTo("edge");
    assertThat(completed(script, status, "sup")).endsWith("support-bundle");
  }

  private static String completed(Path script, Path status, String... words) throws Exception {
    var line =
        "source %s; armory-agent() { cat %s; }; COMP_WORDS=(armory-agent %s); COMP_CWORD=%d; _armory_agent_names; echo ${COMPREPLY[@]}"
            .formatted(script, status, String.join(" ", words), words.length);
    var shell = new ProcessBuilder("bash", "-c", line).redirectErrorStream(true);
    shell.environment().put("ARMORY_AGENT_ROOT", root.toString());
    var process = shell.start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  /// A list that ends in the middle of a sentence tells nobody what the command is for.
  @Test
  void every_command_is_listed_by_a_whole_sentence() {
    var top = run("--help").out();
    var list = top.substring(top.indexOf("Commands:\n") + 10, top.indexOf("\n\nExit codes"));
    var entries = list.split("\n(?=  \\S)", -1);
    assertThat(entries).hasSizeGreaterThan(15).allSatisfy(e -> assertThat(e.strip()).endsWith("."));
  }

  @Test
  void the_version_and_the_help_are_found_by_their_usual_names() {
    var version = run("version").out();
    for (var usual : List.of("--version", "-V")) {
      assertThat(run(usual)).as(usual).isEqualTo(new CommandRun(0, version, ""));
    }
    assertThat(run("help").out()).isEqualTo(run("--help").out());
    assertThat(run("help", "drain").out()).isEqualTo(run("drain", "--help").out());
  }

  @Test
  void run_reads_the_configuration_and_names_every_problem() throws IOException {
    var home = Files.createDirectories(root.resolve("other/etc/armory-agent"));
    Files.writeString(home.resolve("agent.yaml"), "http: {port: 5001}\n");
    assertThat(CommandRun.of(root.resolve("other"), "run"))
        .isEqualTo(new CommandRun(0, "", "armory-agent: started on 5001\n"));
    Files.writeString(home.resolve("agent.yaml"), "htp: {port: 5001}\naws: maybe\n");
    var result = CommandRun.of(root.resolve("other"), "run");
    assertThat(result.exit()).isEqualTo(78);
    assertThat(result.err().lines()).hasSize(2);
    assertThat(CommandRun.of(root.resolve("other"), "config", "--agent").exit()).isEqualTo(2);
  }

  @Test
  void the_agents_own_settings_are_shown_with_origin_without_an_agent() {
    assertThat(CommandRun.of(root.resolve("nowhere"), "config", "--agent").out())
        .contains("default\thttp.port=5000\n");
  }
}
