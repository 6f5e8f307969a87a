package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.ServiceReport.ContainerReport;
import io.armory.agent.domain.report.ServiceReport.Usage;
import io.armory.agent.testing.Reports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Control groups as files in the places where kernels, Docker and Podman have them.
class ControlGroupsTest {
  private static final String ONE = "1".repeat(64);
  private static final String TWO = "2".repeat(64);

  @TempDir Path root;
  private long now = 1_000_000_000L;

  private ControlGroups groups() {
    return new ControlGroups(root, () -> now);
  }

  private void file(String path, String text) throws IOException {
    var file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }

  private static Optional<Usage> usage(ControlGroups groups, String... containers) {
    return groups.measured(report(containers)).services().getFirst().usage();
  }

  private static HealthReport report(String... containers) {
    var like = Reports.ready(Reports.NOW).services().getFirst();
    return Reports.ready(Reports.NOW)
        .with(
            List.of(
                new ServiceReport(
                    like.name(),
                    like.state(),
                    like.reason(),
                    like.since(),
                    0,
                    Optional.empty(),
                    "",
                    false,
                    like.image(),
                    Arrays.stream(containers)
                        .map(id -> new ContainerReport(id, id, "running", like.since(), true))
                        .toList(),
                    List.of(),
                    Optional.empty())));
  }

  private void second(String group, String max, String cpuMax) throws IOException {
    file("cgroup.controllers", "cpu memory");
    file(group + "/memory.current", "900");
    file(group + "/memory.stat", "anon 500\ninactive_file 300\nactive_file 100");
    file(group + "/memory.max", max);
    file(group + "/cpu.stat", "usage_usec 2000000\nuser_usec 1500000");
    file(group + "/cpu.max", cpuMax);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "system.slice/docker-%s.scope",
        "docker/%s",
        "machine.slice/libpod-%s.scope",
        "libpod_parent/libpod-%s"
      })
  void the_second_generation_is_read_wherever_the_group_is(String name) throws IOException {
    second(name.formatted(ONE), "4096", "150000 100000");
    var used = usage(groups(), ONE).orElseThrow();
    assertThat(used.memory()).isEqualTo(600);
    assertThat(used.memoryLimit()).isEqualTo(4096);
    assertThat(used.processor()).isEqualTo(Duration.ofSeconds(2));
    assertThat(used.processors()).isEqualTo(1.5);
    assertThat(used.cpu()).isEmpty();
  }

  @Test
  void no_limit_is_none() throws IOException {
    second("docker/" + ONE, "max", "max 100000");
    var used = usage(groups(), ONE).orElseThrow();
    assertThat(used.memoryLimit()).isZero();
    assertThat(used.processors()).isZero();
  }

  @Test
  void the_first_generation_is_read() throws IOException {
    file("memory/docker/" + ONE + "/memory.usage_in_bytes", "900");
    file("memory/docker/" + ONE + "/memory.limit_in_bytes", "9223372036854771712");
    file("memory/docker/" + ONE + "/memory.stat", "inactive_file 1\ntotal_inactive_file 300");
    file("cpuacct/docker/" + ONE + "/cpuacct.usage", "2000000000");
    file("cpu/docker/" + ONE + "/cpu.cfs_quota_us", "-1");
    file("cpu/docker/" + ONE + "/cpu.cfs_period_us", "100000");
    var used = usage(groups(), ONE).orElseThrow();
    assertThat(used.memory()).isEqualTo(600);
    assertThat(used.memoryLimit()).isZero();
    assertThat(used.processor()).isEqualTo(Duration.ofSeconds(2));
    assertThat(used.processors()).isZero();

    file("memory/docker/" + ONE + "/memory.limit_in_bytes", "4096");
    file("cpu/docker/" + ONE + "/cpu.cfs_quota_us", "50000");
    assertThat(usage(groups(), ONE).orElseThrow().memoryLimit()).isEqualTo(4096);
    assertThat(usage(groups(), ONE).orElseThrow().processors()).isEqualTo(0.5);
  }

  @Test
  void what_was_used_of_late_is_told_by_two_looks_that_are_not_far_apart() throws IOException {
    second("docker/" + ONE, "4096", "max 100000");
    var groups = groups();
    assertThat(groups.knowsRates()).isFalse();
    assertThat(usage(groups, ONE).orElseThrow().cpu()).isEmpty();
    assertThat(groups.knowsRates()).isTrue();
    now += Duration.ofMillis(500).toNanos();
    file("docker/" + ONE + "/cpu.stat", "usage_usec 2750000");
    assertThat(usage(groups, ONE).orElseThrow().cpu().orElseThrow()).isCloseTo(1.5, within(0.001));

    now += Duration.ofMinutes(6).toNanos();
    assertThat(groups.knowsRates()).isFalse();
    assertThat(usage(groups, ONE).orElseThrow().cpu()).isEmpty();
    // The same name, and another life.
    now += Duration.ofSeconds(3).toNanos();
    file("docker/" + ONE + "/cpu.stat", "usage_usec 5");
    assertThat(usage(groups, ONE).orElseThrow().cpu()).isEmpty();
  }

  @Test
  void replicas_are_added_up_and_what_cannot_be_read_is_not_told() throws IOException {
    second("docker/" + ONE, "4096", "100000 100000");
    second("docker/" + TWO, "4096", "100000 100000");
    var both = usage(groups(), ONE, TWO).orElseThrow();
    assertThat(both.memory()).isEqualTo(1200);
    assertThat(both.memoryLimit()).isEqualTo(8192);
    assertThat(both.processors()).isEqualTo(2);
    assertThat(usage(groups(), "3".repeat(64))).isEmpty();
    assertThat(usage(groups(), "../../etc")).isEmpty();
  }
}
