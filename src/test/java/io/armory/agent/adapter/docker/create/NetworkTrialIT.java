package io.armory.agent.adapter.docker.create;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.docker.DockerEngine;
import io.armory.agent.adapter.docker.RealEngine;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.port.RegistryCredentials;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whether the engine would make a network is known before the one it replaces is gone.
class NetworkTrialIT {
  @RegisterExtension final RealEngine real = new RealEngine();

  @AutoClose
  private final DockerEngine engine =
      DockerEngine.open(DockerEngine.DEFAULT_SOCKET, RegistryCredentials.ANONYMOUS);

  private String old = "";

  @BeforeEach
  void up() {
    // Of the range for measurements (RFC 2544): no engine gives it to a network by itself.
    old = done(new Action.CreateNetwork(real.project(), network("net", "198.18.106.0/26")));
    done(new Action.CreateNetwork(real.project(), network("other", "198.18.106.128/26")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "198.18.106.64/26",
        // Within the one that goes, and around it.
        "198.18.106.0/27",
        "198.18.106.0/26",
        "198.18.106.0/25",
      })
  void a_range_that_will_be_free_is_found_to_be(String range) {
    done(tried(range));
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"198.18.106.128/26", "198.18.106.160/27", "198.18.106.0/24"})
  void a_range_that_another_network_has_is_refused(String range) {
    var failure = failed(tried(range));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
    assertThat(failure.message()).contains("STACK_SUBNET");
    assertNothingIsLeft();
  }

  @Test
  void a_driver_that_is_none_is_refused() {
    var wanted = network("net", "198.18.106.64/26", "nonsense");
    failed(new Action.TryNetwork(real.project(), wanted, old));
    assertNothingIsLeft();
  }

  @Test
  void what_an_interrupted_trial_left_is_in_nobodys_way() {
    var range = "198.18.106.64/26";
    var body =
        NetworkCalls.body(
            network("net", range), "left-" + real.project(), Map.of(Labels.TRIAL, real.project()));
    real.post("/networks/create", body);
    done(tried(range));
    real.post("/networks/create", body);
    done(new Action.CreateNetwork(real.project(), network("third", range)));
  }

  private void assertNothingIsLeft() {
    var trials = Map.of("label", List.of(Labels.TRIAL + "=" + real.project()));
    assertThat(real.get("/networks" + Query.filters(trials))).isEmpty();
    assertThat(real.get("/networks/" + old).path("Id").asText()).isEqualTo(old);
  }

  private Action tried(String range) {
    return new Action.TryNetwork(real.project(), network("net", range), old);
  }

  private Network network(String key, String range) {
    return network(key, range, null);
  }

  private Network network(String key, String range, @Nullable String driver) {
    var pool = new Network.Pool(range, null, null, Map.of());
    return new Network(
        key,
        real.project() + "_" + key,
        false,
        driver,
        Map.of(),
        new Network.Ipam(null, List.of(pool), Map.of()),
        false,
        false,
        false,
        Map.of(),
        null,
        "definition of " + range);
  }

  private Failure failed(Action action) {
    return switch (engine.execute(action, line -> {})) {
      case Outcome.Done<String> done -> throw new AssertionError(done.toString());
      case Outcome.Failed<String>(var failure) -> failure;
    };
  }

  private String done(Action action) {
    return switch (engine.execute(action, line -> {})) {
      case Outcome.Done<String>(var value) -> value;
      case Outcome.Failed<String>(var failure) -> throw new AssertionError(failure.toString());
    };
  }
}
