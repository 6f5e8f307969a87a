package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.ComposeResult.Loaded;
import io.armory.agent.domain.stack.Storage.Bind;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is included is there before services are extended, and is changed by who includes it, as in
/// Docker Compose 5.1 and newer.
class IncludeTest {
  private static final String INCLUDED =
      """
      services:
        base: {image: i, environment: {A: one}, ports: ['80:80'], hostname: h}
      volumes: {vol: {labels: {a: b}}}
      """;

  @Test
  void a_service_is_extended_from_an_included_one() {
    var web =
        Loading.service(
            load(
                """
                include: [c.yml]
                services: {web: {extends: base, environment: {B: two}}}
                """),
            "web");
    assertThat(web.container().image()).isEqualTo("i");
    assertThat(web.container().command().environment()).isEqualTo(Map.of("A", "one", "B", "two"));
  }

  @Test
  void the_file_that_includes_has_the_last_word() {
    var loaded =
        load(
            """
            include: [c.yml]
            services:
              base: {image: j, environment: {B: two}, ports: ['81:81'], volumes: ['vol:/v']}
              web: {extends: base}
            volumes: {vol: {labels: {c: d}}}
            """);
    for (var name : new String[] {"base", "web"}) {
      var container = Loading.service(loaded, name).container();
      assertThat(container.image()).isEqualTo("j");
      assertThat(container.hostname()).isEqualTo("h");
      assertThat(container.networking().ports()).hasSize(2);
      assertThat(container.command().environment()).isEqualTo(Map.of("A", "one", "B", "two"));
    }
    assertThat(Objects.requireNonNull(loaded.stack().volumes().get("vol")).labels())
        .isEqualTo(Map.of("a", "b", "c", "d"));
  }

  @Test
  void and_takes_away_what_it_does_not_want() {
    var base =
        Loading.service(
            load(
                """
                include: [c.yml]
                services: {base: {ports: !override ['81:81'], hostname: !reset null}}
                """),
            "base");
    assertThat(base.container().networking().ports()).hasSize(1);
    assertThat(base.container().hostname()).isNull();
    assertThat(base.container().image()).isEqualTo("i");
  }

  @Test
  void the_env_file_beside_what_is_included_can_be_left_out() {
    var loaded =
        Loading.loaded(
            Loading.load(
                Map.of(
                    Loading.FILE,
                    "include: [{path: sub/c.yml, env_file: /dev/null}]",
                    "/p/sub/c.yml",
                    "services: {a: {image: '${I:-none}'}}",
                    "/p/sub/.env",
                    "I=other"),
                Map.of()));
    assertThat(Loading.service(loaded, "a").container().image()).isEqualTo("none");
  }

  /// The reference's decoder looks for `path` in any letters, and writes an integer out.
  @Test
  void the_keys_of_an_include_may_be_in_capitals_and_its_directory_a_number() {
    var loaded =
        Loading.loaded(
            Loading.load(
                Map.of(
                    Loading.FILE,
                    """
                    include:
                      - {PATH: sub/c.yml, Env_File: one.env, Project_Directory: 0x10}
                      - {path: d.yml, PATH: nowhere.yml}
                    """,
                    "/p/sub/c.yml",
                    "services: {a: {image: '$I', volumes: ['./x:/x']}}",
                    "/p/d.yml",
                    "services: {d: {image: i}}",
                    "/p/one.env",
                    "I=j",
                    "/p/16/k",
                    ""),
                Map.of()));
    var container = Loading.service(loaded, "a").container();
    assertThat(container.image()).isEqualTo("j");
    assertThat(container.storage().mounts())
        .singleElement()
        .isInstanceOfSatisfying(Bind.class, b -> assertThat(b.source()).isEqualTo("/p/16/x"));
    assertThat(loaded.stack().services()).containsOnlyKeys("a", "d");
  }

  @ParameterizedTest
  @ValueSource(strings = {"path: 2024-01-01", "path: c.yml, project_directory: 2024-01-01"})
  void a_date_is_no_name(String include) {
    assertThat(
            Loading.problems(
                Loading.load(
                    Map.of(
                        Loading.FILE,
                        "include: [{%s}]".formatted(include),
                        "/p/c.yml",
                        INCLUDED,
                        "/p/2024-01-01",
                        INCLUDED),
                    Map.of())))
        .singleElement()
        .asString()
        .endsWith("is a date, not text; write it in quotes");
  }

  private static Loaded load(String yaml) {
    return Loading.loaded(Loading.load(Map.of(Loading.FILE, yaml, "/p/c.yml", INCLUDED), Map.of()));
  }
}
