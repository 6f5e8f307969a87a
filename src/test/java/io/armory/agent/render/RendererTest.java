package io.armory.agent.render;

import static io.armory.agent.render.Workbench.directory;
import static io.armory.agent.render.Workbench.hash;
import static io.armory.agent.render.Workbench.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.render.RenderRequest.Polling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RendererTest {
  private final Workbench bench = new Workbench();

  // ---------------------------------------------------------------- roles and files

  @Test
  void an_unknown_role_is_told_with_the_known_ones_and_what_was_looked_at() {
    bench.role("two", "services: {}\n").inRole("tow");

    assertThat(bench.problems())
        .containsExactly(
            "tag armory:role: there is no role tow (looked at tag armory:role: tow; parameter role:"
                + " not set); use one of one, two, or add its file to the site's compose/roles/");
  }

  @Test
  void no_role_is_told_with_every_place_it_could_come_from() {
    bench.inRole(null);

    assertThat(bench.problems())
        .containsExactly(
            "this node has no role (looked at tag armory:role: not set; parameter role: not set);"
                + " set the tag armory:role, the parameter role, or identity.role in agent.yaml, to"
                + " one of one");
  }

  @Test
  void the_sites_overlays_come_last_in_their_order() {
    bench
        .overlay("10.yml", "services: {orca: {image: first, environment: {A: \"1\"}}}\n")
        .overlay("20.yml", "services: {orca: {image: second}}\n");

    var orca = service(bench.rendered(), "orca");

    assertThat(orca.container().image()).isEqualTo("second");
    assertThat(orca.container().command().environment()).containsEntry("A", "1");
  }

  @Test
  void an_overlay_that_went_away_is_a_problem() {
    bench.missingOverlay("gone.yml");

    assertThat(bench.problems()).singleElement().asString().startsWith("/site/gone.yml: is not");
  }

  @Test
  void a_required_variable_that_is_missing_is_told_with_file_and_line() {
    bench.role("one", "services:\n  orca:\n    environment:\n      A: ${NEEDED:?say it}\n");

    assertThat(bench.problems())
        .singleElement()
        .asString()
        .startsWith("/t/roles/one.yml:4:")
        .contains("NEEDED", "say it");
  }

  @Test
  void all_problems_of_the_files_are_told_at_once() {
    bench.overlay("a.yml", "services: {orca: {imagee: x}, gate: {portz: []}}\n");

    assertThat(bench.problems()).hasSize(2);
  }

  // ---------------------------------------------------------------- parameters

  @Test
  void the_version_setting_is_the_release() {
    bench.set("SPINNAKER_RELEASE", "2").setting("version", "3");

    assertThat(service(bench.rendered(), "orca").container().image()).isEqualTo("reg/orca:3");
  }

  @Test
  void a_flag_turns_an_optional_service_on() {
    assertThat(bench.rendered().stack().services()).doesNotContainKey("fiat");

    bench.set("FIAT_ENABLED", "True");

    assertThat(bench.rendered().stack().services()).containsKey("fiat");
  }

  @Test
  void the_resolved_env_has_every_variable_with_its_origin_and_no_secret() {
    bench.set("HOST", "a b").secret("API_TOKEN", "hunter2");

    assertThat(bench.rendered().resolvedEnv())
        .contains("# /env/default.env:1\nHOST='a b'\n", "# API_TOKEN is a secret\n")
        .contains("# computed: share of this node's memory\nGATE_MEMORY=2048m\n")
        .doesNotContain("hunter2");
  }

  @Test
  void a_parameter_that_no_role_uses_is_named_with_the_one_that_was_meant() {
    bench.set("GATE_MEMROY", "1g").set("FIAT_ENABLED", "false");

    assertThat(bench.rendered().warnings())
        .singleElement()
        .asString()
        .endsWith("GATE_MEMROY is used nowhere; did you mean GATE_MEMORY?");
  }

  @Test
  void the_resolved_env_tells_the_defaults_of_what_nobody_said() {
    assertThat(bench.rendered().resolvedEnv())
        .contains("# default: /t/spinnaker.yml:11\n# HOST=none\n");
  }

  @Test
  void a_memory_limit_that_is_set_is_kept() {
    bench.set("GATE_MEMORY", "600m");

    assertThat(service(bench.rendered(), "gate").container().resources().memory())
        .isEqualTo(600L << 20);
  }

  // ---------------------------------------------------------------- configuration files

  @Test
  void each_service_gets_its_own_files_and_everybodys() {
    bench.config("spinnaker.yml", "s").config("gate.yml", "g").config("gate-local.yml", "gl");
    bench.config("orca.yml", "o").config("settings-local.js", "js");

    var revision = bench.rendered();

    assertThat(names(revision, "gate"))
        .containsExactly("gate-local.yml", "gate.yml", "spinnaker.yml");
    assertThat(names(revision, "orca")).containsExactly("orca.yml", "spinnaker.yml");
  }

  @Test
  void a_file_of_one_service_replaces_that_service_alone() {
    var before = bench.config("gate.yml", "1").config("spinnaker.yml", "1").rendered();
    var gate = bench.config("gate.yml", "2").rendered();
    var all = bench.config("spinnaker.yml", "2").rendered();

    assertThat(hash(gate, "gate")).isNotEqualTo(hash(before, "gate"));
    assertThat(hash(gate, "orca")).isEqualTo(hash(before, "orca"));
    assertThat(hash(all, "orca")).isNotEqualTo(hash(gate, "orca"));
    assertThat(List.of(before.id(), gate.id(), all.id())).doesNotHaveDuplicates();
  }

  @Test
  void a_parameters_file_wins_over_the_sites() {
    bench.config("gate.yml", "site").parameterFile("gate.yml", new Plain("parameter"));

    var revision = bench.rendered();

    assertThat(Workbench.text(revision, directory(revision, "gate") + "/gate.yml"))
        .isEqualTo("parameter");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../gate.yml", "/etc/passwd", "a/../b", "", ".hidden", "a b"})
  void a_parameters_file_cannot_lead_out_of_the_directory(String name) {
    bench.parameterFile(name, new Plain("x"));

    assertThat(bench.problems())
        .singleElement()
        .asString()
        .contains("is not a name for a configuration file");
  }

  // ---------------------------------------------------------------- exposure

  @Test
  void an_internal_service_on_every_address_is_refused_with_its_line() {
    bench.overlay("a.yml", "services:\n  orca:\n    ports:\n      - 9999:1\n      - 8083:8083\n");

    assertThat(bench.problems())
        .containsExactly(
            "/site/a.yml:4: orca would be published on every address of the node: 9999:1/tcp;"
                + " publish it on a private address, such as ${NODE_PRIVATE_IP}, or list orca under"
                + " expose: in agent.yaml",
            "/site/a.yml:5: orca would be published on every address of the node: 8083:8083/tcp;"
                + " publish it on a private address, such as ${NODE_PRIVATE_IP}, or list orca under"
                + " expose: in agent.yaml");
    assertThat(bench.expose("orca").rendered().warnings()).isEmpty();
  }

  @Test
  void the_nodes_network_is_refused_with_its_line() {
    bench.overlay("a.yml", "services:\n  orca:\n    network_mode: host\n");

    assertThat(bench.problems()).singleElement().asString().startsWith("/site/a.yml:3: orca runs");
  }

  @Test
  void the_nodes_private_address_is_fine_and_known_from_its_identity() {
    bench.fact("private-ip", "10.0.0.5");
    bench.overlay("a.yml", "services: {orca: {ports: [\"${NODE_PRIVATE_IP:?}:8083:8083\"]}}\n");

    assertThat(service(bench.rendered(), "orca").container().networking().ports())
        .singleElement()
        .satisfies(p -> assertThat(p.hostIp()).isEqualTo("10.0.0.5"));
  }

  // ---------------------------------------------------------------- the poller

  @Test
  void where_nodes_elect_the_poller_each_has_it_in_its_stack_to_be_run_by_the_elected_one() {
    var base =
        Workbench.BASE
            .replace("fiat:", "igor-poller:")
            .replace("[fiat]", "[poller]\n    x-armory: {elected: true}");
    bench.base(base).role("ha", "services: {}\n").inRole("ha");
    var not = bench.polling(Polling.BY_ROLE).rendered();
    var electing = bench.polling(Polling.ELECTING).rendered();

    assertThat(not.stack().services()).doesNotContainKey("igor-poller");
    assertThat(service(electing, "igor-poller").elected()).isTrue();
    assertThat(service(electing, "orca").elected()).isFalse();
  }

  @Test
  void ha_without_a_poller_is_warned_of_and_a_polling_role_elects_nobody() {
    bench.role("ha", "services: {}\n").role("ha-polling", "services: {}\n");

    assertThat(bench.inRole("ha").rendered().warnings())
        .singleElement()
        .asString()
        .contains("polls on no node");
    assertThat(bench.polling(Polling.ELECTING).rendered().warnings()).isEmpty();
    assertThat(bench.inRole("ha-polling").rendered().warnings())
        .singleElement()
        .asString()
        .contains("polling: elect has no meaning");
  }

  @Test
  void a_parameter_asks_for_the_election_whatever_the_file_says() {
    bench.role("ha", "services: {}\n").inRole("ha");
    assertThat(bench.set("POLLING", "elect").rendered().warnings()).isEmpty();
    assertThat(bench.polling(Polling.ELECTING).set("POLLING", "role").rendered().warnings())
        .singleElement()
        .asString()
        .contains("polls on no node");
    assertThat(bench.set("POLLING", "vote").problems())
        .singleElement()
        .asString()
        .contains("POLLING vote is not known", "use role or elect");
  }

  // ---------------------------------------------------------------- the id

  @Test
  void equal_inputs_are_equal_revisions_whatever_their_order() {
    var random = new Random(11);
    var first = scrambled(random).rendered();
    for (var round = 0; round < 10; round++) {
      var other = scrambled(random).rendered();
      assertThat(other.id()).isEqualTo(first.id());
      assertThat(other.composeYaml()).isEqualTo(first.composeYaml());
      assertThat(other.resolvedEnv().lines().filter(l -> !l.startsWith("#")))
          .containsExactlyElementsOf(
              first.resolvedEnv().lines().filter(l -> !l.startsWith("#")).toList());
      assertThat(mounted(other)).containsExactlyInAnyOrderElementsOf(mounted(first));
    }
    assertThat(first.id()).matches("[0-9a-f]{12}");
  }

  /// All but the list of variables, which says where each came from.
  private static List<RenderedFile> mounted(Revision revision) {
    return revision.files().stream().filter(f -> !f.path().endsWith("resolved.env")).toList();
  }

  private static Workbench scrambled(Random random) {
    var bench = new Workbench();
    var steps =
        new ArrayList<Runnable>(
            List.of(
                () -> bench.set("HOST", "h"),
                () -> bench.set("GATE_MEMORY", "512m"),
                () -> bench.secret("REDIS_PASSWORD", "p"),
                () -> bench.config("gate.yml", "g"),
                () -> bench.config("spinnaker.yml", "s"),
                () -> bench.parameterFile("orca.yml", new Plain("o")),
                () -> bench.parameterFile("gate-x.yml", new Hidden(new Secret("x")))));
    Collections.shuffle(steps, random);
    steps.forEach(Runnable::run);
    return bench;
  }

  private static List<String> names(Revision revision, String service) {
    var directory = directory(revision, service) + "/";
    return revision.files().stream()
        .map(RenderedFile::path)
        .filter(p -> p.startsWith(directory))
        .map(p -> p.substring(directory.length()))
        .toList();
  }
}
