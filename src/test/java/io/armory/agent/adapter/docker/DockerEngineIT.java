package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.ContainerEngineContract;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.rig.FreePort;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The contract on the node's own Docker Engine.
class DockerEngineIT extends ContainerEngineContract {
  @RegisterExtension final RealEngine real = new RealEngine();

  @AutoClose
  private final DockerEngine engine =
      DockerEngine.open(DockerEngine.DEFAULT_SOCKET, RegistryCredentials.ANONYMOUS);

  private int port;

  /// The engine's list knows an image by one of its names; all of them must be found.
  @Test
  void an_image_is_found_by_every_spelling_of_its_name() {
    var spelled = "docker.io/" + RealEngine.IMAGE;
    var id = real.get("/images/" + RealEngine.IMAGE + "/json").path("Id").asText();

    var scope =
        new ContainerEngine.Scope(
            project(), Set.of(RealEngine.IMAGE, spelled, id), Set.of(), Set.of());

    assertThat(engine.observe(scope))
        .isInstanceOfSatisfying(
            Observation.Observed.class,
            seen ->
                assertThat(seen.images())
                    .containsExactlyInAnyOrderEntriesOf(
                        Map.of(RealEngine.IMAGE, id, spelled, id, id, id)));
  }

  @Test
  void what_others_do_is_seen_by_a_glance() {
    var stack = one(s -> s.on("net"));
    prepare(stack);
    var id = create(stack, "gate");
    done(start("gate", id));
    new Glances(real, id).seeWhatIsDone(DockerEngine.DEFAULT_SOCKET);
  }

  @Test
  void it_says_where_it_keeps_its_data() {
    assertThat(engine.images().directory())
        .isEqualTo(Outcome.done(real.get("/info").path("DockerRootDir").asText()));
  }

  @Test
  void a_range_in_use_is_named_with_what_to_do() {
    var range = "10.%d.7.0/24".formatted(240 + Math.floorMod(project().hashCode(), 10));

    engine.execute(create("first", range), line -> {});
    var second = engine.execute(create("second", range), line -> {});

    assertThat(second.whyFailed().orElseThrow().message())
        .contains(range + " is in use", "STACK_SUBNET", "networks.second.ipam");
  }

  private Action.CreateNetwork create(String key, String range) {
    var pool = new Network.Pool(range, null, null, Map.of());
    return new Action.CreateNetwork(project(), SampleStack.plain(key, project() + "_" + key, pool));
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
      port = FreePort.next();
    }
    return port;
  }
}
