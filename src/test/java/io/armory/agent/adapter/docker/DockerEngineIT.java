package io.armory.agent.adapter.docker;

import io.armory.agent.domain.Observation;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.ContainerEngineContract;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The contract on the node's own Docker Engine.
class DockerEngineIT extends ContainerEngineContract {
  @RegisterExtension final RealEngine real = new RealEngine();

  private final DockerEngine engine =
      DockerEngine.open(DockerEngine.DEFAULT_SOCKET, RegistryCredentials.ANONYMOUS);
  private int port;

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

  @Override
  protected int freePort() {
    if (port == 0) {
      try (var socket = new ServerSocket(0)) {
        port = socket.getLocalPort();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return port;
  }
}
