package io.armory.agent.render.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.ComposeResult.Loaded;
import io.armory.agent.compose.ComposeResult.Rejected;
import io.armory.agent.domain.EngineAbilities;
import io.armory.agent.render.engine.EngineCases.Kind;
import io.armory.agent.render.engine.EngineCases.Row;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every row of the table is found, by its attribute, and its neighbour is not.
class EngineRulesTest {
  static final EngineAbilities NEW =
      new EngineAbilities(
          28,
          2,
          Set.of("json-file", "local", "fluentd", "loki:latest"),
          Set.of("bridge", "host", "macvlan", "null"),
          Set.of("local"),
          Set.of("runc"));

  static final List<Row> ROWS = EngineCases.ROWS;

  @ParameterizedTest
  @FieldSource("ROWS")
  void what_an_engine_refuses_is_known(Row row) {
    switch (EngineCases.load("img", row.bad(), "base", "name")) {
      case Rejected rejected ->
          assertThat(rejected.problems())
              .allSatisfy(p -> assertThat(p.line()).contains(row.attribute()));
      case Loaded loaded -> {
        var faults = EngineRules.faults(loaded.stack(), NEW);
        assertThat(faults).extracting(Fault::attribute).containsOnly(row.attribute());
        assertThat(faults).allSatisfy(f -> assertThat(f.todo()).isNotEmpty());
        if (row.kind() == Kind.REFUSED || row.kind() == Kind.SINCE_28) {
          assertThat(faults).allMatch(Fault::isCertain);
        }
      }
    }
  }

  @ParameterizedTest
  @FieldSource("ROWS")
  void and_its_neighbour_is_taken(Row row) {
    var loaded = (Loaded) EngineCases.load("img", row.good(), "base", "name");
    assertThat(EngineRules.faults(loaded.stack(), NEW)).isEmpty();
  }

  @Test
  void what_only_newer_engines_refuse_is_a_warning_where_the_engine_is_unknown() {
    EngineCases.ROWS.stream()
        .filter(r -> r.kind() == Kind.SINCE_28)
        .forEach(row -> {
          if (EngineCases.load("img", row.bad(), "base", "n") instanceof Loaded loaded) {
            assertThat(EngineRules.faults(loaded.stack(), EngineAbilities.UNKNOWN))
                .as(row.bad())
                .isNotEmpty()
                .allMatch(f -> !f.isCertain() || f.attribute().equals("ports"));
          }
        });
  }

  @Test
  void drivers_are_judged_by_the_node_s_engine_alone() {
    for (var setting :
        List.of("logging: {driver: splunk}", "runtime: kata", "cpus: 64", "cpuset: '40'")) {
      var loaded = (Loaded) EngineCases.load("img", setting, "base", "n");
      assertThat(EngineRules.faults(loaded.stack(), EngineAbilities.UNKNOWN)).isEmpty();
      assertThat(EngineRules.faults(loaded.stack(), NEW)).as(setting).hasSize(1);
    }
    var plugin = (Loaded) EngineCases.load("img", "logging: {driver: loki}", "base", "n");
    assertThat(EngineRules.faults(plugin.stack(), NEW)).isEmpty();
  }

  @Test
  void networks_and_volumes_are_checked_too() {
    var loaded =
        (Loaded)
            io.armory.agent.compose.Loading.load(
                """
                services: {a: {image: i, networks: [n, m, o], volumes: ['vol:/v', 'wol:/w']}}
                networks:
                  n: {name: bridge}
                  m: {driver: macvaln}
                  o: {driver_opts: {com.docker.network.driver.mtu: big}}
                volumes:
                  vol: {name: a b}
                  wol: {driver_opts: {sise: 1g}}
                """);
    assertThat(EngineRules.faults(loaded.stack(), NEW))
        .extracting(Fault::path)
        .containsExactlyInAnyOrder(
            "networks.m.driver",
            "networks.n.name",
            "networks.o.driver_opts",
            "volumes.vol.name",
            "volumes.wol.driver_opts");
  }

  /// Podman: what its engine takes, Docker's rules must not refuse.
  @ParameterizedTest
  @FieldSource("ROWS")
  void what_dockers_engine_refuses_is_a_warning_on_another(Row row) {
    if (EngineCases.load("img", row.bad(), "base", "name") instanceof Loaded loaded) {
      var podman = new EngineAbilities(5, 2, Set.of(), Set.of(), Set.of(), Set.of());
      assertThat(EngineRules.faults(loaded.stack(), podman)).noneMatch(Fault::isCertain);
    }
  }

  @Test
  void a_mount_of_an_image_needs_an_engine_that_knows_it() {
    var loaded =
        (Loaded)
            EngineCases.load(
                "i", "volumes: [{type: image, source: pics, target: /pics}]", "b", "n");
    for (var release : List.of(20, 27, 5)) {
      var old = new EngineAbilities(release, 2, Set.of(), Set.of(), Set.of(), Set.of());
      assertThat(EngineRules.faults(loaded.stack(), old))
          .singleElement()
          .satisfies(f -> {
            assertThat(f.path()).isEqualTo("services.a.volumes");
            assertThat(f.token()).isEqualTo("pics");
            assertThat(f.what()).endsWith("Docker 28, and the engine of this node is " + release);
            assertThat(f.isCertain()).isTrue();
          });
    }
    assertThat(EngineRules.faults(loaded.stack(), NEW)).isEmpty();
    assertThat(EngineRules.faults(loaded.stack(), EngineAbilities.UNKNOWN)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/web", "..", "../x", "a/../../x"})
  void a_folder_outside_of_an_image_is_refused(String subpath) {
    var mount = "{type: image, source: pics, target: /pics, image: {subpath: '%s'}}";
    var loaded =
        (Loaded)
            EngineCases.load("i", "volumes: [%s]".formatted(mount.formatted(subpath)), "b", "n");
    assertThat(EngineRules.faults(loaded.stack(), NEW))
        .extracting(Fault::path)
        .containsExactly("services.a.volumes");
    var inside = mount.formatted("web/a..b");
    loaded = (Loaded) EngineCases.load("i", "volumes: [%s]".formatted(inside), "b", "n");
    assertThat(EngineRules.faults(loaded.stack(), NEW)).isEmpty();
  }

  @Test
  void start_interval_needs_an_engine_that_knows_it() {
    var loaded =
        (Loaded) EngineCases.load("i", "healthcheck: {test: x, start_interval: 5s}", "b", "n");
    var old = new EngineAbilities(20, 2, Set.of(), Set.of(), Set.of(), Set.of());
    assertThat(EngineRules.faults(loaded.stack(), old))
        .extracting(Fault::path)
        .containsExactly("services.a.healthcheck.start_interval");
    assertThat(EngineRules.faults(loaded.stack(), NEW)).isEmpty();
    assertThat(EngineRules.faults(loaded.stack(), EngineAbilities.UNKNOWN)).isEmpty();
  }
}
