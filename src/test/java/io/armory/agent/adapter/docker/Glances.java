package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.port.RegistryCredentials;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Set;

/// What others do to a container is seen by the next routine look, although no event is listened
/// to: the engine is asked what it remembers.
final class Glances {
  private static final String IMAGE = RealEngine.IMAGE;

  /// More events than Docker remembers.
  private static final int FLOOD = 300;

  private final RealEngine real;
  private final Scope scope;
  private final String id;

  /// @param id a container that runs, in no network that matters
  Glances(RealEngine real, String id) {
    this.real = real;
    this.scope = new Scope(real.project(), Set.of(), Set.of(), Set.of());
    this.id = id;
  }

  void seeWhatIsDone(Path socket) {
    var network = real.inspect(id).at("/NetworkSettings/Networks").fieldNames().next();
    var acts = new LinkedHashMap<String, Runnable>();
    acts.put("pause", () -> post("pause"));
    acts.put("unpause", () -> post("unpause"));
    acts.put("kill", () -> post("kill"));
    acts.put("start", () -> post("start"));
    acts.put("restart", () -> post("restart?t=0"));
    acts.put(
        "update",
        () -> {
          var policy = Json.object();
          policy.putObject("RestartPolicy").put("Name", "unless-stopped");
          real.post("/containers/" + id + "/update", policy);
        });
    acts.put("rename", () -> post("rename?name=" + real.project() + "-renamed"));
    acts.put("disconnect", () -> network("disconnect", network));
    acts.put("connect", () -> network("connect", network));
    acts.put(
        "stop, and more events than are remembered",
        () -> {
          post("stop?t=0");
          var tag = "/images/" + IMAGE + "/tag?repo=armory-standin/flood&tag=" + real.project();
          for (int i = 0; i < FLOOD; i++) {
            real.post(tag, Json.object());
          }
          real.delete("/images/armory-standin/flood:" + real.project());
        });
    acts.put("remove", () -> real.delete("/containers/" + id + "?force=1"));
    try (var mine = DockerEngine.open(socket, RegistryCredentials.ANONYMOUS);
        var fresh = DockerEngine.open(socket, RegistryCredentials.ANONYMOUS)) {
      mine.observe(scope);
      acts.forEach((name, act) -> {
        var before = mine.glance(scope);
        assertThat(containers(mine.glance(scope))).as(name).isEqualTo(containers(before));
        act.run();
        await(name)
            .untilAsserted(() ->
                assertThat(containers(mine.glance(scope)))
                    .isEqualTo(containers(fresh.observe(scope))));
        assertThat(containers(mine.glance(scope))).as(name).isNotEqualTo(containers(before));
      });
    }
  }

  private static Set<Observation.Container> containers(Observation seen) {
    assertThat(seen).isInstanceOf(Observation.Observed.class);
    return Set.copyOf(((Observation.Observed) seen).containers());
  }

  private void post(String act) {
    real.post("/containers/" + id + "/" + act, Json.object());
  }

  private void network(String act, String network) {
    real.post("/networks/" + network + "/" + act, Json.object().put("Container", id));
  }
}
