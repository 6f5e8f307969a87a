package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.armory.agent.adapter.files.EnvFileParameters;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Problem;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One value as long as a file may be, wherever it is taken apart: it takes no more memory than
/// reading it does, and is refused in one short line with its place. The heap of the launcher is 64
/// MiB; what is allocated is counted here, so that no test needs a heap of that size.
class LongValuesTest {
  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getPlatformMXBean(java.lang.management.ThreadMXBean.class);

  /// What may be taken beyond the reading, in bytes for each character.
  private static final long MORE = 6;

  /// The same for a value that is no more than handed on, such as a label.
  private static final long KEPT = 80;

  /// The launcher's.
  private static final int STACK = 512 * 1024;

  private static final int FILE = 2_000_000;

  /// Where it is asked of each place.
  private static final int LONG = 400_000;

  private static final Map<String, Long> READING = new HashMap<>();

  private static final List<String> SHAPES =
      List.of(
          "1:",
          "a/../",
          "/a",
          "a.",
          "a-",
          "1-",
          "1_",
          "9",
          "1h",
          "1k",
          "a=",
          "a,",
          "./",
          "[a]",
          "::",
          " a",
          "a@",
          "${A:-b}",
          "$$",
          "\\u00e9",
          "%",
          "A",
          "127.0.0.1:",
          "every_1d",
          "v:/",
          "../");

  /// Attributes of the service `a`, or of the model.
  private static final List<String> PLACES =
      """
      annotations: ["%"]
      blkio_config: {weight: "%"}
      blkio_config: {device_read_bps: [{path: /dev/sda, rate: "%"}]}
      cap_add: ["%"]
      cgroup: "%"
      cgroup_parent: "%"
      command: "%"
      configs: ["%"]
      configs: [{source: c, mode: "%"}]
      container_name: "%"
      cpu_count: "%"
      cpu_percent: "%"
      cpus: "%"
      cpuset: "%"
      depends_on: ["%"]
      depends_on: {b: {condition: "%"}}
      deploy: {resources: {limits: {memory: "%"}}}
      deploy: {resources: {limits: {cpus: "%"}}}
      deploy: {resources: {reservations: {devices: [{capabilities: ["%"]}]}}}
      deploy: {update_config: {delay: "%"}}
      deploy: {replicas: "%"}
      device_cgroup_rules: ["%"]
      devices: ["%"]
      dns: "%"
      dns_search: "%"
      domainname: "%"
      env_file: "%"
      env_file: [{path: e, format: "%"}]
      environment: ["%"]
      expose: ["%"]
      extends: "%"
      extends: {service: b, file: "%"}
      external_links: ["%"]
      extra_hosts: ["%"]
      extra_hosts: {h: "%"}
      gpus: "%"
      group_add: ["%"]
      healthcheck: {test: "%"}
      healthcheck: {test: [CMD, a], interval: "%"}
      healthcheck: {test: [CMD, a], retries: "%"}
      hostname: "%"
      image: "%"
      init: "%"
      ipc: "%"
      label_file: "%"
      labels: ["%"]
      links: ["%"]
      logging: {driver: "%"}
      mac_address: "%"
      mem_limit: "%"
      mem_swappiness: "%"
      network_mode: "%"
      networks: ["%"]
      networks: {n: {ipv4_address: "%"}}
      oom_score_adj: "%"
      pid: "%"
      platform: "%"
      ports: ["%"]
      ports: [{target: 80, published: "%"}]
      ports: [{target: 80, host_ip: "%"}]
      privileged: "%"
      profiles: ["%"]
      pull_policy: "%"
      restart: "%"
      scale: "%"
      secrets: ["%"]
      security_opt: ["%"]
      shm_size: "%"
      stop_grace_period: "%"
      stop_signal: "%"
      storage_opt: {size: "%"}
      sysctls: ["%"]
      tmpfs: ["%"]
      ulimits: {nofile: "%"}
      user: "%"
      userns_mode: "%"
      volumes: ["%"]
      volumes: ["%:/a"]
      volumes: ["/a:%"]
      volumes: ["v:/a:%"]
      volumes: [{type: bind, source: "%", target: /a}]
      volumes: [{type: tmpfs, target: /a, tmpfs: {size: "%"}}]
      volumes_from: ["%"]
      working_dir: "%"
      unknown: "%"
      {"%": 1}
      environment: {"%": 1}
      ulimits: {"%": 1}
      extra_hosts: {"%": 1}
      networks: {"%": {}}
      -name: "%"
      -include: ["%"]
      -include: [{path: x, env_file: "%"}]
      -networks: {n: {ipam: {config: [{subnet: "%"}]}}}
      -networks: {n: {name: "%"}}
      -networks: {n: {external: "%"}}
      -volumes: {v: {driver_opts: {o: bind, device: "%"}, driver: local}}
      -configs: {c: {file: "%"}}
      -configs: {c: {environment: "%"}}
      -secrets: {s: {file: "%"}}
      -secrets: {s: {environment: "%"}}
      -services: {"%": {image: i}}
      -"%": 1
      """
          .lines()
          .toList();

  private static final NodeIdentity NODE =
      new NodeIdentity(
          new Fact("default", "t"),
          Optional.empty(),
          new Fact("/a", "t"),
          Map.of(),
          Map.of(),
          List.of());

  @TempDir Path root;

  static Stream<String> places() {
    return PLACES.stream();
  }

  private static String file(String place, String value) {
    var written = place.replace("%", value);
    if (written.startsWith("-")) {
      return written.substring(1)
          + "\n"
          + (written.startsWith("-services") ? "" : "services: {a: {image: i}}\n");
    }
    var image = written.startsWith("image:") ? "" : "    image: i\n";
    return written.startsWith("{")
        ? "services:\n  a: " + written + "\n"
        : "services:\n  b: {image: i}\n  a:\n" + image + "    " + written + "\n";
  }

  private static String value(String shape, int length) {
    return shape.repeat(length / shape.length());
  }

  @ParameterizedTest
  @MethodSource("places")
  void takes_no_more_than_reading_it_and_is_refused_in_one_short_line(String place) {
    var first = PLACES.indexOf(place);
    isBounded(place, SHAPES.get(first % SHAPES.size()), place.startsWith("ports") ? FILE : LONG);
  }

  @ParameterizedTest
  @FieldSource("SHAPES")
  void whatever_it_is_made_of(String shape) {
    isBounded("volumes: [\"/a:%\"]", shape, shape.equals("a/../") ? FILE : LONG);
  }

  private static void isBounded(String place, String shape, int length) {
    var value = value(shape, length);
    var read = "x-a: \"" + value + "\"\nservices: {}\n";
    var reading =
        READING.computeIfAbsent(shape + length, _ -> measured(() -> Loading.load(read)).bytes());
    var file = file(place, value);
    var taken = measured(() -> Loading.load(file));
    isShort(taken.answer(), place + " " + shape);
    assertThat((taken.bytes() - reading) / length)
        .as("%s with %s", place, shape)
        .isLessThan(taken.answer() instanceof ComposeResult.Loaded ? KEPT : MORE);
  }

  /// What is no longer than may be is taken apart, by no recursion either.
  @ParameterizedTest
  @MethodSource("places")
  void the_longest_that_is_taken_apart_overflows_nothing(String place) throws Exception {
    onASmallStack(() -> {
      for (var shape : SHAPES) {
        isShort(Loading.load(file(place, value(shape, 4_090))), place + " " + shape);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"%\": 1}",
        "project: \"%\"",
        "aws: \"%\"",
        "expose: [\"%\"]",
        "parameters: {prefix: \"%\"}",
        "rollout: {timeout: \"%\"}",
        "rollout: {max_unavailable: \"%\"}",
        "rollout: {approval: {window: \"%\"}}",
        "http: {address: \"%\"}",
        "http: {port: \"%\"}",
        "identity: {stack: \"%\", asg: \"%\", tags: {\"%\": \"%\"}}",
        "notify: {template: \"%\", sns: {topic: \"%\"}}",
        "backup: {to: \"%\", every: \"%\"}",
        "docker: {socket: \"%\"}",
        "images: {verify: {key: \"%\"}}",
      })
  void in_agent_yaml(String place) throws Exception {
    var paths = new Paths(root);
    Files.createDirectories(paths.agentYaml().resolveSibling("x"));
    onASmallStack(() -> {
      for (var shape : SHAPES) {
        for (var length : List.of(4_090, 200_000)) {
          var text = place.replace("%", value(shape, length).replace("${A:-b}", "${A}"));
          Files.writeString(paths.agentYaml(), text);
          switch (ConfigFile.read(paths, new Environment(Map.of()))) {
            case ConfigFile.Reading.Invalid(var problems) -> {
              assertThat(problems).hasSizeLessThan(10);
              assertThat(problems).allMatch(p -> p.line().length() < 900, shape);
            }
            case ConfigFile.Reading.Valid _ -> assertThat(length).as(shape).isLessThan(5_000);
          }
        }
      }
    });
  }

  /// Files of as many lines as fit.
  @ParameterizedTest
  @ValueSource(strings = {"a\n", "\n", "\u00e9\n", "=\n", "A=1\n", "A%d=\n", "${\n", "A=${A}\n"})
  void in_an_env_file(String line) throws IOException {
    var text = new StringBuilder();
    for (var i = 0; text.length() < 500_000; i++) {
      text.append(line.replace("%d", "" + i));
    }
    Files.writeString(root.resolve("default.env"), text);
    var read = measured(() -> new EnvFileParameters(root).read(NODE));
    assertThat(read.bytes() / text.length()).isLessThan(150);
    assertThat(read.answer().whyFailed().map(Failure::message).orElse("").lines().toList())
        .hasSizeLessThanOrEqualTo(Problem.MOST)
        .allMatch(l -> l.length() < 400);
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void onASmallStack(Work work) throws Exception {
    var task =
        new FutureTask<>(() -> {
          work.run();
          return true;
        });
    new Thread(null, task, "small", STACK).start();
    assertThat(task.get()).isTrue();
  }

  private static void isShort(ComposeResult result, String about) {
    if (result instanceof ComposeResult.Rejected rejected) {
      var lines = rejected.problems().stream().map(Problem::line).toList();
      assertThat(lines).as(about).isNotEmpty().hasSizeLessThan(10);
      assertThat(lines)
          .as(about)
          .allMatch(line -> line.startsWith("/p/compose.yaml"))
          .allMatch(line -> line.length() < 700 && !line.contains("\n"));
    }
    assertThat(warnings(result)).as(about).allMatch(line -> line.length() < 700);
  }

  private static List<String> warnings(ComposeResult result) {
    return switch (result) {
      case ComposeResult.Loaded loaded -> loaded.warnings();
      case ComposeResult.Rejected rejected -> rejected.warnings();
    };
  }

  private record Measured<T>(T answer, long bytes) {}

  private static <T> Measured<T> measured(Supplier<T> work) {
    var before = THREADS.getCurrentThreadAllocatedBytes();
    var answer = work.get();
    return new Measured<>(answer, THREADS.getCurrentThreadAllocatedBytes() - before);
  }
}
