package io.armory.agent.render;

import static io.armory.agent.render.Workbench.directory;
import static io.armory.agent.render.Workbench.hash;
import static io.armory.agent.render.Workbench.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where secret parameters may go, and where not.
class RendererSecretsTest {
  private final Workbench bench = new Workbench();

  @ParameterizedTest
  @ValueSource(strings = {"${API_TOKEN}", "$API_TOKEN", "x-${API_TOKEN:-none}", "${API_TOKEN:?no}"})
  void a_secret_in_the_open_is_refused_with_file_and_line(String use) {
    bench
        .secret("API_TOKEN", "hunter2")
        .overlay("a.yml", "services:\n  orca:\n    environment:\n      T: \"" + use + "\"\n");

    assertThat(bench.problems())
        .singleElement()
        .asString()
        .startsWith("/site/a.yml:4: the secret parameter API_TOKEN")
        .doesNotContain("hunter2");
  }

  @Test
  void so_is_one_that_is_passed_through_by_its_bare_name() {
    bench
        .secret("API_TOKEN", "hunter2")
        .overlay("a.yml", "services: {orca: {environment: [API_TOKEN]}}\n");

    assertThat(bench.problems()).singleElement().asString().contains("API_TOKEN");
  }

  @Test
  void whether_a_secret_is_set_may_be_asked_and_a_comment_may_name_it() {
    bench
        .secret("API_TOKEN", "hunter2")
        .overlay(
            "a.yml",
            """
            services:
              orca:
                # not ${API_TOKEN}
                environment:
                  HAS: "${API_TOKEN:+yes}"
                  PRICE: $$API_TOKEN
            """);

    assertThat(service(bench.rendered(), "orca").container().command().environment())
        .containsEntry("HAS", "yes")
        .containsEntry("PRICE", "$API_TOKEN");
  }

  @Test
  void a_compose_secret_delivers_it_as_a_file_and_nowhere_else() {
    bench
        .secret("API_TOKEN", "hunter2")
        .overlay(
            "a.yml",
            "services: {orca: {secrets: [token]}}\nsecrets: {token: {environment: API_TOKEN}}\n");

    var revision = bench.rendered();

    var file =
        service(revision, "orca").container().storage().mounts().stream()
            .filter(Storage.FileMount.class::isInstance)
            .map(Storage.FileMount.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(file.hostPath()).startsWith("/run/secrets/");
    assertThat(Workbench.text(revision, file.hostPath())).isEqualTo("hunter2");
    assertThat(revision.composeYaml()).doesNotContain("hunter2");
    assertThat(revision.resolvedEnv()).doesNotContain("hunter2");
    assertThat(revision.toString() + revision.stack() + revision.files()).doesNotContain("hunter2");
  }

  /// As the compose specification has it, each mount has its own rights.
  @Test
  void each_set_of_rights_has_a_file_of_its_own_and_what_cannot_be_given_is_said_with_its_line() {
    bench
        .secret("API_TOKEN", "hunter2")
        .overlay(
            "a.yml",
            """
            services:
              gate: {secrets: [token]}
              orca:
                secrets:
                  - {source: token, uid: "1000", gid: "1001", mode: 0400}
                  - {source: token, target: second, gid: "7"}
                configs: [note, {source: note, target: /etc/note, mode: 0444}]
            secrets: {token: {environment: API_TOKEN}}
            configs: {note: {content: "some words"}}
            """);

    var revision = bench.rendered();
    var files =
        revision.files().stream()
            .filter(f -> f.path().contains("/secrets/token"))
            .collect(Collectors.toMap(f -> f.uid() + "/" + f.gid() + " " + f.mode(), f -> f));
    assertThat(files).containsOnlyKeys("-1/-1 " + 0444, "1000/1001 " + 0400, "-1/7 " + 0444);
    assertThat(mounts(service(revision, "gate")))
        .containsEntry("/run/secrets/token", path(files, "-1/-1 " + 0444));
    assertThat(mounts(service(revision, "orca")))
        .containsEntry("/run/secrets/token", path(files, "1000/1001 " + 0400))
        .containsEntry("/run/secrets/second", path(files, "-1/7 " + 0444))
        .hasSize(4);
    assertThat(revision.warnings())
        .anyMatch(
            w -> w.startsWith("/site/a.yml:5: secrets.token: uid and gid have an effect only"))
        .anyMatch(w -> w.startsWith("/site/a.yml:6: secrets.token: uid and gid"));
  }

  private static String path(Map<String, RenderedFile> files, String rights) {
    return Objects.requireNonNull(files.get(rights)).path();
  }

  /// Target → path on the node.
  private static Map<String, String> mounts(Service service) {
    return service.container().storage().mounts().stream()
        .filter(Storage.FileMount.class::isInstance)
        .map(Storage.FileMount.class::cast)
        .collect(Collectors.toMap(Storage.FileMount::target, Storage.FileMount::hostPath));
  }

  @Test
  void another_secret_is_another_revision_and_replaces_only_who_has_it() {
    var yaml = "services: {orca: {secrets: [token]}}\nsecrets: {token: {environment: API_TOKEN}}\n";
    var before = bench.secret("API_TOKEN", "one").overlay("a.yml", yaml).rendered();
    var after = bench.secret("API_TOKEN", "two").rendered();

    assertThat(after.id()).isNotEqualTo(before.id());
    assertThat(hash(after, "orca")).isNotEqualTo(hash(before, "orca"));
    assertThat(hash(after, "gate")).isEqualTo(hash(before, "gate"));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-,              -,    -,        -,    redis://redis:6379",
        "r.internal,     -,    -,        -,    redis://r.internal:6379",
        "r.internal,     6380, -,        true, rediss://r.internal:6380",
        "r.internal,     -,    hunter2,  -,    redis://:hunter2@r.internal:6379",
        "r.internal,     -,    p@ss:/?#, -,    redis://:p%40ss%3A%2F%3F%23@r.internal:6379",
        "r.internal,     -,    ä%,       true, rediss://:%C3%A4%25@r.internal:6379",
        "2001:db8::1,    -,    -,        -,    redis://[2001:db8::1]:6379",
      })
  void the_url_of_redis_is_a_secret_file(
      @Nullable String host,
      @Nullable String port,
      @Nullable String password,
      @Nullable String tls,
      String url) {
    if (host != null) {
      bench.set("REDIS_HOST", host);
    }
    if (port != null) {
      bench.set("REDIS_PORT", port);
    }
    if (password != null) {
      bench.secret("REDIS_PASSWORD", password);
    }
    if (tls != null) {
      bench.set("REDIS_TLS", tls);
    }

    var revision = bench.rendered();

    assertThat(Workbench.text(revision, "/run/secrets/redis-url")).isEqualTo(url);
    assertThat(revision.composeYaml()).doesNotContain("redis://", "rediss://");
  }

  @Test
  void a_host_of_redis_that_is_a_secret_is_used_and_not_shown() {
    bench.secret("REDIS_HOST", "hush.internal");
    var revision = bench.rendered();
    var redis = revision.redis().orElseThrow();
    assertThat(redis.host()).isEqualTo("hush.internal");
    assertThat(redis.address()).isEqualTo("********:6379");
    assertThat(revision.composeYaml() + revision.resolvedEnv()).doesNotContain("hush");
  }

  @Test
  void a_password_that_a_site_keeps_in_the_open_goes_no_further() {
    var revision =
        bench.set("REDIS_HOST", "r.internal").set("REDIS_PASSWORD", "hunter2").rendered();

    assertThat(revision.composeYaml() + revision.resolvedEnv()).doesNotContain("hunter2");
    assertThat(revision.warnings()).singleElement().asString().contains("not a SecureString");
  }

  @ParameterizedTest
  @CsvSource({
    "'r.internal ', 6379",
    "r internal, 6379",
    "'r.internal ', 6379",
    "r.internal:6379, 6379",
    "redis://r.internal, 6379",
    "redis://r.internal:6379, 6379",
    "r.internal/0, 6379",
    "r.internal, '6379 '",
    "r.internal, redis",
    "r.internal, 0",
    "r.internal, 65536",
    "r.internal, 99999999999",
  })
  void where_no_redis_could_be_is_refused_with_its_parameters(String host, String port) {
    bench.set("REDIS_HOST", host).set("REDIS_PORT", port);
    assertThat(bench.problems())
        .singleElement()
        .asString()
        .contains("REDIS_HOST and REDIS_PORT", "is not where a Redis could be", "alone");
  }

  @ParameterizedTest
  @CsvSource({"r_1.internal-2", "10.0.0.7", "fd00::7", "[fd00::7]", "fe80::7%eth0", "R.INTERNAL"})
  void where_one_could_be_is_taken(String host) {
    assertThat(bench.set("REDIS_HOST", host).rendered().redis()).isPresent();
  }

  @Test
  void a_redis_of_its_own_wins_over_a_remote_one() {
    bench.base(Workbench.BASE + "x-own: true\n").set("REDIS_HOST", "r.internal");
    bench.role("one", "services: {redis: {image: redis}}\n");

    assertThat(Workbench.text(bench.rendered(), "/run/secrets/redis-url"))
        .isEqualTo("redis://redis:6379");
  }

  @Test
  void a_secret_file_is_mounted_from_memory_over_an_empty_one() {
    bench.config("gate-local.yml", "open");
    bench.parameterFile("gate-local.yml", new Hidden(new Secret("password: hunter2")));

    var revision = bench.rendered();

    assertThat(service(revision, "gate").container().storage().mounts())
        .filteredOn(Storage.FileMount.class::isInstance)
        .extracting(Storage.Mount::target)
        .contains("/opt/spinnaker/config/gate-local.yml");
    assertThat(Workbench.text(revision, directory(revision, "gate") + "/gate-local.yml")).isEmpty();
    assertThat(Workbench.text(revision, "/run/secrets/config/gate-local.yml"))
        .isEqualTo("password: hunter2");
    assertThat(revision.composeYaml()).doesNotContain("hunter2");
    assertThat(hash(revision, "orca")).isEqualTo(hash(new Workbench().rendered(), "orca"));
  }

  @Test
  void another_secret_file_replaces_who_reads_it() {
    bench.parameterFile("gate-local.yml", new Hidden(new Secret("one")));
    var before = bench.rendered();
    var after = bench.parameterFile("gate-local.yml", new Hidden(new Secret("two"))).rendered();

    assertThat(hash(after, "gate")).isNotEqualTo(hash(before, "gate"));
    assertThat(after.id()).isNotEqualTo(before.id());
  }
}
