package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.ComposeResult.Loaded;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

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

  private static Loaded load(String yaml) {
    return Loading.loaded(Loading.load(Map.of(Loading.FILE, yaml, "/p/c.yml", INCLUDED), Map.of()));
  }
}
