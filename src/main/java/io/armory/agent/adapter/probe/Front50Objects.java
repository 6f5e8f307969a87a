package io.armory.agent.adapter.probe;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Front50;
import io.armory.agent.port.Workload.Endpoint;
import java.time.Duration;

/// front50 over HTTP. A site of a thousand pipelines has some megabytes of them.
public final class Front50Objects implements Front50 {
  private static final SpinnakerCall CALL =
      new SpinnakerCall(Duration.ofSeconds(30), Duration.ofMinutes(1), 16 * 1024 * 1024);

  @Override
  public Outcome<String> get(Endpoint front50, String path) {
    return CALL.ask(front50, "GET", path, null);
  }

  @Override
  public Outcome<String> post(Endpoint front50, String path, String json) {
    return CALL.ask(front50, "POST", path, json);
  }
}
