package io.armory.agent.adapter.docker.http;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.SyncDockerCmd;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.AuthConfigurations;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.core.SSLConfig;
import com.github.dockerjava.transport.DockerHttpClient;
import java.net.URI;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// docker-java's typed commands, over the connections of [EngineHttp] and with its failures. Which
/// calls are such commands, and why the others are not: docs/decisions.md, 74.
final class EngineCommands {
  private final EngineHttp http;
  private final int api;
  private volatile @Nullable DockerClient client;

  EngineCommands(EngineHttp http, int api) {
    this.http = http;
    this.api = api;
  }

  /// Made at the first command: a node that only looks has none. Of two made at once, either will
  /// do.
  private DockerClient client() {
    var made = client;
    if (made == null) {
      var settings = new Settings(RemoteApiVersion.create(1, api));
      made = DockerClientImpl.getInstance(settings, new OverHttp());
      client = made;
    }
    return made;
  }

  /// A command without an answer. What is so already is done, not failed.
  void run(Function<DockerClient, SyncDockerCmd<Void>> command) throws EngineException {
    try {
      command.apply(client()).exec();
    } catch (NotModifiedException e) {
      // Status 304: it is so already.
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  <T> T ask(Function<DockerClient, SyncDockerCmd<T>> question) throws EngineException {
    try {
      return question.apply(client()).exec();
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  private EngineException failed(RuntimeException e) {
    return e instanceof Carrier carrier ? carrier.carried : http.unreachable(e);
  }

  /// Carries a failure through docker-java, which would put it into words of its own.
  private static final class Carrier extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final EngineException carried;

    private Carrier(EngineException carried) {
      super(carried);
      this.carried = carried;
    }
  }

  private final class OverHttp implements DockerHttpClient {
    @Override
    public Response execute(Request request) {
      try {
        return http.execute(request);
      } catch (EngineException e) {
        throw new Carrier(e);
      }
    }

    /// The connections are the session's.
    @Override
    public void close() {}
  }

  /// docker-java's own settings would be read from the environment and the user's home directory.
  private record Settings(RemoteApiVersion version) implements DockerClientConfig {
    @Override
    public RemoteApiVersion getApiVersion() {
      return version;
    }

    /// Not used: the transport is given.
    @Override
    public URI getDockerHost() {
      return URI.create("unix:///");
    }

    @Override
    public @Nullable String getRegistryUsername() {
      return null;
    }

    @Override
    public @Nullable String getRegistryPassword() {
      return null;
    }

    @Override
    public @Nullable String getRegistryEmail() {
      return null;
    }

    @Override
    public @Nullable String getRegistryUrl() {
      return null;
    }

    @Override
    public @Nullable AuthConfig effectiveAuthConfig(String image) {
      return null;
    }

    @Override
    public AuthConfigurations getAuthConfigurations() {
      return new AuthConfigurations();
    }

    // Part of the interface.
    @SuppressWarnings("deprecation")
    @Override
    public @Nullable SSLConfig getSSLConfig() {
      return null;
    }
  }
}
