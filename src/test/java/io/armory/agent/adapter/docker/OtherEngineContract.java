package io.armory.agent.adapter.docker;

import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.ContainerEngineContract;
import io.armory.agent.port.RegistryCredentials;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The contract on an engine that is not this machine's.
abstract class OtherEngineContract extends ContainerEngineContract {
  private static final int PORT = 18084;

  @RegisterExtension final RealEngine real;
  private final DockerEngine engine;

  OtherEngineContract(Path socket) {
    real = new RealEngine(socket);
    engine = DockerEngine.open(socket, RegistryCredentials.ANONYMOUS);
  }

  @AfterEach
  void close() {
    engine.close();
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

  /// The node is the test's own.
  @Override
  protected int freePort() {
    return PORT;
  }
}
