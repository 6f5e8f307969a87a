package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What Spring Boot makes of the shipped configuration with the environment that each role's
/// containers get: the values that services would use, and that no variable of ours is one of their
/// properties.
class SpringContractTest {
  @TempDir Path directory;

  static Stream<String> roles() {
    return ShippedRolesTest.roles();
  }

  @ParameterizedTest
  @MethodSource("roles")
  void services_start_and_find_each_other_redis_and_their_profiles(String role) throws Exception {
    for (var service : springServices(role)) {
      var spring = spring(role, service, Map.of());

      assertThat(spring.text("services.redis.baseUrl"))
          .startsWith(
              role.equals("standalone")
                  ? "redis://redis:6379"
                  : "rediss://:hunter2@redis.internal");
      addresses(role, service)
          .forEach((peer, url) ->
              assertThat(spring.text("services." + peer + ".baseUrl"))
                  .as(role + " " + service)
                  .isEqualTo(url));
      assertThat(spring.text("services.fiat.enabled"))
          .isEqualTo(Boolean.toString(role.equals("fiat")));
      assertThat(spring.text("services.kayenta.enabled"))
          .isEqualTo(Boolean.toString(role.equals("kayenta")));
      assertThat(spring.text("spinnaker.extensibility.enable-default-repositories"))
          .isEqualTo("false");
      check(spring, role, service);
    }
  }

  /// What each service alone is told.
  private static void check(SpringService spring, String role, Service service) {
    switch (service.name()) {
      case "front50" -> {
        var sql = role.equals("standalone");
        assertThat(spring.text("spinnaker.redis.enabled")).isEmpty();
        assertThat(spring.text("spinnaker.s3.enabled")).isEqualTo(sql ? "" : "true");
        assertThat(spring.text("sql.enabled")).isEqualTo(sql ? "true" : "");
      }
      case "echo", "echo-scheduler" -> {
        var fires =
            List.of("standalone", "ha-polling").contains(role)
                || service.name().equals("echo-scheduler");
        // The image's own is true.
        assertThat(!spring.text("scheduler.enabled").equals("false")).as(role).isEqualTo(fires);
        assertThat(spring.text("stats.enabled")).isEqualTo("false");
      }
      case "igor", "igor-poller" -> {
        var polls =
            List.of("standalone", "ha-polling").contains(role)
                || service.name().equals("igor-poller");
        assertThat(!spring.text("spinnaker.build.pollingEnabled").equals("false"))
            .as(role)
            .isEqualTo(polls);
        assertThat(spring.text("locking.enabled")).isEqualTo("true");
      }
      case "orca" -> assertThat(spring.text("spectator.webEndpoint.enabled")).isEqualTo("true");
      default -> {}
    }
  }

  /// With every variable that the templates give, in every role: a service that has a property of
  /// that name, in whatever spelling, would take it, or end as orca does.
  @ParameterizedTest
  @MethodSource("roles")
  void no_variable_can_be_read_as_a_property_of_a_service(String role) throws Exception {
    for (var service : springServices(role)) {
      var spring = spring(role, service, Map.of());
      for (var bean : RealProperties.ALL) {
        spring.bind(bean);
      }
      for (var name : spring.variables()) {
        assertThat(RealProperties.NAMES)
            .as(role + " gives " + service.name() + " " + name)
            .doesNotContain(SpringService.uniform(name));
        assertThat(name)
            .matches("ARMORY_[A-Z0-9_]+|SPRING_PROFILES_ACTIVE|AWS_REGION|(JAVA|KAYENTA)_OPTS");
      }
    }
  }

  /// The proof that the two above would see it: this is how orca was ended.
  @Test
  void a_variable_of_that_kind_ends_a_service() throws Exception {
    var spring =
        spring(
            "standalone",
            Workbench.service(node("standalone"), "orca"),
            Map.of("CLOUDDRIVER_BASE_URL", "http://clouddriver:7002"));

    assertThat(spring.failureOf(RealProperties.OrcaRoot.class)).contains("No setter found");
  }

  @Test
  void the_database_is_reached_by_url_user_and_the_password_of_a_file() throws Exception {
    for (var name : List.of("front50", "orca", "clouddriver")) {
      var upper = name.toUpperCase(Locale.ROOT);
      var revision =
          ShippedRolesTest.node("ha")
              .set(upper + "_SQL_URL", "jdbc:mysql://db.internal:3306/" + name)
              .set(upper + "_SQL_USER", "somebody")
              .secret(upper + "_SQL_PASSWORD", "p-a$$-w")
              .rendered();
      var spring =
          SpringService.of(
              directory.resolve(name), revision, Workbench.service(revision, name), Map.of());

      var sql = spring.bind(RealProperties.Sql.class);
      var pool = Objects.requireNonNull(sql.getConnectionPools().get("default"));
      assertThat(sql.getConnectionPools()).hasSize(1);
      assertThat(List.of(pool.getJdbcUrl(), pool.getUser(), pool.getPassword(), pool.getDialect()))
          .containsExactly("jdbc:mysql://db.internal:3306/" + name, "somebody", "p-a$$-w", "MYSQL");
      assertThat(sql.getMigration().getJdbcUrl()).isEqualTo(pool.getJdbcUrl());
      assertThat(sql.getMigration().getUser()).isEqualTo("somebody");
      assertThat(sql.getMigration().getPassword()).isEqualTo("p-a$$-w");
      assertThat(spring.text("sql.enabled")).isEqualTo("true");
      if (name.equals("orca")) {
        assertThat(spring.text("executionRepository.redis.enabled")).isEqualTo("false");
        assertThat(spring.text("executionRepository.sql.enabled")).isEqualTo("true");
        assertThat(spring.text("keiko.queue.redis.enabled")).isEqualTo("false");
        assertThat(spring.text("keiko.queue.sql.enabled")).isEqualTo("true");
      }
    }
  }

  @Test
  void deck_is_told_of_the_optional_services() {
    var settings = deckSettings(ShippedRolesTest.node("ha").set("FIAT_ENABLED", "True").rendered());

    assertThat(settings)
        .contains(
            "roscoMode: true", "fiatEnabled: fiat", "canary: canary", "featureDisabled: !canary")
        .contains("fiat = 'True'.toLowerCase()", "canary = 'false'.toLowerCase()")
        .contains("gateUrl = '/gate'", "{{context.region}}");
  }

  @Test
  void a_sites_own_settings_of_deck_win() {
    var shipped = ShippedRolesTest.node("deck").rendered();
    var own =
        ShippedRolesTest.node("deck")
            .parameterFile("settings-local.js", new Plain("own"))
            .rendered();

    assertThat(settingsTarget(shipped)).isEqualTo("/opt/spinnaker/config/settings-local.js");
    assertThat(settingsTarget(own)).isEqualTo("/opt/spinnaker/settings-local.js.of-the-role");
    assertThat(Workbench.text(own, Workbench.directory(own, "deck") + "/settings-local.js"))
        .isEqualTo("own");
  }

  private static Storage.FileMount settingsMount(Revision revision) {
    return Workbench.service(revision, "deck").container().storage().mounts().stream()
        .filter(Storage.FileMount.class::isInstance)
        .map(Storage.FileMount.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private static String settingsTarget(Revision revision) {
    return settingsMount(revision).target();
  }

  private static String deckSettings(Revision revision) {
    return Workbench.text(revision, settingsMount(revision).hostPath());
  }

  @Test
  void a_sites_files_lie_over_the_shipped_ones_in_the_order_that_is_told() throws Exception {
    var bench = ShippedRolesTest.node("ha").set("SPRING_PROFILES_ACTIVE", "local");
    var order =
        List.of(
            "spinnaker.yml",
            "igor.yml",
            "spinnaker-local.yml",
            "igor-local.yml",
            "spinnaker-nonpolling.yml",
            "igor-nonpolling.yml");
    var last = "";
    for (var file : order) {
      bench.parameterFile(file, new Plain("proof: {order: '" + file + "'}\n"));
      var revision = bench.rendered();
      last =
          SpringService.of(
                  directory.resolve(file), revision, Workbench.service(revision, "igor"), Map.of())
              .text("proof.order");
      assertThat(last).isEqualTo(file);
    }
    assertThat(last).isEqualTo("igor-nonpolling.yml");
  }

  // ---------------------------------------------------------------- what is expected

  /// Next door, and through the balancer only where the node runs one part.
  private static Map<String, String> addresses(String role, Service service) {
    var urls = new LinkedHashMap<String, String>();
    var ports =
        Map.of(
            "clouddriver",
            7002,
            "echo",
            8089,
            "fiat",
            7003,
            "front50",
            8080,
            "gate",
            8084,
            "igor",
            8088,
            "kayenta",
            8090,
            "orca",
            8083,
            "rosco",
            8087);
    ports.forEach((peer, port) -> {
      var alone = !role.equals("standalone") && !role.startsWith("ha");
      var host = alone && !peer.equals(service.name()) ? "spinnaker.internal" : peer;
      urls.put(peer, "http://" + host + ":" + port);
    });
    return urls;
  }

  private static final Map<String, Revision> RENDERED = new ConcurrentHashMap<>();

  private static Revision node(String role) {
    return RENDERED.computeIfAbsent(role, SpringContractTest::rendered);
  }

  private static Revision rendered(String role) {
    var node = ShippedRolesTest.node(role);
    if (role.equals("ha")) {
      node.polling(RenderRequest.Polling.ELECTING);
    }
    return node.rendered();
  }

  private static List<Service> springServices(String role) {
    var all = new ArrayList<Service>();
    for (var name : new TreeSet<>(node(role).stack().services().keySet())) {
      if (!List.of("redis", "postgres", "deck").contains(name)) {
        all.add(Workbench.service(node(role), name));
      }
    }
    return all;
  }

  private SpringService spring(String role, Service service, Map<String, String> more)
      throws Exception {
    return SpringService.of(
        directory.resolve(role + "-" + service.name() + more.size()), node(role), service, more);
  }
}
