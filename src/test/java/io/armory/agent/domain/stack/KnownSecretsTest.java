package io.armory.agent.domain.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Secret;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KnownSecretsTest {
  private final KnownSecrets secrets = new KnownSecrets();

  @Test
  void a_secret_is_masked_in_every_spelling() {
    secrets.learn("p@ss \"word\"/1+2");
    assertThat(secrets.masked("got p@ss \"word\"/1+2.")).isEqualTo("got ********.");
    assertThat(secrets.masked("redis://:p%40ss+%22word%22%2F1%2B2@h"))
        .isEqualTo("redis://:********@h");
    assertThat(secrets.masked("p%40ss%20%22word%22%2F1%2B2")).isEqualTo("********");
    assertThat(secrets.masked("{\"pw\":\"p@ss \\\"word\\\"/1+2\"}"))
        .isEqualTo("{\"pw\":\"********\"}");
    assertThat(secrets.masked("cEBzcyAid29yZCIvMSsy")).isEqualTo("********");
  }

  @Test
  void of_two_secrets_the_longer_one_is_masked_whole() {
    secrets.learn("hunter");
    secrets.learn("hunter2-long");
    assertThat(secrets.masked("hunter2-long hunter")).isEqualTo("******** ********");
  }

  @Test
  void a_short_secret_is_masked_only_where_it_stands_alone() {
    secrets.learn("abc");
    assertThat(secrets.masked("pw=abc, abcd, ABC, (abc)"))
        .isEqualTo("pw=********, abcd, ABC, (********)");
  }

  @Test
  void values_within_a_secret_file_are_masked_but_not_its_small_words() {
    secrets.learn(
        "github:\n  enabled: true\n  token: \"ghp_0123456789\"\npassword=longer-than-8\n");
    assertThat(secrets.masked("enabled: true, bad credentials ghp_0123456789 longer-than-8"))
        .isEqualTo("enabled: true, bad credentials ******** ********");
  }

  @Test
  void parameters_are_learned_when_hidden_or_secret_by_their_name() {
    secrets.learn(
        new Parameters(
            Map.of(
                "A", new Parameter("A", new Hidden(new Secret("hidden-value")), "ssm"),
                "REDIS_PASSWORD", new Parameter("REDIS_PASSWORD", new Plain("open-value"), "env"),
                "STACK", new Parameter("STACK", new Plain("preprod"), "env")),
            Map.of(),
            Map.of()));
    assertThat(secrets.masked("hidden-value open-value preprod"))
        .isEqualTo("******** ******** preprod");
  }

  @Test
  void a_value_that_was_replaced_stays_masked() {
    secrets.learn("first-value");
    assertThat(secrets.masked("first-value")).isEqualTo("********");
    secrets.learn("second-value");
    assertThat(secrets.masked("first-value second-value")).isEqualTo("******** ********");
  }

  @Test
  void files_that_leave_the_node_have_what_looks_like_a_secret_masked_too() {
    for (var line :
        List.of(
            "  CLIENT_SECRET: leak",
            "DB_PASSWORD=leak",
            "\"token\":\"leak\",\"next\":1",
            "aws_secret_access_key = leak",
            "private-key: 'leak'",
            "postgres://user:leak@host/db")) {
      assertThat(secrets.maskedAsToo(line)).as(line).doesNotContain("leak").contains("********");
    }
    for (var line :
        List.of(
            "{\"secret\":true,\"origin\":\"x\"}",
            "http://front50:8080/health",
            "secrets:\n  - source: redis-url",
            "tokens used: 5")) {
      assertThat(secrets.maskedAsToo(line)).isEqualTo(line);
    }
  }

  @Test
  void masking_a_large_text_is_quick_enough_to_be_done_always() {
    for (var i = 0; i < 200; i++) {
      secrets.learn("some-secret-value-" + i);
    }
    var text = "x".repeat(200_000) + " some-secret-value-77 " + "password".repeat(10_000);
    assertThat(secrets.maskedAsToo(text)).contains(" ******** ").hasSizeLessThan(text.length());
  }
}
