package io.armory.agent.adapter.docker;

import io.armory.agent.domain.Action;

/// The engine call about volumes. There is but one: nothing here removes a named volume.
final class VolumeCalls {
  private VolumeCalls() {}

  /// The engine gives an existing volume of that name as it is.
  static String create(Session session, Action.CreateVolume create) throws EngineException {
    var volume = create.volume();
    var body = Json.object();
    body.put("Name", volume.name());
    Json.put(body, "Driver", volume.driver());
    Json.putAll(body, "DriverOpts", volume.driverOpts());
    Json.putAll(body, "Labels", Labels.of(create.project(), volume));
    return session.post("/volumes/create", body).path("Name").asText();
  }
}
