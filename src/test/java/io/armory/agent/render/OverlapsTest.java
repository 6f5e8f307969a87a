package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.NodeRanges;
import io.armory.agent.domain.NodeRanges.EngineRange;
import io.armory.agent.domain.NodeRanges.Need;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A range of the stack's network that the node has a use for is refused before anything is made,
/// with the parameter, what it overlaps, and a range that is free.
class OverlapsTest {
  private static final String NETWORK =
      """
      services:
        gate: {networks: [stack]}
      networks:
        stack:
          driver_opts: {com.docker.network.bridge.name: spin0}
          ipam:
            config:
              - subnet: ${STACK_SUBNET:-192.168.240.0/24}
      """;

  private final Workbench bench = new Workbench().overlay("net.yml", NETWORK);

  private static Need need(String range, String by, String what) {
    return new Need(cidr(range), by, what);
  }

  private static Cidr cidr(String range) {
    return Cidr.parse(range).orElseThrow();
  }

  private static EngineRange engines(String range, String name, String project) {
    return new EngineRange(cidr(range), name, Optional.of(project).filter(text -> !text.isEmpty()));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/16, 10.0.3.0/24, 'a route of this node, by eth0'",
    "10.0.3.0/24, 10.0.0.0/16, 'a route of this node, by eth0'",
    "10.0.3.0/24, 10.0.3.2, 'a name server of this node, by /etc/resolv.conf'",
    "10.0.3.0/24, 10.0.3.17, REDIS_HOST redis.example.com",
    "169.254.0.0/16, 169.254.169.254, EC2's metadata service",
    "fd00:ec2::/32, fd00:ec2::254, EC2's metadata service",
  })
  void what_the_node_reaches_is_refused(String wanted, String needed, String what) {
    bench
        .set("STACK_SUBNET", wanted)
        .ranges(new NodeRanges(List.of(need(needed, "", what)), List.of()));
    assertThat(bench.problems())
        .containsExactly(
            "/site/net.yml:8: networks.stack: %s overlaps %s, %s; set parameter STACK_SUBNET (/env/default.env:1) to %s"
                .formatted(
                    wanted,
                    needed,
                    what,
                    wanted.contains(":") ? "fdaa:f0::/64" : "192.168.240.0/24"));
  }

  /// A Redis or a name server on the node itself is asked at the bridge's address.
  @ParameterizedTest
  @CsvSource({"10.0.3.0/24, 10.0.3.1", "10.0.3.128/25, 10.0.3.129", "fd00:1::/64, fd00:1::1"})
  void the_nodes_own_address_on_the_network_is_no_overlap(String wanted, String gateway) {
    bench
        .set("STACK_SUBNET", wanted)
        .ranges(
            new NodeRanges(
                List.of(need(gateway, "REDIS_HOST", "REDIS_HOST " + gateway)), List.of()));
    assertThat(bench.rendered().warnings()).noneMatch(w -> w.contains("overlaps"));
  }

  @Test
  void the_default_range_is_compared_too_and_the_free_one_is_really_free() {
    bench.ranges(
        new NodeRanges(
            List.of(
                need("192.168.128.0/17", "tun0", "a route of this node, by tun0"),
                need("172.30.240.0/23", "eth1", "a route of this node, by eth1")),
            List.of(engines("172.30.242.0/24", "other", ""))));
    assertThat(bench.problems())
        .containsExactly(
            "/site/net.yml:8: networks.stack: 192.168.240.0/24 overlaps 192.168.128.0/17, a route"
                + " of this node, by tun0; set parameter STACK_SUBNET to 172.30.243.0/24");
  }

  @Test
  void another_network_of_the_engine_is_refused() {
    bench.ranges(new NodeRanges(List.of(), List.of(engines("192.168.0.0/16", "bridge", ""))));
    assertThat(bench.problems())
        .containsExactly(
            "/site/net.yml:8: networks.stack: 192.168.240.0/24 overlaps 192.168.0.0/16 of the"
                + " engine's network bridge; set parameter STACK_SUBNET to 172.30.240.0/24");
  }

  @Test
  void the_stacks_own_networks_and_bridge_are_nobody_elses() {
    bench
        .ranges(
            new NodeRanges(
                List.of(need("192.168.240.0/24", "spin0", "a route of this node, by spin0")),
                List.of(
                    engines("192.168.240.0/24", "spinnaker_stack", "spinnaker"),
                    engines("192.168.0.0/16", "spinnaker_former", "spinnaker"))))
        .rendered();
  }

  @Test
  void what_runs_already_is_warned_of_and_not_refused() {
    bench.ranges(
        new NodeRanges(
            List.of(need("192.168.240.5", "", "a name server of this node, by /etc/resolv.conf")),
            List.of(engines("192.168.240.0/24", "spinnaker_stack", "spinnaker"))));
    assertThat(bench.rendered().warnings())
        .contains(
            "network spinnaker_stack: 192.168.240.0/24 overlaps 192.168.240.5, a name server of"
                + " this node, by /etc/resolv.conf: what is in both cannot be reached from this"
                + " node; 192.168.241.0/24 is free");
  }

  /// A part of a VPC may have been kept free for the stack.
  @Test
  void where_something_may_be_is_warned_of_and_not_refused() {
    var vpc = new Need(cidr("192.168.0.0/16"), "", "a range of this node's VPC", false);
    bench.ranges(new NodeRanges(List.of(vpc), List.of()));
    assertThat(bench.rendered().warnings())
        .contains(
            "network spinnaker_stack: 192.168.240.0/24 overlaps 192.168.0.0/16, a range of this"
                + " node's VPC: what is in both cannot be reached from this node;"
                + " 172.30.240.0/24 is free");
  }

  @Test
  void what_is_in_use_there_is_refused_all_the_same() {
    var vpc = new Need(cidr("192.168.0.0/16"), "", "a range of this node's VPC", false);
    var redis = need("192.168.240.7", "REDIS_HOST", "REDIS_HOST redis.example.com");
    bench.ranges(new NodeRanges(List.of(vpc, redis), List.of()));
    assertThat(bench.problems())
        .containsExactly(
            "/site/net.yml:8: networks.stack: 192.168.240.0/24 overlaps 192.168.240.7, REDIS_HOST"
                + " redis.example.com; set parameter STACK_SUBNET to 172.30.240.0/24");
  }

  @Test
  void the_way_to_a_redis_that_is_not_asked_does_not_matter() {
    bench
        .overlay("redis.yml", "services:\n  redis: {image: r}\n")
        .set("REDIS_HOST", "r.example.com")
        .ranges(
            new NodeRanges(
                List.of(need("192.168.240.5", "REDIS_HOST", "REDIS_HOST r.example.com")),
                List.of()))
        .rendered();
  }

  @Test
  void a_network_that_is_meant_to_be_the_nodes_is_compared_with_nothing() {
    bench
        .overlay("lan.yml", "networks:\n  stack: {driver: macvlan}\n")
        .ranges(new NodeRanges(List.of(need("192.168.240.0/20", "eth0", "a route")), List.of()))
        .rendered();
  }

  @Test
  void a_range_that_the_engine_picks_is_the_engines_affair() {
    bench
        .overlay("pick.yml", "networks:\n  stack: {ipam: !reset null}\n")
        .ranges(new NodeRanges(List.of(need("172.16.0.0/12", "eth0", "a route")), List.of()))
        .rendered();
  }
}
