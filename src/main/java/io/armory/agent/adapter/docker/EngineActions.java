package io.armory.agent.adapter.docker;

import io.armory.agent.adapter.docker.create.ContainerCalls;
import io.armory.agent.adapter.docker.create.ContainerCreation;
import io.armory.agent.adapter.docker.create.InstalledCompose;
import io.armory.agent.adapter.docker.create.NetworkCalls;
import io.armory.agent.adapter.docker.create.NetworkTrial;
import io.armory.agent.adapter.docker.create.NetworkingBody;
import io.armory.agent.adapter.docker.create.VolumeCalls;
import io.armory.agent.adapter.docker.exec.ContainerHooks;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.images.ImagePull;
import io.armory.agent.adapter.docker.images.KeptLines;
import io.armory.agent.adapter.docker.images.SignedImages;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Service.Hook;
import io.armory.agent.port.RegistryCredentials;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// Carries out what changes the engine's state. An image that is not trusted does not get to run.
final class EngineActions {
  /// For a call about networks, and what it has to wait for.
  private static final Duration TURN = Duration.ofSeconds(5);

  private final EngineCalls calls;
  private final RegistryCredentials credentials;
  private final InstalledCompose compose;
  private final KeptLines pulled;
  private final Optional<SignedImages> signed;
  private final NetworkTurn turn = new NetworkTurn(TURN);

  /// @param credentials asked before each pull
  /// @param pulled IDs of the images that were pulled
  /// @param signed what an image has to be in order to run; empty: anything
  EngineActions(
      EngineCalls calls,
      RegistryCredentials credentials,
      InstalledCompose compose,
      KeptLines pulled,
      Optional<SignedImages> signed) {
    this.calls = calls;
    this.credentials = credentials;
    this.compose = compose;
    this.pulled = pulled;
    this.signed = signed;
  }

  /// What stops a container may last for minutes, and waits for nobody.
  String carryOut(Action action, Consumer<String> progress) throws EngineException {
    return switch (action) {
      case Action.SetNames _ -> turn.alone(() -> perform(action, progress));
      case Action.StartContainer _,
          Action.CreateContainer _,
          Action.RemoveContainer _,
          Action.ConnectNetwork _,
          Action.DisconnectNetwork _,
          Action.CreateNetwork _,
          Action.TryNetwork _,
          Action.RemoveNetwork _ ->
          turn.among(() -> perform(action, progress));
      case Action.PullImage _,
          Action.CreateVolume _,
          Action.StopContainer _,
          Action.RestartContainer _,
          Action.RunHooks _,
          Action.UnpauseContainer _,
          Action.RenameContainer _,
          Action.SetRestartPolicy _ ->
          perform(action, progress);
    };
  }

  private String perform(Action action, Consumer<String> progress) throws EngineException {
    return switch (action) {
      case Action.PullImage a -> pull(a, progress);
      case Action.CreateNetwork a -> calls.act(s -> NetworkCalls.create(s, a));
      case Action.TryNetwork a -> calls.effect(s -> NetworkTrial.run(s, a));
      case Action.RemoveNetwork a -> calls.effect(s -> NetworkCalls.remove(s, a));
      case Action.CreateVolume a -> calls.act(s -> VolumeCalls.create(s, a));
      case Action.CreateContainer a -> {
        createTrusted(a);
        yield calls.act(s -> new ContainerCreation(s, a, compose.release()).create());
      }
      case Action.StartContainer a -> {
        startTrusted(a.id());
        yield calls.effect(s -> ContainerCalls.start(s, a.id()));
      }
      case Action.StopContainer a ->
          stopping(a.name(), a.id(), a.grace(), a.preStop(), ContainerCalls::stop);
      case Action.RestartContainer a -> {
        startTrusted(a.id());
        yield stopping(a.name(), a.id(), a.grace(), a.preStop(), ContainerCalls::restart);
      }
      case Action.RunHooks a ->
          calls.effect(
              calls.deadlines().hooks(), s -> ContainerHooks.postStart(s, a.id(), a.hooks()));
      case Action.UnpauseContainer a -> calls.effect(s -> ContainerCalls.unpause(s, a.id()));
      case Action.RemoveContainer a -> calls.effect(s -> ContainerCalls.remove(s, a));
      case Action.RenameContainer a -> calls.effect(s -> ContainerCalls.rename(s, a));
      case Action.ConnectNetwork a -> calls.effect(s -> connect(s, a));
      case Action.DisconnectNetwork a -> calls.effect(s -> NetworkCalls.disconnect(s, a));
      case Action.SetNames a -> calls.effect(s -> NetworkCalls.names(s, a));
      case Action.SetRestartPolicy a -> calls.effect(s -> ContainerCalls.restartPolicy(s, a));
    };
  }

  /// Also between two looks a tag may move: what counts is the image that the container has. One
  /// that runs is not stopped for want of a signature, and so not restarted either.
  private void startTrusted(String id) throws EngineException {
    if (signed.isPresent()) {
      var container = calls.act(s -> s.get("/containers/" + id + "/json"));
      trusted(container.path("Image").asText(), container.path("Config").path("Image").asText());
    }
  }

  /// The planned image; only where that is gone, the name decides.
  private void createTrusted(Action.CreateContainer create) throws EngineException {
    var container = create.service().container();
    trustedAsPlanned(create.imageId(), container.image());
    for (var mount : container.storage().imageMounts().toList()) {
      trustedAsPlanned(Objects.requireNonNullElse(mount.imageId(), mount.image()), mount.image());
    }
  }

  private void trustedAsPlanned(String id, String name) throws EngineException {
    try {
      trusted(id, name);
    } catch (EngineException e) {
      if (e.status() != 404) {
        throw e;
      }
      trusted(name, name);
    }
  }

  /// @param image as the engine is asked for it
  /// @param name as people know it
  private void trusted(String image, String name) throws EngineException {
    if (signed.isPresent()) {
      signed.get().check(name, calls.act(s -> s.get(Paths.image(image, "/json"))));
    }
  }

  private static void connect(Session session, Action.ConnectNetwork a) throws EngineException {
    var endpoint = NetworkingBody.endpoint(a.service(), a.name(), a.attachment());
    if (!session.isPodman()) {
      endpoint.put("NetworkID", a.networkId());
    }
    NetworkCalls.connect(session, a.networkId(), a.id(), endpoint);
  }

  private String pull(Action.PullImage pull, Consumer<String> progress) throws EngineException {
    var id =
        calls.lasting((session, alive) ->
            new ImagePull(session, credentials, pull)
                .pull(line -> {
                  alive.run();
                  progress.accept(line);
                }));
    pulled.add(id);
    trusted(id, pull.image());
    return id;
  }

  private interface Stop {
    void on(Session session, String id, Duration grace) throws EngineException;
  }

  private String stopping(String name, String id, Duration grace, List<Hook> preStop, Stop stop)
      throws EngineException {
    ContainerHooks.preStop(calls.within(), calls.sessions(), name, id, grace, preStop);
    return calls.effect(grace.plus(calls.deadlines().stopMargin()), s -> stop.on(s, id, grace));
  }
}
