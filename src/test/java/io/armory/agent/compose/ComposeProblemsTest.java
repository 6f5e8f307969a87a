package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComposeProblemsTest {

  @Test
  void all_problems_are_said_at_once_each_with_its_place_and_what_to_do() {
    assertThat(
            Loading.problems(
                """
                services:
                  gate:
                    build: .
                    enviroment: {A: 1}
                    mem_limit: lots
                    ports: ["80:abc"]
                    depends_on: [orcha]
                  orca:
                    image: orca:${TAG!}
                    restart: sometimes
                    networks: [front]
                netwoks: {}
                """))
        .containsExactly(
            "/p/compose.yaml:3:5: services.gate.build: is not supported: this agent does not build"
                + " images; build and push it elsewhere, and name it with image:",
            "/p/compose.yaml:4:5: services.gate.enviroment: unknown key 'enviroment'; did you mean"
                + " 'environment'?",
            "/p/compose.yaml:5:16: services.gate.mem_limit: is not a number of bytes; write a whole"
                + " number with b, k, m, g or t: 512m",
            "/p/compose.yaml:6:13: services.gate.ports[0]: 'abc' is no container port; write"
                + " [IP:][HOST:]CONTAINER[/PROTOCOL], in quotes",
            "/p/compose.yaml:7:18: services.gate.depends_on.orcha: depends on the undefined service"
                + " 'orcha'; did you mean 'orca'?",
            "/p/compose.yaml:9:12: services.orca.image: invalid interpolation format; write"
                + " ${NAME}, ${NAME:-default} or, for a literal dollar, $$",
            "/p/compose.yaml:10:14: services.orca.restart: 'sometimes' is no restart policy; use"
                + " no, always, unless-stopped or on-failure[:TIMES]",
            "/p/compose.yaml:11:16: services.orca.networks.front: refers to the undefined network"
                + " 'front'; define it under 'networks:' at the top level",
            "/p/compose.yaml:12:1: netwoks: unknown key 'netwoks'; did you mean 'networks'?");
  }

  @Test
  void a_variable_that_is_missing_is_said_once_and_not_again_for_what_it_leaves_unreadable() {
    assertThat(
            Loading.problems(
                """
                services:
                  gate:
                    image: gate
                    ports: ["${IP:?set it to this node's address}:80:80"]
                    volumes: ["${DATA:?set it: a directory}:/data"]
                """))
        .satisfiesExactly(
            p -> assertThat(p).contains("ports[0]: required variable IP is not set"),
            p -> assertThat(p).contains("volumes[0]: required variable DATA is not set"));
  }

  @Test
  void a_variable_that_is_missing_in_many_places_is_said_of_the_first_and_where_to_set_it() {
    assertThat(
            Loading.problems(
                """
                services:
                  gate: {image: gate, ports: ["${IP:?this node's}:80:80"]}
                  orca: {image: orca, ports: ["${IP:?this node's}:81:80"]}
                """))
        .containsExactly(
            "/p/compose.yaml:2:31: services.gate.ports[0]: required variable IP is not set:"
                + " this node's; set IP in env/default.env, in SSM as env/IP or by the tag"
                + " armory:param:IP");
  }

  @Test
  void a_tab_that_indents_is_pointed_at() {
    assertThat(Loading.problems("services:\n  a:\n    image: \"i\"\n  \t# why\n    tty: true\n"))
        .containsExactly(
            "/p/compose.yaml:4:3: a tab in the indentation; indent with spaces, not tabs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
  void a_file_may_begin_with_the_mark_of_its_encoding(String encoding) {
    MemoryFiles files = new MemoryFiles();
    String text = "\uFEFFservices: {a: {image: i, hostname: \"é\"}}\n";
    files.put(Loading.FILE, text.getBytes(Charset.forName(encoding)));
    ComposeRequest request = ComposeRequest.of("/p", List.of("compose.yaml"));
    assertThat(Loading.loaded(ComposeLoader.load(request, files)).model().json())
        .contains("\"hostname\": \"é\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "develop: {watch: []}|services.a.develop",
        "provider: {type: x}|services.a.provider",
        "models: [x]|services.a.models",
        "use_api_socket: true|services.a.use_api_socket",
        "credential_spec: {file: x}|services.a.credential_spec",
        "isolation: process|services.a.isolation",
        "volumes: [{type: npipe, source: x, target: /y}]|services.a.volumes[0].type",
        "volumes: [{type: cluster, source: x, target: /y}]|services.a.volumes[0].type",
        "pull_policy: refresh|services.a.pull_policy",
        "pull_policy: every_1h.5m|services.a.pull_policy",
        "deploy: {restart_policy: {condition: maybe}}|services.a.deploy.restart_policy.condition",
      })
  void what_is_not_supported_is_refused_by_name(String attribute, String path) {
    String yaml = "services:\n  a:\n    image: i\n    " + attribute + "\n";
    assertThat(Loading.problems(yaml)).singleElement().asString().contains(": " + path + ": ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "secrets: {s: {external: true}}|secrets.s.external",
        "configs: {s: {external: true}}|configs.s.external",
        "secrets: {s: {file: x, driver: d}}|secrets.s.driver",
        "secrets: {s: {file: x, template_driver: d}}|secrets.s.template_driver",
        "configs: {s: {file: x, template_driver: d}}|configs.s.template_driver",
      })
  void nothing_outside_the_project_provides_configs_and_secrets(String top, String path) {
    String yaml = "services: {a: {image: i}}\n" + top + "\n";
    assertThat(Loading.problems(yaml)).singleElement().asString().contains(": " + path + ": ");
  }

  @Test
  void mac_addresses_that_contradict_each_other_are_refused() {
    var yaml =
        "services: {a: {image: i, mac_address: \"02:42:00:00:00:01\", networks: {n: {mac_address:"
            + " \"%s\", priority: 5}, m: {mac_address: \"02:42:00:00:00:09\"}}}}\n"
            + "networks: {n: , m: }\n";
    assertThat(Loading.problems(yaml.formatted("02:42:00:00:00:02")))
        .singleElement()
        .asString()
        .contains("services.a.mac_address: differs from the mac_address of the first network");
    Loading.loaded(yaml.formatted("02:42:00:00:00:01"));
  }

  private static final String NO_EFFECT =
      " has no effect: a rollout replaces one container at a time and goes back to the last good"
          + " revision within rollout.timeout";

  @Test
  void cluster_settings_are_warned_about() {
    String yaml =
        """
        services:
          a:
            image: i
            deploy:
              mode: global
              placement: {}
              endpoint_mode: vip
              update_config: {parallelism: 1, failure_action: rollback, order: start-first, x-a: 1}
              rollback_config: {order: stop-first, delay: 5s}
        """;
    assertThat(Loading.loaded(yaml).warnings())
        .containsExactlyInAnyOrder(
            "services.a.deploy.mode: 'global' has no effect here",
            "services.a.deploy.placement is for clusters and has no effect here",
            "services.a.deploy.endpoint_mode is for clusters and has no effect here",
            "services.a.deploy.rollback_config.delay" + NO_EFFECT);
  }

  @Test
  void a_missing_file_names_who_asks_for_it() {
    assertThat(Loading.problems("services:\n  a: {image: i, env_file: nope.env}\n"))
        .containsExactly(
            "/p/compose.yaml:2:27: services.a.env_file: /p/nope.env does not exist; check the"
                + " path, or remove it here");
    assertThat(Loading.problems(Loading.load(Map.of(), Map.of())))
        .containsExactly("/p/compose.yaml: does not exist; check the path");
  }

  @Test
  void values_of_variables_stay_out_of_problems_and_of_text() {
    Map<String, String> secret = Map.of("PASSWORD", "hunter2");
    String bad = "services: {a: {image: i, mem_limit: \"${PASSWORD}\", scale: \"${PASSWORD}\"}}";
    List<String> problems = Loading.problems(Loading.load(Map.of(Loading.FILE, bad), secret));
    assertThat(problems).hasSize(2).noneSatisfy(p -> assertThat(p).contains("hunter2"));
    String good =
        "services: {a: {image: i, environment: {P: \"${PASSWORD}\"}, secrets: [s]}}\n"
            + "secrets: {s: {environment: PASSWORD}}";
    ComposeResult.Loaded loaded = Loading.loaded(Loading.load(Map.of(Loading.FILE, good), secret));
    assertThat(loaded.toString() + loaded.model() + loaded.files() + loaded.stack())
        .doesNotContain("hunter2");
  }
}
