package io.armory.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage.VolumeMount;
import io.armory.agent.domain.stack.Volume;
import io.armory.agent.rig.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartTrialTest {
  @Test
  void a_host_port_of_another_program_is_in_the_way_and_one_of_the_stack_is_not()
      throws IOException {
    try (var other = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
      var port = other.getLocalPort();
      Consumer<SampleService> here = s -> s.port("127.0.0.1", String.valueOf(port), 80);

      var obstacle = obstacle(Outcome.done(Set.of()), here).orElseThrow();
      assertThat(obstacle.kind()).isEqualTo(Failure.Kind.PORT_TAKEN);
      assertThat(obstacle.message()).startsWith("host port 127.0.0.1:" + port + " is taken by ");

      assertThat(obstacle(Outcome.done(Set.of(port)), here)).as("its predecessor's").isEmpty();
      assertThat(obstacle(Outcome.failed(Failure.Kind.TIMEOUT, "late"), here))
          .as("nobody knows")
          .isEmpty();
      assertThat(obstacle(s -> s.port("127.0.0.2", String.valueOf(port), 80)))
          .as("another address")
          .isEmpty();
      assertThat(obstacle(s -> s.port(null, "8000-8010", 80))).as("one of many").isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fluentd, fluentd-address, 127.0.0.1:%d, true",
    "fluentd, fluentd-address, tcp://127.0.0.1:%d, true",
    "syslog, syslog-address, tcp://127.0.0.1:%d, true",
    "syslog, syslog-address, udp://127.0.0.1:%d, false",
    "syslog, syslog-address, unix:///dev/log, false",
    "gelf, gelf-address, tcp://127.0.0.1:%d, true",
    "gelf, gelf-address, udp://127.0.0.1:%d, false",
    "splunk, splunk-url, http://127.0.0.1:%d, true",
    "json-file, max-size, 10m, false",
    "fluentd, fluentd-address, ::no address::, false"
  })
  void a_log_collector_that_the_engine_would_connect_to_has_to_answer(
      String driver, String option, String address, boolean isInTheWay) {
    var at = address.replace("%d", String.valueOf(FreePort.next()));
    assertThat(obstacle(s -> s.logging(driver, Map.of(option, at))).isPresent())
        .isEqualTo(isInTheWay);
  }

  @Test
  void a_log_collector_that_answers_or_is_connected_to_later_is_in_nobodys_way()
      throws IOException {
    try (var collector = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
      var there = Map.of("fluentd-address", "127.0.0.1:" + collector.getLocalPort());
      assertThat(obstacle(s -> s.logging("fluentd", there))).isEmpty();
    }
    var later = Map.of("fluentd-address", "127.0.0.1:" + FreePort.next(), "fluentd-async", "true");
    assertThat(obstacle(s -> s.logging("fluentd", later))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"/no/such/directory, true", "/etc, false", "/home/nobody/knows, false"})
  void a_directory_that_a_volume_stands_for_has_to_be_there(String device, boolean isInTheWay) {
    var volume =
        new Volume(
            "data",
            "p_data",
            false,
            "local",
            Map.of("type", "none", "o", "rw,bind", "device", device),
            Map.of(),
            "v");
    var mount = new VolumeMount("data", "/data", false, false, null, Map.of());
    var stack =
        SampleStack.of("p").volume(volume).service("gate", "gate:1", s -> s.mounts(mount)).build();
    assertThat(new StartTrial(p -> Outcome.done(Set.of())).obstacle(create(stack)).isPresent())
        .isEqualTo(isInTheWay);
  }

  private static Optional<Failure> obstacle(Consumer<SampleService> gate) {
    return obstacle(Outcome.done(Set.of()), gate);
  }

  private static Optional<Failure> obstacle(
      Outcome<Set<Integer>> published, Consumer<SampleService> gate) {
    var stack = SampleStack.of("p").service("gate", "gate:1", gate).build();
    return new StartTrial(p -> published).obstacle(create(stack));
  }

  private static Action.CreateContainer create(Stack stack) {
    return new Action.CreateContainer(
        stack,
        Objects.requireNonNull(stack.services().get("gate")),
        1,
        "p-gate-1",
        "sha256:1",
        Map.of(),
        Optional.empty());
  }
}
