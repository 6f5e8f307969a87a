package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.ImageReference;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the engine would refuse is known when the revision is rendered: every kind of input, each
/// with its line or its parameter.
class StackChecksTest {
  private static final String NETWORK =
      """
      services:
        gate: {networks: [stack]}
        orca: {networks: [stack]}
      networks:
        stack:
          ipam:
            config:
              - subnet: ${STACK_SUBNET:-192.168.240.0/24}
      """;

  private final Workbench bench = new Workbench();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gate",
        "gate:1",
        "reg/gate:1.2-rc_3",
        "localhost/gate",
        "localhost:5000/a/b/c",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/armory/gate:2026.2.0",
        "Reg.Example.com/gate",
        "[::1]:5000/gate",
        "a__b/c-d.e",
        "gate@sha256:3536ecf04273197252c2d39986a189b38493e35c2388f0769730f1824e3456dc",
        "gate:1@sha256:3536ecf04273197252c2d39986a189b38493e35c2388f0769730f1824e3456dc",
        "sha256:3536ecf04273197252c2d39986a189b38493e35c2388f0769730f1824e3456dc",
      })
  void an_image_that_the_engine_takes_is_taken(String image) {
    assertThat(ImageReference.problem(image)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Foo/Gate:x",
        "foo/Gate",
        "gate:",
        "gate:a b",
        "gate :x",
        " gate",
        "gate\n",
        "reg\n/gate:x",
        "reg\t/gate",
        "gate:-x",
        "/gate",
        "gate/",
        "a//b",
        "-a/b",
        "a/_b",
        "a...b",
        "http://reg.example/gate",
        "reg.example:port/gate",
        "reg.example:0/gate",
        "reg.example:65536/gate",
        "reg.example:99999999999/gate",
        "gate:1\u00a0",
        "reg\u200b/gate:1",
        "reg_.example/gate",
        "gate@sha256:123",
        "gate@latest",
        "gate:x:y",
        "gäte",
      })
  void and_no_other(String image) {
    assertThat(ImageReference.problem(image)).isPresent();
  }

  @Test
  void an_image_is_named_with_its_line_and_its_parameter() {
    bench.set("SPINNAKER_RELEASE", "a b");
    assertThat(bench.problems())
        .containsExactly(
            "/t/spinnaker.yml:3: services.gate.image: 'reg/gate:a b' is no image reference: it has"
                + " a blank in it; correct parameter SPINNAKER_RELEASE (/env/default.env:1)",
            "/t/spinnaker.yml:9: services.orca.image: 'reg/orca:a b' is no image reference: it has"
                + " a blank in it; correct parameter SPINNAKER_RELEASE (/env/default.env:1)");
  }

  @Test
  void an_image_of_an_overlay_is_named_with_the_overlays_line() {
    bench.overlay("o.yml", "services:\n  gate:\n    image: Foo/Gate:x\n");
    assertThat(bench.problems())
        .containsExactly(
            "/site/o.yml:3: services.gate.image: 'Foo/Gate:x' is no image reference: 'Foo/Gate'"
                + " must be lowercase; write registry/name:tag");
  }

  private static final String DIGEST =
      "@sha256:3536ecf04273197252c2d39986a189b38493e35c2388f0769730f1824e3456dc";

  @Test
  void where_digests_are_required_every_image_without_one_is_refused_with_its_line() {
    bench
        .onlyDigests()
        .overlay("o.yml", "services: {gate: {image: 'reg/gate:1%s'}}".formatted(DIGEST));
    assertThat(bench.problems())
        .singleElement()
        .asString()
        .startsWith(
            "/t/spinnaker.yml:9: services.orca.image: 'reg/orca:1' is not named by its digest")
        .endsWith("write reg/orca:1@sha256:…");
  }

  @Test
  void an_image_that_is_mounted_is_checked_as_every_other() {
    bench
        .onlyDigests()
        .overlay(
            "o.yml",
            """
            services:
              gate: {image: 'reg/gate:1%1$s'}
              orca:
                image: 'reg/orca:1%1$s'
                volumes:
                  - {type: image, source: 'reg/pics:1', target: /pics}
                  - {type: image, source: 'Reg/pics:1', target: /p}
            """
                .formatted(DIGEST));
    assertThat(bench.problems())
        .containsExactlyInAnyOrder(
            "/site/o.yml:6: services.orca.volumes: 'reg/pics:1' is not named by its digest, as"
                + " images.require_digest wants it; write reg/pics:1@sha256:…",
            "/site/o.yml:7: services.orca.volumes: 'Reg/pics:1' is no image reference: 'Reg/pics'"
                + " must be lowercase; write registry/name:tag");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reg/orca",
        "reg/orca:latest",
        "reg/orca@sha256:3536ecf04273197252c2d39986a189b3",
        "reg/orca:1@md5:3536ecf04273197252c2d39986a189b38493e35c2388f0769730f1824e3456dc",
        "reg/orca@sha256:3536ECF04273197252C2D39986A189B38493E35C2388F0769730F1824E3456DC",
        "reg/sha256:3536ecf04273197252c2d39986a189b38493e35c2388f0769730f1824e3456dc",
      })
  void what_may_mean_another_content_tomorrow_names_none(String image) {
    assertThat(ImageReference.namesContent(image)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reg/orca" + DIGEST,
        "localhost:5000/a/orca:1.2" + DIGEST,
        "sha256:3536ecf04273197252c2d39986a189b38493e35c2388f0769730f1824e3456dc",
      })
  void a_digest_or_an_id_names_one(String image) {
    assertThat(ImageReference.namesContent(image)).isTrue();
    assertThat(ImageReference.problem(image)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'1\n', ends in a line break",
    "'1\r\n', ends in a line break",
    "'\u00011', control character",
    "'1\u0085', control character",
    "'1\u200b', a character that nobody sees (U+200B)",
    "'\ufeff1', a character that nobody sees (U+FEFF)",
    "'1\u2028', a line break"
  })
  void a_parameter_that_nobody_can_see_is_named(String value, String what) {
    bench.set("SPINNAKER_RELEASE", value);
    assertThat(bench.problems())
        .anySatisfy(line ->
            assertThat(line)
                .contains("/env/default.env:1: parameter SPINNAKER_RELEASE")
                .contains(what));
  }

  @Test
  void a_parameter_that_nothing_uses_is_nobodys_problem() {
    bench.set("NOTES", "two\nlines\n").secret("KEY_FILE", "-----BEGIN\n").rendered();
  }

  @ParameterizedTest
  @CsvSource({
    "nonsense, is no range of addresses",
    "192.168.1.0, is no range of addresses",
    "192.168.1.0/33, is no range of addresses",
    "192.168.1/24, is no range of addresses",
    "192.168.256.0/24, is no range of addresses",
    "192.168.1.0/-1, is no range of addresses",
    "'192.168.1.0/24 ', is no range of addresses",
    "192.168.1.7/24, it would be 192.168.1.0/24",
    "10.0.0.0/30, has too few addresses for 2 containers",
    "fd00::1/64, it would be fd00",
    "010.0.0.0/24, is no range of addresses",
    "224.0.0.0/24, is for multicast",
    "239.255.255.0/24, is for multicast",
    "ff05::/64, is for multicast",
  })
  void a_range_that_is_none_is_named_with_its_parameter(String range, String what) {
    bench.overlay("net.yml", NETWORK).set("STACK_SUBNET", range);
    assertThat(bench.problems())
        .singleElement()
        .asString()
        .startsWith("/site/net.yml:8: networks.stack: ")
        .contains(what, "correct parameter STACK_SUBNET (/env/default.env:1)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.168.1.0/24", "10.0.0.0/29", "fd00::/64"})
  void a_range_that_is_one_is_taken(String range) {
    bench.overlay("net.yml", NETWORK).set("STACK_SUBNET", range).rendered();
  }

  @ParameterizedTest
  @CsvSource({
    "gateway: 10.1.0.1, gateway 10.1.0.1 is not in 10.0.0.0/24",
    "gateway: nonsense, gateway 'nonsense' is no IP address",
    "ip_range: 10.1.0.0/25, ip_range 10.1.0.0/25 is not in 10.0.0.0/24",
    "ip_range: 10.0.0.0/16, ip_range 10.0.0.0/16 is not in 10.0.0.0/24",
    "aux_addresses: {a: 10.9.9.9}, aux_addresses.a 10.9.9.9 is not in 10.0.0.0/24",
  })
  void what_is_said_beside_a_range_has_to_be_in_it(String more, String what) {
    bench.overlay(
        "net.yml",
        "services: {gate: {networks: [n]}}\nnetworks:\n  n:\n    ipam:\n      config:\n        - subnet: 10.0.0.0/24\n          %s\n"
            .formatted(more));
    assertThat(bench.problems()).singleElement().asString().contains("/site/net.yml:", what);
  }

  @Test
  void two_networks_of_a_stack_share_no_address() {
    bench.overlay(
        "net.yml",
        """
        services: {gate: {networks: [a, b]}}
        networks:
          a: {ipam: {config: [{subnet: 10.0.0.0/16}]}}
          b: {ipam: {config: [{subnet: 10.0.7.0/24}]}}
        """);
    assertThat(bench.problems())
        .singleElement()
        .asString()
        .contains("10.0.7.0/24 overlaps 10.0.0.0/16 of network a");
  }

  @ParameterizedTest
  @CsvSource({
    "8084:8084, true",
    "127.0.0.1:8084:80, true",
    "0.0.0.0:8084:80, true",
    "'[::]:8084:80', true",
    "8084:80/udp, false",
    "8085:80, false",
    "8084-8090:80, false",
    "8080-8084:8080-8084, true",
  })
  void a_port_of_the_node_is_published_once(String port, boolean clashes) {
    bench
        .expose("orca")
        .overlay("p.yml", "services:\n  orca:\n    ports: [\"%s\"]\n".formatted(port));
    if (clashes) {
      assertThat(bench.problems())
          .singleElement()
          .asString()
          .startsWith("/site/p.yml:3: services.orca.ports: it would publish port ")
          .contains("and so would gate: port 8084/tcp");
    } else {
      bench.rendered();
    }
  }

  @Test
  void on_different_addresses_a_port_is_another() {
    bench
        .overlay(
            "p.yml",
            "services: {gate: {ports: !override ['10.0.0.1:80:80']}, orca: {ports:"
                + " ['10.0.0.2:80:80']}}\n")
        .rendered();
  }

  @Test
  void two_containers_of_a_service_publish_no_port_twice() {
    bench.overlay("p.yml", "services: {gate: {scale: 2}}\n");
    assertThat(bench.problems())
        .singleElement()
        .asString()
        .contains(
            "/t/spinnaker.yml:4: services.gate.ports: each of its 2 containers would publish port"
                + " 8084/tcp");
  }

  @Test
  void a_range_with_no_free_port_left_is_named() {
    bench
        .expose("orca")
        .overlay(
            "p.yml", "services: {orca: {ports: ['8084-8085:80']}, gate: {ports: ['8085:85']}}\n");
    assertThat(bench.problems()).singleElement().asString().contains("publish all of the ports");
  }

  @Test
  void a_name_to_expose_that_is_no_service_is_named() {
    bench.expose("gtae");
    assertThat(bench.problems())
        .singleElement()
        .asString()
        .contains("agent.yaml: expose: there is no service gtae");
    new Workbench().expose("fiat").rendered();
    new Workbench().role("two", "services:\n  other: {image: o}\n").expose("other").rendered();
  }

  @ParameterizedTest
  @CsvSource({
    "'a: 1\nb: [1', 2",
    "'a: 1\n\tb: 2', 2",
    "'a: 1\nb: 2\na: 3', 3",
    "'a:\n  b: 1\n  b: 2', 3",
    "'a: 1\n b: 2', 2",
    "'a: \"open', 1",
    "'a: *nowhere', 1",
  })
  void a_file_of_spinnakers_that_cannot_be_read_is_named_with_its_line(String text, int line) {
    var at = line + ": ";
    assertThat(new Workbench().config("gate-local.yml", text).problems())
        .singleElement()
        .asString()
        .startsWith("/t/config/gate-local.yml:" + at);
    assertThat(new Workbench().parameterFile("gate-local.yml", new Plain(text)).problems())
        .singleElement()
        .asString()
        .startsWith("ssm /p/default/config/gate-local.yml:" + at);
    assertThat(new Workbench().parameterFile("gate.yml", new Hidden(new Secret(text))).problems())
        .singleElement()
        .asString()
        .startsWith("ssm /p/default/config/gate.yml:" + at + "not valid YAML; ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# nothing",
        "a: ${X:default}\nb: {c: 1}",
        "a: 1\n---\na: 2",
        "x: &x {a: 1}\ny: {<<: *x}\nz: [*x, {a: 1}, {a: 1}]",
        "? [a]\n: b\n? [a, b]\n: c",
        "a: |\n  \tx\n",
      })
  void a_file_that_spring_reads_is_taken(String text) {
    new Workbench().config("gate-local.yml", text).rendered();
  }

  @Test
  void what_is_no_yaml_by_its_name_is_not_looked_into() {
    new Workbench().config("settings.js", "var a = [1").rendered();
  }

  @Test
  void all_that_is_wrong_is_said_in_one_go() {
    bench
        .config("gate-local.yml", "a: [")
        .expose("gtae")
        .set("SPINNAKER_RELEASE", "1\n")
        .overlay("net.yml", NETWORK)
        .set("STACK_SUBNET", "nonsense");
    assertThat(String.join("\n", bench.problems()))
        .contains("gate-local.yml:1", "gtae", "parameter SPINNAKER_RELEASE", "STACK_SUBNET");
  }

  private static final String FIXED =
      """
      services:
        gate: {networks: {n: {ipv4_address: 10.1.1.9}}, scale: %d}
        orca: {networks: {n: {ipv4_address: %s}}, %s}
      networks: {n: {ipam: {config: [{subnet: 10.1.1.0/24}]}}}
      """;

  /// What the engine would refuse only when the predecessor has gone.
  @ParameterizedTest
  @CsvSource({
    "1, 10.1.1.9, restart: always, services.orca: address 10.1.1.9 of network n is that of gate",
    "2, 10.1.1.8, restart: always, services.gate: address 10.1.1.9 is for one container",
    "1, 10.2.1.9, restart: always, services.orca: address 10.2.1.9 is not in a range of network n",
  })
  void an_address_is_for_one_container(int scale, String orca, String more, String problem) {
    bench.overlay("o.yml", FIXED.formatted(scale, orca, more));
    assertThat(bench.problems())
        .anyMatch(p ->
            p.contains(problem) && p.endsWith("write an address of its own in the range, or none"));
  }

  @Test
  void two_containers_with_an_address_each_are_taken() {
    bench.overlay("o.yml", FIXED.formatted(1, "10.1.1.8", "restart: always"));
    assertThat(bench.rendered()).isNotNull();
  }

  @Test
  void what_an_engine_refuses_is_named_with_its_line_or_its_parameter() {
    bench
        .set("GATE_MEMORY", "5m")
        .overlay(
            "o.yml",
            """
            services:
              orca:
                cap_add:
                  - NET_RAW
                  - NET_ADMNI
                healthcheck:
                  test: [CMD, "true"]
                  interval: 100us
            """);
    assertThat(bench.problems())
        .containsExactlyInAnyOrder(
            "/t/spinnaker.yml:5: services.gate.mem_limit: is below the engine's least, 6 MiB;"
                + " correct parameter GATE_MEMORY (/env/default.env:1)",
            "/site/o.yml:5: services.orca.cap_add: 'NET_ADMNI' is no capability; write NET_ADMIN",
            "/site/o.yml:8: services.orca.healthcheck.interval: is shorter than 1 ms; write 1ms or"
                + " more, or 0s for the engine's default");
  }

  @Test
  void what_another_engine_may_take_is_a_warning() {
    var revision =
        bench.overlay("o.yml", "services:\n  gate:\n    dns_opt: ['ndots=2']\n").rendered();
    assertThat(revision.warnings())
        .contains(
            "/site/o.yml:3: services.gate.dns_opt: 'ndots=2' is no option that resolvers know; see"
                + " resolv.conf(5)");
  }
}
