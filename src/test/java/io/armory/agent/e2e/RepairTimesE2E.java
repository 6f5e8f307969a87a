package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.FreePort;
import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// How long a service is away after a fault: under the agent, under Docker's `restart: always`, and
/// under that with something beside it that restarts what Docker calls unhealthy, every 5 s as the
/// usual one does. All three have the same stand-in, checked every second, three failures in a row.
@EnabledIfSystemProperty(
    named = "prove.mttr",
    matches = "\\d+",
    disabledReason = "./dev prove mttr")
class RepairTimesE2E {
  private static final int ROUNDS = Sheet.size("mttr", 1);

  /// A repair soon after another one waits: what was up for longer than this is repaired at once.
  private static final Duration WELL = Duration.ofSeconds(12);

  private static final Duration PATIENCE = Duration.ofSeconds(25);
  private static final String LABEL = "armory-mttr";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path root;

  private enum Fault {
    CRASH,
    HANG,
    UNHEALTHY,
    CONTAINER_DELETED,
    NETWORK_DELETED
  }

  /// Who repairs, and what.
  private record Subject(String name, String container, String network, int port) {
    boolean isWell() {
      try {
        var request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health"))
                .timeout(Duration.ofMillis(700))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
      } catch (IOException e) {
        return false;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    void suffer(Fault fault) {
      switch (fault) {
        case CRASH -> tell("crash");
        case HANG -> tell("hang");
        case UNHEALTHY -> tell("down");
        case CONTAINER_DELETED -> Shell.must("docker", "rm", "-f", container);
        case NETWORK_DELETED -> {
          var inside =
              Shell.must(
                  "docker",
                  "network",
                  "inspect",
                  "-f",
                  "{{range .Containers}}{{.Name}} {{end}}",
                  network);
          for (var one : inside.trimmed().split("\\s+")) {
            Shell.run(List.of("docker", "network", "disconnect", "-f", network, one));
          }
          Shell.run(List.of("docker", "network", "rm", network));
        }
      }
    }

    private void tell(String word) {
      Shell.run(List.of("docker", "exec", container, "/standin", "ctl", word));
    }
  }

  @Test
  void each_fault_is_repaired_and_how_soon_is_measured() {
    var times = new TreeMap<String, List<Duration>>();
    var node = SmallStack.node(root, "mttr", "");
    var always =
        new Subject(
            "restart always", node.project + "-always", node.project + "-a", FreePort.next());
    var restarted =
        new Subject(
            "restarter by health", node.project + "-health", node.project + "-h", FreePort.next());
    try (node;
        var restarter = Executors.newSingleThreadScheduledExecutor()) {
      SmallStack.parameters(node, SmallStack.subnet(), "dev");
      SmallStack.overlay(
          node,
          """
          services:
            gate:
              x-armory: {probe: {interval: 1s, timeout: 1s, start_period: 4s, failure_threshold: 3}}
          """);
      node.startAgent();
      node.awaitReady();
      var network =
          Shell.must(
                  "docker",
                  "inspect",
                  "-f",
                  "{{range $n, $_ := .NetworkSettings.Networks}}{{$n}}{{end}}",
                  node.container("gate"))
              .trimmed();
      var agent = new Subject("agent", node.container("gate"), network, node.gatePort);
      restart(restarter);
      for (var round = 0; round < ROUNDS; round++) {
        for (var fault : Fault.values()) {
          await().atMost(Duration.ofMinutes(1)).until(() -> isLongUp(node));
          var subjects = new ArrayList<>(List.of(agent));
          for (var peer : List.of(always, restarted)) {
            // What never came back once is not waited for again.
            var seen = times.getOrDefault(name(fault, peer.name()), List.of());
            if (round == 0 || !seen.isEmpty()) {
              run(peer, peer == restarted);
              subjects.add(peer);
            }
          }
          measure(fault, subjects, times);
        }
      }
      Shell.run(List.of("docker", "rm", "-f", always.container(), restarted.container()));
      Shell.run(List.of("docker", "network", "rm", always.network(), restarted.network()));
    }
    times.forEach((what, all) -> Sheet.times("mttr", what, all));
    for (var fault : Fault.values()) {
      assertThat(times.get(name(fault, "agent"))).as("%s", fault).hasSize(ROUNDS);
    }
  }

  private static String name(Fault fault, String subject) {
    return fault.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " " + subject;
  }

  private static void run(Subject peer, boolean watched) {
    Shell.run(List.of("docker", "rm", "-f", peer.container()));
    Shell.run(List.of("docker", "network", "create", peer.network()));
    var command =
        new ArrayList<>(
            List.of(
                "docker",
                "run",
                "-d",
                "--restart",
                "always",
                "--name",
                peer.container(),
                "--network",
                peer.network(),
                "-p",
                "127.0.0.1:" + peer.port() + ":8084"));
    command.addAll(
        List.of(
            "--health-interval",
            "1s",
            "--health-timeout",
            "1s",
            "--health-retries",
            "3",
            "--health-start-period",
            "4s"));
    if (watched) {
      command.addAll(List.of("--label", LABEL));
    }
    command.add("armory-standin/gate:dev");
    Shell.must(command.toArray(String[]::new));
    await().atMost(PATIENCE).until(peer::isWell);
  }

  private static boolean isLongUp(Node node) {
    var gate = node.service("gate");
    return gate.path("state").asText().equals("up")
        && Instant.parse(gate.path("since").asText()).plus(WELL).isBefore(Instant.now());
  }

  private static void restart(ScheduledExecutorService restarter) {
    restarter.scheduleWithFixedDelay(
        () ->
            Shell.run(
                    List.of("docker", "ps", "-q", "-f", "label=" + LABEL, "-f", "health=unhealthy"))
                .lines()
                .forEach(id -> Shell.run(List.of("docker", "restart", "-t", "1", id))),
        5,
        5,
        TimeUnit.SECONDS);
  }

  private static void measure(
      Fault fault, List<Subject> subjects, Map<String, List<Duration>> times) {
    var begin = new CountDownLatch(1);
    var all = new ArrayList<CompletableFuture<Optional<Duration>>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var subject : subjects) {
        all.add(CompletableFuture.supplyAsync(() -> away(fault, subject, begin), threads));
      }
      begin.countDown();
    }
    for (var i = 0; i < subjects.size(); i++) {
      var list = times.computeIfAbsent(name(fault, subjects.get(i).name()), n -> new ArrayList<>());
      all.get(i).join().ifPresent(list::add);
    }
  }

  /// From the fault to the first good answer after a bad one; empty: there is none.
  private static Optional<Duration> away(Fault fault, Subject subject, CountDownLatch begin) {
    try {
      begin.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    var began = System.nanoTime();
    var bad = new boolean[1];
    var suffering = Thread.ofVirtual().start(() -> subject.suffer(fault));
    try {
      await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> {
            var well = subject.isWell();
            bad[0] |= !well;
            return well && bad[0];
          });
      return Optional.of(Duration.ofNanos(System.nanoTime() - began));
    } catch (ConditionTimeoutException e) {
      return Optional.empty();
    } finally {
      try {
        suffering.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
