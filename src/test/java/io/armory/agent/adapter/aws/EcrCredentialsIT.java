package io.armory.agent.adapter.aws;

import static io.armory.agent.adapter.aws.TestNode.failure;
import static io.armory.agent.adapter.aws.TestNode.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Secret;
import io.armory.agent.port.RegistryCredentials.Credential;
import io.armory.agent.rig.MotoServer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The emulator's tokens ended in 2015: the worst a clock can be wrong.
class EcrCredentialsIT {
  private static final String REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
  private static final String CALL = "ecr:GetAuthorizationToken";
  @AutoClose private static MotoServer aws;

  @AutoClose private AwsClients clients;
  private EcrCredentials ecr;
  private Instant now = Instant.parse("2026-11-01T00:00:00Z");

  @BeforeAll
  static void start() {
    TestNode.useTestCredentials();
    aws = new MotoServer();
  }

  @BeforeEach
  void fresh() {
    aws.reset();
    clients = new AwsClients(TestNode.options(aws.endpoint(), null));
    ecr = new EcrCredentials(clients, () -> now);
  }

  @Test
  void a_private_registry_gets_a_login_that_does_not_show_itself() {
    var login = value(ecr.find(REGISTRY));
    assertThat(login).contains(new Credential("AWS", new Secret("123456789012-auth-token")));
    assertThat(login.toString()).doesNotContain("auth-token");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker.io",
        "ghcr.io",
        "public.ecr.aws",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example",
        "localhost:5000"
      })
  void other_registries_are_none_of_its_business(String registry) {
    assertThat(value(ecr.find(registry))).isEqualTo(Optional.empty());
    assertThat(aws.calls(CALL)).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
        "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
        "123456789012.dkr-ecr.eu-west-1.on.aws"
      })
  void every_form_of_a_private_registry_is_known(String registry) {
    assertThat(value(ecr.find(registry))).isPresent();
  }

  @Test
  void a_token_that_says_it_has_ended_is_not_asked_for_again_at_once() {
    for (var i = 0; i < 50; i++) {
      value(ecr.find(REGISTRY));
    }
    assertThat(aws.calls(CALL)).isEqualTo(1);
    now = now.plus(Duration.ofMinutes(11));
    value(ecr.find(REGISTRY));
    assertThat(aws.calls(CALL)).isEqualTo(2);
  }

  @Test
  void a_good_token_is_renewed_an_hour_before_its_end_and_outlives_a_failed_renewal() {
    now = Instant.parse("2014-12-31T10:00:00Z");
    value(ecr.find(REGISTRY));
    now = Instant.parse("2014-12-31T20:00:00Z");
    value(ecr.find(REGISTRY));
    assertThat(aws.calls(CALL)).isEqualTo(1);

    now = Instant.parse("2014-12-31T23:30:00Z");
    aws.fault(CALL, "deny", 0, 99);
    assertThat(value(ecr.find(REGISTRY))).isPresent();
    value(ecr.find(REGISTRY));
    assertThat(aws.calls(CALL)).isEqualTo(2);

    now = Instant.parse("2015-01-01T14:00:00Z");
    assertThat(failure(ecr.find(REGISTRY)).message()).contains("AccessDenied");
  }

  @Test
  void a_login_the_registry_refused_is_replaced() {
    value(ecr.find(REGISTRY));
    ecr.refused(REGISTRY);
    value(ecr.find(REGISTRY));
    assertThat(aws.calls(CALL)).isEqualTo(2);
  }

  @Test
  void a_refusal_names_the_call() {
    aws.fault(CALL, "deny", 0, 99);
    assertThat(failure(ecr.find(REGISTRY)).message())
        .startsWith("ecr:GetAuthorizationToken us-east-1: AccessDeniedException");
  }
}
