package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Networking.Mode;
import io.armory.agent.domain.stack.Networking.PortBinding;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExposurePolicyTest {
  private static final ExposurePolicy POLICY = new ExposurePolicy(Set.of());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.0",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.7.7",
        "100.64.0.1",
        "100.127.255.255",
        "::1",
        "[::1]",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "fc00::1",
        "::ffff:10.0.0.1",
        "[fd12:3456::1]",
        "0:0:0:0:0:0:0:1",
      })
  void an_internal_service_may_be_published_on_a_private_address(String address) {
    assertThat(check("orca", port(address))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, every address of the node",
    "::, every address of the node",
    "[::], every address of the node",
    "0:0:0:0:0:0:0:0, every address of the node",
    "::ffff:0.0.0.0, every address of the node",
    "0, what is not an IP address",
    "8.8.8.8, a public address",
    "11.0.0.1, a public address",
    "9.255.255.255, a public address",
    "172.15.255.255, a public address",
    "172.32.0.1, a public address",
    "192.169.0.1, a public address",
    "192.167.255.255, a public address",
    "100.63.255.255, a public address",
    "100.128.0.1, a public address",
    "169.253.1.1, a public address",
    "0.0.0.1, a public address",
    "2001:db8::1, a public address",
    "fe00::1, a public address",
    "::ffff:8.8.8.8, a public address",
    "node.internal, what is not an IP address",
    "10.0.0.1.evil, what is not an IP address",
    "10.0.0, what is not an IP address",
  })
  void and_on_no_other(String address, String words) {
    assertThat(check("orca", port(address)))
        .singleElement()
        .satisfies(v -> assertThat(v.service()).isEqualTo("orca"))
        .satisfies(v -> assertThat(v.what()).contains("published on " + words));
  }

  @Test
  void no_address_said_is_every_address() {
    assertThat(check("orca", port(null))).hasSize(1);
    assertThat(check("orca", port(""))).hasSize(1);
  }

  @Test
  void every_port_is_looked_at() {
    assertThat(
            check(
                "orca",
                port("10.0.0.1"),
                new PortBinding("0.0.0.0", "8000-8010", 8083, "udp"),
                new PortBinding(null, null, 5005, "tcp")))
        .extracting(ExposurePolicy.Violation::port)
        .containsExactly("0.0.0.0:8000-8010:8083/udp", ":5005/tcp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"deck", "gate"})
  void people_may_reach_deck_and_gate(String service) {
    assertThat(check(service, port(null), port("8.8.8.8"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Gate", "gate-2", "deck "})
  void a_name_like_theirs_is_not_theirs(String service) {
    assertThat(check(service, port(null))).hasSize(1);
  }

  @Test
  void the_site_may_expose_more() {
    var policy = new ExposurePolicy(Set.of("orca"));

    assertThat(policy.check(stack(Map.of("orca", networking(Mode.PROJECT, port(null)))))).isEmpty();
    assertThat(policy.check(stack(Map.of("echo", networking(Mode.PROJECT, port(null))))))
        .hasSize(1);
    assertThat(policy.check(stack(Map.of("gate", networking(Mode.PROJECT, port(null)))))).isEmpty();
  }

  @Test
  void the_nodes_own_network_is_every_address() {
    assertThat(check(Map.of("redis", networking(new Mode.Engine("host")))))
        .singleElement()
        .satisfies(v -> assertThat(v.what()).contains("network_mode: host"));
    assertThat(check(Map.of("redis", networking(new Mode.Engine("none"))))).isEmpty();
    assertThat(check(Map.of("redis", networking(new Mode.Engine("bridge"), port(null)))))
        .hasSize(1);
  }

  @Test
  void a_borrowed_network_is_as_open_as_its_owners() {
    var borrowing = networking(new Mode.OfService("gate"));
    var further = networking(new Mode.OfService("echo"));

    assertThat(check(Map.of("gate", networking(Mode.PROJECT, port(null)), "echo", borrowing)))
        .singleElement()
        .satisfies(v -> assertThat(v.what()).contains("shares the network of gate"));
    assertThat(
            check(Map.of("gate", networking(Mode.PROJECT, port("127.0.0.1")), "echo", borrowing)))
        .isEmpty();
    assertThat(check(Map.of("gate", networking(new Mode.Engine("host")), "echo", borrowing)))
        .hasSize(1);
    assertThat(
            check(
                Map.of(
                    "gate",
                    networking(Mode.PROJECT, port(null)),
                    "echo",
                    borrowing,
                    "igor",
                    further)))
        .extracting(ExposurePolicy.Violation::service)
        .containsExactlyInAnyOrder("echo", "igor");
  }

  @Test
  void services_that_borrow_from_each_other_do_not_go_round_for_ever() {
    assertThat(
            check(
                Map.of(
                    "a", networking(new Mode.OfService("b")),
                    "b", networking(new Mode.OfService("a")))))
        .isEmpty();
  }

  private static List<ExposurePolicy.Violation> check(String service, PortBinding... ports) {
    return check(Map.of(service, networking(Mode.PROJECT, ports)));
  }

  private static List<ExposurePolicy.Violation> check(Map<String, Networking> services) {
    return POLICY.check(stack(services));
  }

  private static PortBinding port(@Nullable String address) {
    return new PortBinding(address, "8083", 8083, "tcp");
  }

  private static Networking networking(Mode mode, PortBinding... ports) {
    return new Networking(
        mode,
        List.of(),
        List.of(ports),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        null);
  }

  private static Stack stack(Map<String, Networking> services) {
    var all = new LinkedHashMap<String, Service>();
    services.forEach((name, networking) ->
        all.put(name, new SampleService(name, "image").networking(networking).build()));
    return new Stack("spinnaker", all, Map.of(), Map.of());
  }
}
