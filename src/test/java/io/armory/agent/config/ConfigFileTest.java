package io.armory.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.config.AgentConfig.Aws;
import io.armory.agent.config.AgentConfig.Located;
import io.armory.agent.config.AgentConfig.Polling;
import io.armory.agent.config.AgentConfig.Setting;
import io.armory.agent.config.ConfigFile.Reading;
import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
  @TempDir Path root;

  private Path file = Path.of("");

  @BeforeEach
  void place() throws IOException {
    file = new Paths(root).agentYaml();
    Files.createDirectories(file.getParent());
  }

  private Reading read(String text) throws IOException {
    return read(text, Map.of());
  }

  private Reading read(String text, Map<String, String> environment) throws IOException {
    Files.writeString(file, text);
    return ConfigFile.read(new Paths(root), new Environment(environment));
  }

  private AgentConfig valid(String text) throws IOException {
    var reading = read(text);
    assertThat(reading).isInstanceOf(Reading.Valid.class);
    return ((Reading.Valid) reading).config();
  }

  private List<String> problems(String text) throws IOException {
    var reading = read(text);
    assertThat(reading).isInstanceOf(Reading.Invalid.class);
    return ((Reading.Invalid) reading)
        .problems().stream()
            .map(Problem::line)
            .map(l -> l.replace(file.toString(), "agent.yaml"))
            .toList();
  }

  @Test
  void no_file_is_all_defaults() {
    var reading = ConfigFile.read(new Paths(root), new Environment(Map.of()));
    assertThat(reading)
        .isInstanceOfSatisfying(
            Reading.Valid.class,
            v -> {
              var config = v.config();
              assertThat(config.project()).isEqualTo("spinnaker");
              assertThat(config.identity().stack()).isEmpty();
              assertThat(config.identity().tags()).isEmpty();
              assertThat(config.aws()).isEqualTo(Aws.AUTO);
              assertThat(config.docker().socket()).isEqualTo(Path.of("/var/run/docker.sock"));
              assertThat(config.http()).isEqualTo(new AgentConfig.Http("0.0.0.0", 5000, false));
              assertThat(config.polling()).isEqualTo(Polling.ROLE);
              assertThat(config.rollout().timeout()).isEqualTo(Duration.ofMinutes(10));
              assertThat(config.effective())
                  .allSatisfy(s -> assertThat(s.origin()).isEqualTo("default"));
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# nothing\n", "---\n", "~\n", "{}\n", "http:\n"})
  void an_empty_file_is_all_defaults(String text) throws IOException {
    assertThat(valid(text).http().port()).isEqualTo(5000);
  }

  @Test
  void the_shipped_example_says_every_key_and_only_defaults() throws IOException {
    var example = Files.readString(Path.of("packaging/etc/agent.yaml"));
    var defaults = valid("").effective();
    var effective = valid(example).effective();
    assertThat(effective.stream().map(s -> s.key() + "=" + s.value()))
        .containsExactlyElementsOf(defaults.stream().map(s -> s.key() + "=" + s.value()).toList());
    assertThat(effective)
        .allSatisfy(s ->
            assertThat(s.origin())
                .as(s.key())
                .matches(s.value().equals("[]") ? "default" : ".*agent\\.yaml:\\d+"));
  }

  @Test
  void the_examples_commented_keys_are_real_ones() throws IOException {
    var example = Files.readString(Path.of("packaging/etc/agent.yaml"));
    var uncommented =
        example
            .replace("identity: {}", "identity:")
            .replaceAll("(?m)^#  (  )?([a-z_:A-Z]+: )", "  $1$2")
            .replaceAll("(?m)^#  tags:", "  tags:")
            .replace("# prefix:", "prefix:");
    var config = valid(uncommented);
    assertThat(config.identity().stack().map(Located::value)).hasValue("preprod");
    assertThat(config.identity().asg().map(Located::value))
        .hasValue("armoryspinnaker-preprod-v000");
    assertThat(config.identity().tags()).containsOnlyKeys("armory:param:REDIS_HOST");
    assertThat(config.parameters().prefix().map(Located::value)).hasValue("/armory/spinnaker");
  }

  @Test
  void every_value_knows_its_line() throws IOException {
    var config =
        valid(
            """
            identity:
              stack: preprod
              tags: {armory:param:NAME: "7"}
            aws: off
            http: {port: 5001}
            expose: [orca, igor]
            """);
    assertThat(config.identity().stack()).hasValue(new Located("preprod", file + ":2"));
    assertThat(config.identity().tags())
        .containsExactly(Map.entry("armory:param:NAME", new Located("7", file + ":3")));
    assertThat(config.aws()).isEqualTo(Aws.OFF);
    assertThat(config.expose()).containsExactly("orca", "igor");
    assertThat(config.effective())
        .contains(
            new Setting("http.port", "5001", file + ":5"),
            new Setting("expose", "[orca, igor]", file + ":6"),
            new Setting("http.address", "0.0.0.0", "default"));
  }

  /// A node in EC2 that is told one thing by hand must not lose its parameters for it.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                         | auto | true
          {role: ha}                                 | auto | true
          {stack: preprod}                           | auto | true
          {region: eu-west-1, private_ip: 10.0.0.1}  | auto | true
          {tags: {armory:role: ha}}                  | auto | true
          {stack: preprod, role: ha}                 | auto | false
          {stack: preprod, role: ha}                 | on   | true
          {}                                         | off  | false
          """)
  void aws_is_asked_unless_it_is_off_or_both_stack_and_role_are_said(
      String identity, String aws, boolean asked) throws IOException {
    var config = valid("identity: %s\naws: %s\n".formatted(identity, aws));
    assertThat(config.usesAws()).isEqualTo(asked);
  }

  @ParameterizedTest
  @CsvSource({"1,10,1", "3,10,3", "10%,20,2", "10%,5,1", "100%,20,20"})
  void a_group_changes_so_many_nodes_or_such_a_share_at_once(String text, int nodes, int most)
      throws IOException {
    var limit = valid("rollout: {max_unavailable: " + text + "}").rollout().maxUnavailable();
    assertThat(limit.of(nodes)).isEqualTo(most);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "101%", "0%", "some", "1.5"})
  void none_at_once_is_no_limit_to_keep_to(String text) throws IOException {
    assertThat(problems("rollout: {max_unavailable: " + text + "}"))
        .singleElement()
        .asString()
        .contains("is not a number of nodes such as 1, or a share of them such as 10%");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          auto                                               | auto
          manual                                             | manual
          {window: "Mon-Fri 09:00-16:00 Europe/Berlin"}      | Mon-Fri 09:00-16:00 Europe/Berlin
          {window: "22:00-04:00"}                            | 22:00-04:00 UTC
          """)
  void a_change_begins_by_itself_or_with_somebody_or_in_its_hours(String text, String shown)
      throws IOException {
    var config = valid("rollout: {approval: " + text + "}");
    assertThat(config.rollout().approval()).hasToString(shown);
    assertThat(config.effective()).anyMatch(s -> s.value().equals(shown));
    assertThat(valid("").rollout().approval()).isEqualTo(Approval.AUTO);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          never                                | rollout.approval: "never" is not auto, manual or {window: "Mon-Fri 09:00-16:00 Europe/Berlin"}
          "Mon-Fri 09:00-16:00 UTC"            | is not auto, manual or {window:
          []                                   | rollout.approval is a list; write auto, manual or {window:
          {}                                   | rollout.approval has no window; write window: days, times and a time zone
          {windw: "09:00-16:00"}               | unknown key rollout.approval.windw; did you mean window?
          {window: "Mon-Fri 9-16 UTC"}         | "Mon-Fri 9-16" is not a range such as Mon-Fri 09:00-16:00
          {window: "Mon-Fri 09:00-16:00 Europe/Berln"} | no time zone Europe/Berln; did you mean Europe/Berlin?
          {window: "Mon-Fri 09:00-16:00 Mars/Deimos"}  | no time zone Mars/Deimos; write one such as Europe/Berlin or UTC
          {window: "Mo-Fx 09:00-16:00 UTC"}    | "Fx" is not a day such as Mon or Monday
          {window: "Mon 09:00-25:00 UTC"}      | 25:00 is not a time of the day
          {window: "Mon 09:00-09:00 UTC"}      | has no time in it; a whole day is 00:00-24:00
          {window: "Sat-Sun UTC"}              | days without times; a whole day is 00:00-24:00
          """)
  void what_lets_a_change_begin_is_checked(String text, String problem) throws IOException {
    assertThat(problems("project: spinnaker\nrollout:\n  approval: " + text))
        .anySatisfy(p -> assertThat(p).contains("agent.yaml:3: ", problem));
  }

  @Test
  void who_is_told_of_what_is_read() throws IOException {
    assertThat(valid("").alerts().on()).containsExactly(Alert.Condition.values());
    assertThat(valid("").alerts().webhook().urlFile()).isEmpty();
    var alerts =
        valid(
                """
                notify:
                  on: [disk, not-ready]
                  not_ready: 30m
                  template: "{stack}: {what}"
                  webhook: {url_file: /etc/armory-agent/webhook-url, format: json}
                  sns: {topic: "arn:aws-cn:sns:cn-north-1:123456789012:spinnaker"}
                """)
            .alerts();
    assertThat(alerts.on()).containsExactly(Alert.Condition.DISK, Alert.Condition.NOT_READY);
    assertThat(alerts.notReady()).isEqualTo(Duration.ofMinutes(30));
    assertThat(alerts.template().text()).isEqualTo("{stack}: {what}");
    assertThat(alerts.webhook().urlFile()).hasValue(Path.of("/etc/armory-agent/webhook-url"));
    assertThat(alerts.webhook().format()).isEqualTo(AgentConfig.NotifyFormat.JSON);
    assertThat(alerts.sns().topic()).isPresent();
    assertThat(valid("notify: {on: []}").alerts().on()).isEmpty();
  }

  @Test
  void what_nobody_can_be_told_by_is_named_with_what_was_meant() throws IOException {
    assertThat(
            problems(
                """
                notify:
                  on: [rolback, nonsense]
                  template: "{Stck}: {what}"
                  webhook:
                    url: https://hooks.example.com/x
                    format: jsn
                  sns:
                    topic: spinnaker
                """))
        .containsExactlyInAnyOrder(
            "agent.yaml:2: notify.on: \"rolback\" is not one of rollback, not-ready, replacement,"
                + " drain, disk, held-back, scheduled; did you mean rollback?",
            "agent.yaml:2: notify.on: \"nonsense\" is not one of rollback, not-ready, replacement,"
                + " drain, disk, held-back, scheduled",
            "agent.yaml:3: notify.template: \"{Stck}: {what}\" is not a text of one line with"
                + " placeholders that exist; there is no {Stck}; did you mean {stack}?",
            "agent.yaml:5: unknown key notify.webhook.url; known here: url_file, ca_file, format",
            "agent.yaml:6: notify.webhook.format: \"jsn\" is not one of text, json; did you mean"
                + " json?",
            "agent.yaml:8: notify.sns.topic: \"spinnaker\" is not the ARN of a standard topic,"
                + " arn:aws:sns:REGION:ACCOUNT:NAME");
  }

  @Test
  void all_problems_are_found_at_once() throws IOException {
    assertThat(
            problems(
                """
                projct: x
                http:
                  port: 70000
                  adress: 0.0.0.0
                rollout: {timeout: 10}
                aws: maybe
                docker: [a]
                expose: {a: b}
                identity: {role: "a b", private_ip: 10.0.0.300}
                nonsense: 1
                """))
        .containsExactlyInAnyOrder(
            "agent.yaml:1: unknown key projct; did you mean project?",
            "agent.yaml:3: http.port: \"70000\" is not a whole number from 0 to 65535",
            "agent.yaml:4: unknown key http.adress; did you mean address?",
            "agent.yaml:5: rollout.timeout: \"10\" is not a duration such as 30s, 10m or 1h30m,"
                + " at least 1s",
            "agent.yaml:6: aws: \"maybe\" is not one of auto, on, off",
            "agent.yaml:7: docker is a list, not a mapping; write KEY: VALUE",
            "agent.yaml:8: expose is a mapping; write a list of a name of letters, digits, - and _",
            "agent.yaml:9: identity.role: \"a b\" is not a name of letters, digits, - and _",
            "agent.yaml:9: identity.private_ip: \"10.0.0.300\" is not an IP address",
            "agent.yaml:10: unknown key nonsense; known here: project, identity, parameters, aws,"
                + " docker, http, expose, polling, election, rollout, repair, health, drain,"
                + " images, secrets, notify, backup");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          http: {port: 1}\\nhttp: {port: 2} | agent.yaml:2: key http is there twice; remove one
          - a                               | agent.yaml:1: the file is a list, not a mapping; write KEY: VALUE
          a: [                              | agent.yaml:1: is not YAML:
          \\ta: b                           | agent.yaml:1: is not YAML:
          http: hello                       | agent.yaml:1: http is a single value, not a mapping; write KEY: VALUE
          http: {port: [5]}                 | agent.yaml:1: http.port is a list; write a whole number from 0 to 65535
          ? [a]\\n: b                       | agent.yaml:1: a key must be plain text
          """)
  void bad_input_is_one_clear_line(String text, String expected) throws IOException {
    var yaml = text.replace("\\n", "\n").replace("\\t", "\t");
    assertThat(problems(yaml)).singleElement().asString().startsWith(expected);
  }

  @Test
  void files_that_are_no_text_or_too_large_are_refused() throws IOException {
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0x00});
    assertThat(ConfigFile.read(new Paths(root), new Environment(Map.of())).toString())
        .contains("is not UTF-8 text");
    assertThat(problems("#".repeat(1024 * 1024 + 1)).toString()).contains("larger than 1 MiB");
    assertThat(problems("[".repeat(100_000)).toString()).contains("agent.yaml");
  }

  @Test
  @Timeout(20)
  void what_may_never_end_is_not_read() throws Exception {
    Files.deleteIfExists(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    assertThat(ConfigFile.read(new Paths(root), new Environment(Map.of())).toString())
        .contains("is no regular file");
  }

  @Test
  void an_alias_bomb_is_harmless() throws IOException {
    var bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (var c = 'b'; c <= 'z'; c++) {
      var last = (char) (c - 1);
      bomb.append(
          "%s: &%s [*%s, *%s, *%s, *%s, *%s]\n".formatted(c, c, last, last, last, last, last));
    }
    assertThat(problems(bomb.toString())).isNotEmpty();
  }

  @Test
  void docker_host_counts_where_the_file_is_silent() throws IOException {
    var environment = Map.of("DOCKER_HOST", "unix:///run/podman/podman.sock");
    assertThat(read("", environment))
        .isInstanceOfSatisfying(
            Reading.Valid.class,
            v -> {
              assertThat(v.config().docker().socket())
                  .isEqualTo(Path.of("/run/podman/podman.sock"));
              assertThat(v.config().effective())
                  .contains(
                      new Setting(
                          "docker.socket", "/run/podman/podman.sock", "environment DOCKER_HOST"));
            });
    assertThat(read("", Map.of("DOCKER_HOST", "tcp://10.0.0.1:2375")).toString())
        .contains("is not a socket of this node");
  }

  @Test
  void a_secret_looking_value_is_cut_short_in_errors() throws IOException {
    assertThat(problems("project: " + "x".repeat(500)).toString()).hasSizeLessThan(250);
  }
}
