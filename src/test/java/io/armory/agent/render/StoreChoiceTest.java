package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.stack.Revision;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where front50, orca and clouddriver keep what they must not lose, with the shipped templates.
class StoreChoiceTest {

  @Test
  void a_node_of_its_own_has_a_database_of_its_own() {
    var revision = ShippedRolesTest.node("standalone").rendered();

    assertThat(profiles(revision, "front50")).isEqualTo("local,sql");
    assertThat(revision.stack().services()).containsKeys("postgres", "redis");
    assertThat(revision.warnings()).isEmpty();
    assertThat(secret(revision, "front50-sql-password")).hasSize(64).containsPattern("^[0-9a-f]+$");
    assertThat(secret(revision, "orca-sql-password")).isEmpty();
  }

  @Test
  void its_password_is_the_nodes_and_the_same_at_each_rendering() {
    var first = ShippedRolesTest.node("standalone").rendered();
    var again = ShippedRolesTest.node("standalone").rendered();
    var other = ShippedRolesTest.node("standalone").digestKey("another").rendered();

    assertThat(again.id()).isEqualTo(first.id());
    assertThat(secret(again, "front50-sql-password"))
        .isEqualTo(secret(first, "front50-sql-password"))
        .isNotEqualTo(secret(other, "front50-sql-password"));
    assertThat(first.composeYaml() + first.resolvedEnv())
        .doesNotContain(secret(first, "front50-sql-password"));
  }

  @Test
  void who_says_a_password_has_that_one() {
    var revision =
        ShippedRolesTest.node("standalone").secret("FRONT50_SQL_PASSWORD", "it's").rendered();

    assertThat(secret(revision, "front50-sql-password")).isEqualTo("it's");
  }

  @Test
  void a_bucket_or_a_database_elsewhere_needs_none_here() {
    var bucket =
        ShippedRolesTest.node("standalone").set("ARMORYSPINNAKER_S3_BUCKET", "b").rendered();
    var database =
        ShippedRolesTest.node("standalone")
            .set("FRONT50_SQL_URL", "jdbc:mysql://db.internal:3306/front50")
            .secret("FRONT50_SQL_PASSWORD", "hunter3")
            .rendered();

    assertThat(profiles(bucket, "front50")).isEqualTo("local,s3");
    assertThat(bucket.stack().services()).doesNotContainKey("postgres");
    assertThat(secret(bucket, "front50-sql-password")).isEmpty();
    assertThat(database.stack().services()).doesNotContainKey("postgres");
    assertThat(environment(database, "front50"))
        .containsEntry("ARMORY_FRONT50_SQL_URL", "jdbc:mysql://db.internal:3306/front50")
        .containsEntry("ARMORY_FRONT50_SQL_DIALECT", "MYSQL")
        .containsEntry("SPRING_PROFILES_ACTIVE", "local,sql");
    assertThat(secret(database, "front50-sql-password")).isEqualTo("hunter3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"front50", "orca", "clouddriver"})
  void a_group_may_keep_each_in_a_database(String service) {
    var name = service.toUpperCase(Locale.ROOT);
    var revision =
        ShippedRolesTest.node("ha")
            .set(name + "_SQL_URL", "jdbc:postgresql://db.internal:5432/" + service)
            .set(name + "_SQL_USER", "somebody")
            .secret(name + "_SQL_PASSWORD", "hunter3")
            .rendered();

    assertThat(environment(revision, service))
        .containsEntry("SPRING_PROFILES_ACTIVE", "local,sql")
        .containsEntry("ARMORY_" + name + "_SQL_DIALECT", "POSTGRES")
        .containsEntry("ARMORY_" + name + "_SQL_USER", "somebody");
    assertThat(secret(revision, service + "-sql-password")).isEqualTo("hunter3");
    assertThat(revision.stack().services()).doesNotContainKey("postgres");
  }

  @ParameterizedTest
  @CsvSource({
    "2026.2.0, true", "2026.2.3, true", "2027.0.0, true", "2026.10.0-rc1, true",
    "2026.1.2, false", "2025.4.0, false", "1.37.2, false", "v1.2.3, false",
  })
  void redis_is_refused_with_a_release_that_does_not_start_on_it(String release, boolean refused) {
    var node =
        ShippedRolesTest.node("standalone")
            .set("FRONT50_STORE", "redis")
            .set("SPINNAKER_RELEASE", release);

    if (refused) {
      assertThat(node.problems())
          .singleElement()
          .asString()
          .matches(
              "/env/default.env:1: front50 [0-9.]+ does not start with FRONT50_STORE=redis; .*");
    } else {
      assertThat(node.rendered().warnings())
          .singleElement()
          .asString()
          .contains("before you upgrade", "docs/spinnaker.md");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"main-latest", "release-2026.2.x", "dev", "2026.2", "sha256-abc"})
  void a_tag_that_tells_no_release_is_warned_of(String tag) {
    var node =
        ShippedRolesTest.node("standalone")
            .set("FRONT50_STORE", "redis")
            .set("FRONT50_IMAGE", "registry:5000/front50:" + tag);

    assertThat(node.rendered().warnings())
        .singleElement()
        .asString()
        .contains("its image does not tell its release");
  }

  @Test
  void what_a_site_writes_into_the_stack_itself_counts() {
    var node =
        ShippedRolesTest.node("standalone")
            .set("FRONT50_STORE", "redis")
            .set("SPINNAKER_RELEASE", "2025.4.0")
            .overlay("x.yml", "services: {front50: {image: 'mine/front50:2026.2.1'}}");

    assertThat(node.problems())
        .singleElement()
        .asString()
        .contains("front50 2026.2.1 does not start");
  }

  @Test
  void an_earlier_release_stays_where_its_pipelines_are() {
    var revision =
        ShippedRolesTest.node("standalone").set("SPINNAKER_RELEASE", "2025.4.0").rendered();

    assertThat(profiles(revision, "front50")).isEqualTo("local,redis");
    assertThat(revision.stack().services()).doesNotContainKey("postgres");
  }

  @ParameterizedTest
  @CsvSource({
    "standalone, FRONT50_STORE, mongo, 'redis, s3, sql'",
    "standalone, FRONT50_STORE, SQL, 'redis, s3, sql'",
    "standalone, FRONT50_STORE, gcs, 'redis, s3, sql'",
    "ha, ORCA_STORE, s3, 'redis, sql'",
    "ha, CLOUDDRIVER_STORE, none, 'redis, sql'",
    "front50, FRONT50_STORE, local, 'redis, s3, sql'",
  })
  void an_unknown_store_is_refused(String role, String name, String store, String known) {
    assertThat(ShippedRolesTest.node(role).set(name, store).problems())
        .singleElement()
        .asString()
        .contains(": " + name + " " + store + " is not known; use one of " + known);
  }

  @ParameterizedTest
  @CsvSource({
    "ha, FRONT50_STORE, redis, 'this role has no Redis of its own'",
    "ha, FRONT50_STORE, sql, 'FRONT50_STORE is sql, and FRONT50_SQL_URL is not set'",
    "orca, ORCA_STORE, sql, 'ORCA_STORE is sql, and ORCA_SQL_URL is not set'",
    "standalone, ORCA_STORE, sql, 'ORCA_STORE is sql, and ORCA_SQL_URL is not set'",
    "standalone, FRONT50_STORE, s3, 'FRONT50_STORE is s3, and ARMORYSPINNAKER_S3_BUCKET is not"
        + " set'",
    "ha, ORCA_SQL_URL, db.internal, 'ORCA_SQL_URL is not where a database could be'",
    "ha, ORCA_SQL_URL, jdbc:oracle://db/orca, 'ORCA_SQL_URL is not where a database could be'",
    "ha, ORCA_SQL_URL, jdbc:mysql://db/orca?password=x, 'ORCA_SQL_URL has a password in it'",
    "ha, ORCA_SQL_URL, jdbc:mysql://u:p@db/orca, 'ORCA_SQL_URL has a password in it'",
  })
  void a_store_that_lacks_something_is_refused(
      String role, String name, String value, String words) {
    assertThat(ShippedRolesTest.node(role).set(name, value).problems())
        .singleElement()
        .asString()
        .contains(words);
  }

  @Test
  void a_site_that_brings_the_file_may_have_another_store() {
    var revision =
        ShippedRolesTest.node("standalone")
            .set("FRONT50_STORE", "gcs")
            .parameterFile(
                "front50-gcs.yml", new io.armory.agent.domain.Parameters.Plain("spinnaker: {}"))
            .rendered();

    assertThat(profiles(revision, "front50")).isEqualTo("local,gcs");
  }

  private static String profiles(Revision revision, String service) {
    return Objects.requireNonNull(environment(revision, service).get("SPRING_PROFILES_ACTIVE"));
  }

  private static Map<String, @Nullable String> environment(Revision revision, String service) {
    return Workbench.service(revision, service).container().command().environment();
  }

  private static String secret(Revision revision, String name) {
    return revision.files().stream()
        .filter(f -> f.path().endsWith("/" + name))
        .map(RenderedFile::content)
        .map(c -> new String(c.bytes(), StandardCharsets.UTF_8))
        .findFirst()
        .or(() -> Optional.of("not there"))
        .orElseThrow();
  }
}
