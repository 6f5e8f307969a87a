package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.stack.ContainerSpec.Healthcheck;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.ContainerEngineContract;
import io.armory.agent.port.RegistryCredentials;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The contract on an engine that is not this machine's.
abstract class OtherEngineContract extends ContainerEngineContract {
  private static final int PORT = 18084;

  @RegisterExtension final RealEngine real;
  private final Path socket;
  @AutoClose private final DockerEngine engine;

  OtherEngineContract(Path socket) {
    this.socket = socket;
    real = new RealEngine(socket);
    engine = DockerEngine.open(socket, RegistryCredentials.ANONYMOUS);
  }

  @Override
  protected ContainerEngine engine() {
    return engine;
  }

  @Override
  protected String project() {
    return real.project();
  }

  @Override
  protected String image() {
    return RealEngine.IMAGE;
  }

  @Override
  protected void kill(Observation.Container container) {
    real.kill(container.id());
  }

  @Test
  void a_health_check_without_a_test_has_that_of_the_image() {
    var often = Duration.ofSeconds(1);
    var stack = one(s -> s.healthcheck(new Healthcheck(null, often, null, null, null, null)));
    prepare(stack);
    var id = create(stack, "gate");

    var check = real.inspect(id).path("Config").path("Healthcheck");
    assertThat(check.path("Test")).extracting(JsonNode::asText).contains("/standin", "check");
    assertThat(check.path("Interval").asLong()).isEqualTo(often.toNanos());
    assertThat(check.path("Retries").asInt()).isEqualTo(3);
  }

  /// Of Docker: Podman has no memory that can be asked.
  protected final void whatOthersDoIsSeenByAGlance() {
    var stack = one(s -> s.on("net"));
    prepare(stack);
    var id = create(stack, "gate");
    done(start("gate", id));
    new Glances(real, id).seeWhatIsDone(socket);
  }

  /// The node is the test's own.
  @Override
  protected int freePort() {
    return PORT;
  }
}
