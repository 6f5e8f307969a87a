package io.armory.agent.reconcile.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Secret;
import io.armory.agent.port.ParameterSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
  private static final NodeIdentity NODE =
      new NodeIdentity(
          new Fact("preprod", "test"),
          Optional.empty(),
          new Fact("/armory", "test"),
          Map.of(),
          Map.of(),
          List.of());

  /// A tag, a `String` of SSM and an env file are equal in this.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "API_TOKEN",
        "PASSWORD",
        "REDIS_PASSWORD",
        "REDIS_URL",
        "GITHUB_CLIENT_SECRET",
        "AWS_SECRET_ACCESS_KEY",
        "SIGNING_PRIVATE_KEY",
        "VAULT_PASSPHRASE",
        "X_SECRET_KEY",
        "SMTP_PASSWD"
      })
  void what_is_a_secret_by_its_name_is_one_whatever_it_comes_from(String name) {
    var made = new AtomicReference<Parameters>();
    var sources =
        new Sources(
            () -> Outcome.done(NODE),
            List.of(open(name)),
            (_, parameters) -> {
              made.set(parameters);
              return new Sources.Unreadable(new Problem("", "", ""));
            });
    var shown = sources.read().parameters();
    for (var seen : List.of(shown, Objects.requireNonNull(made.get()))) {
      assertThat(Objects.requireNonNull(seen.variables().get(name)).value())
          .isEqualTo(new Hidden(new Secret("hunter2")));
      assertThat(Objects.requireNonNull(seen.variables().get("STACK_NAME")).value())
          .isEqualTo(new Plain("hunter2"));
    }
  }

  private static ParameterSource open(String secret) {
    return new ParameterSource() {
      @Override
      public String name() {
        return "tags";
      }

      @Override
      public Outcome<Parameters> read(NodeIdentity identity) {
        return Outcome.done(
            new Parameters(
                Map.of(
                    secret,
                    new Parameter(secret, new Plain("hunter2"), "tag " + secret),
                    "STACK_NAME",
                    new Parameter("STACK_NAME", new Plain("hunter2"), "tag")),
                Map.of(),
                Map.of()));
      }
    };
  }
}
