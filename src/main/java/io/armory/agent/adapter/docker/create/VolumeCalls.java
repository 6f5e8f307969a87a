package io.armory.agent.adapter.docker.create;

import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.stack.Action;

/// The engine call about volumes. There is but one: nothing here removes a named volume.
public final class VolumeCalls {
  private VolumeCalls() {}

  /// The engine gives an existing volume of that name as it is.
  public static String create(Session session, Action.CreateVolume create) throws EngineException {
    var volume = create.volume();
    return session
        .ask(docker -> {
          var command = docker.createVolumeCmd().withName(volume.name());
          if (volume.driver() != null) {
            command.withDriver(volume.driver());
          }
          return command
              .withDriverOpts(volume.driverOpts())
              .withLabels(Labels.of(create.project(), volume));
        })
        .getName();
  }
}
