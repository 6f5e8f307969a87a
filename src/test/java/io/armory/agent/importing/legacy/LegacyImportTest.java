package io.armory.agent.importing.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.Finding;
import io.armory.agent.importing.legacy.Imported.NewFile;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LegacyImportTest {
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  private LegacyImportTest with(String file, String... lines) {
    files.put(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private Imported imported() {
    return LegacyImport.of(new Installation("/opt/spinnaker", files, Map.of()), Set.of("json"));
  }

  private String text(String path) {
    return imported().files().stream()
        .filter(f -> f.path().equals(path))
        .map(NewFile::text)
        .findFirst()
        .orElse("");
  }

  private String lines(Finding.Kind kind) {
    return imported().findings().stream()
        .filter(f -> f.kind() == kind)
        .map(Finding::line)
        .reduce("", (a, b) -> a + b + "\n");
  }

  @Test
  void what_the_agent_understands_stays_as_it_is_written() {
    with(
        "env/default.env",
        "# ours",
        "REDIS_HOST=redis.acme  # remote",
        "export API_HOST='http://a b'");
    assertThat(text("env/default.env"))
        .contains("# ours\nREDIS_HOST=redis.acme  # remote\nAPI_HOST='http://a b'\n");
    assertThat(imported().findings()).isEmpty();
  }

  @Test
  void first_names_are_translated_and_armorys_profile_is_dropped() {
    with(
        "compose/environment",
        "ARMORY_S3_BUCKET=b",
        "INTERNAL_SERVICES_DNS_NAME=internal",
        "SPRING_PROFILES_ACTIVE=armory,local,acme");
    assertThat(text("env/default.env"))
        .contains("ARMORYSPINNAKER_S3_BUCKET=b", "DEFAULT_DNS_NAME=internal")
        .contains("SPRING_PROFILES_ACTIVE=local,acme");
    assertThat(lines(Finding.Kind.NOTE))
        .contains("/opt/spinnaker/compose/environment:1: ARMORY_S3_BUCKET");
  }

  @Test
  void the_role_follows_from_redis_and_the_polling_profiles() {
    assertThat(with("env/default.env", "LOCAL_REDIS=true").imported().roles())
        .containsExactly(Map.entry("default", "standalone"));
    with("env/default.env", "LOCAL_REDIS=false", "REDIS_HOST=r");
    with("env/prod.env", "IGOR_OPTS=\"-Dspring.profiles.active=armory,local,nonpolling\"");
    with("env/poll.env", "IGOR_OPTS=-Dspring.profiles.active=armory,local,polling");
    with("env/one.env", "LOCAL_REDIS=true");
    assertThat(imported().roles())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("prod", "ha-nonpolling", "poll", "ha-polling", "one", "standalone"));
    files.clear();
    assertThat(with("env/default.env", "API_HOST=x").imported().roles()).containsValue("");
  }

  @Test
  void a_secret_of_an_env_file_is_readable_by_root_alone_and_reaches_who_asks_for_it() {
    with("env/prod.env", "SLACK_API_KEY=xoxb-1");
    with("config/echo-local.yml", "slack:", "  botName: ${SLACK_API_KEY}");
    assertThat(imported().files())
        .filteredOn(f -> f.text().contains("xoxb-1"))
        .allSatisfy(f -> assertThat(f.mode()).isEqualTo(0640))
        .hasSize(1);
    // Under a name the agent knows for a secret's; a stack without it has an empty one.
    assertThat(text("env/prod.env")).contains("SLACK_API_KEY_SECRET=xoxb-1");
    assertThat(text("env/default.env")).contains("SLACK_API_KEY_SECRET=\n");
    assertThat(text("compose/00-imported.yml"))
        .contains("  echo:\n    secrets:\n      - source: SLACK_API_KEY_SECRET\n")
        .contains("target: /run/secrets/spring/SLACK_API_KEY\n")
        .doesNotContain("  gate:", "xoxb");
    assertThat(lines(Finding.Kind.SECRET))
        .contains("prod.env", "SLACK_API_KEY")
        .doesNotContain("xoxb");
  }

  @Test
  void a_secret_of_a_configuration_file_becomes_a_placeholder() {
    with(
        "config/gate-local.yml",
        "spring:",
        "  oauth2:",
        "    clientSecret: 'it''s'  # note",
        "    tokenUrl: https://x/token",
        "    userInfo: https://me:pw1@host/",
        "    password: ${GATE_PW:}",
        "accounts:",
        "- token: abcd",
        "- token: efgh");
    assertThat(text("config/gate-local.yml"))
        .contains("clientSecret: ${GATE_LOCAL_SPRING_OAUTH2_CLIENTSECRET_SECRET}\n")
        .contains(
            "tokenUrl: https://x/token",
            "password: ${GATE_PW:}",
            "- token: ${GATE_LOCAL_ACCOUNTS_TOKEN}")
        .doesNotContain("pw1", "abcd", "efgh");
    assertThat(text("env/default.env")).contains("abcd", "efgh", "pw1");
    assertThat(lines(Finding.Kind.SECRET))
        .contains("gate-local.yml:3:", "gate-local.yml:5:", "gate-local.yml:9:");
  }

  @Test
  void what_cannot_be_taken_apart_is_not_copied_but_explained() {
    with("config/a-local.yml", "privateKey: |", "  -----BEGIN", "  x", "y: 1");
    with("config/b-local.yml", "password: {a: b}");
    with("config/id.pem", "x");
    with("secrets/netrc", "x");
    files.put("config/c-local.yml", new byte[] {(byte) 0xff, 0});
    assertThat(imported().files()).isEmpty();
    assertThat(lines(Finding.Kind.TODO).lines().toList())
        .hasSize(5)
        .allSatisfy(l -> assertThat(l).contains("aws ssm put-parameter --type SecureString"));
  }

  @Test
  void the_override_keeps_its_comments_and_loses_what_was_armorys() {
    with(
        "compose/docker-compose.override.yml",
        "version: '2.1'",
        "services:",
        "  # ours",
        "  orca:",
        "    image: docker.io/armory/orca:1",
        "    ports: ['8083:8083']",
        "  lighthouse:",
        "    environment:",
        "      A: b",
        "  gate:",
        "    image: registry.acme/gate:7",
        "    ports:",
        "    - 8084:8084",
        "    environment:",
        "      GITHUB_TOKEN: abc",
        "      LEVEL: info",
        "  helper:",
        "    command: x");
    assertThat(text("compose/docker-compose.override.yml"))
        .isEqualTo(
            """
            # Imported from /opt/spinnaker/compose/docker-compose.override.yml by `armory-agent import`.
            services:
              # ours
              gate:
                image: registry.acme/gate:7
                ports:
                - 8084:8084
                environment:
                  LEVEL: info
            """);
    assertThat(lines(Finding.Kind.TODO))
        .contains(
            "override.yml:15: gate.GITHUB_TOKEN is a secret",
            "override.yml:17: helper is no service")
        .doesNotContain("abc");
    assertThat(lines(Finding.Kind.NOTE)).contains("override.yml:7: lighthouse is not needed");
  }

  @Test
  void the_first_compose_format_and_flow_style_are_left_to_people() {
    with("compose/docker-compose.override.yml", "gate:", "  mem_limit: 1g");
    assertThat(imported().files()).isEmpty();
    assertThat(lines(Finding.Kind.TODO)).contains("first format");
    with("compose/docker-compose.override.yml", "services: {gate: {mem_limit: 1g}}");
    assertThat(imported().files()).isEmpty();
    assertThat(lines(Finding.Kind.TODO)).contains("block style");
  }

  @Test
  void shipped_files_are_not_replaced_and_what_overrules_the_agent_is_said() {
    with("config/gate.yml", "a: b");
    with(
        "config/igor-local.yml",
        "redis:",
        "  connection: redis://x",
        "spinnaker.build.pollingEnabled: true");
    assertThat(text("config/gate.yml")).isEmpty();
    assertThat(text("config/igor-local.yml")).contains("connection: redis://x");
    assertThat(lines(Finding.Kind.TODO))
        .contains("config/gate.yml: would take the place", "gate-local.yml")
        .contains("igor-local.yml:2: sets redis.connection", "igor-local.yml:3:");
  }

  @Test
  void a_variable_that_would_end_orca_reaches_no_container() {
    with(
        "env/default.env", "CLOUDDRIVER_BASE_URL=http://c:7002", "CLOUDDRIVER_BASEURL=x", "OURS=1");
    with("config/gate-local.yml", "a: ${CLOUDDRIVER_BASE_URL}", "b: ${OURS}");
    assertThat(text("compose/00-imported.yml")).contains("- OURS\n").doesNotContain("CLOUDDRIVER");
    assertThat(lines(Finding.Kind.TODO))
        .contains("CLOUDDRIVER_BASE_URL is given to no container", "${ARMORY_CLOUDDRIVER_URL}")
        .contains("CLOUDDRIVER_BASEURL is given to no container");
  }

  @Test
  void variables_only_the_site_knows_reach_the_containers_as_before() {
    with("env/default.env", "AUTH_ENABLED=true", "REDIS_HOST=r", "SPINNAKER_RELEASE=1");
    with("config/gate-local.yml", "a: ${REDIS_HOST}", "b: ${NOBODY}", "c: ${WITH:default}");
    assertThat(text("compose/00-imported.yml"))
        .contains("x-imported: &imported\n  - AUTH_ENABLED\n  - REDIS_HOST\nservices:")
        .contains("  deck:\n    environment: *imported\n");
    assertThat(lines(Finding.Kind.TODO).lines())
        .singleElement()
        .asString()
        .contains("gate-local.yml:2", "NOBODY");
  }
}
