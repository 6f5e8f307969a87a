package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Resources;
import io.armory.agent.domain.stack.Security;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.RegistryCredentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Every attribute of a service, as a real engine shows it in a container made from it.
class ContainerAttributesIT {
  /// What the engine shows of a limit that the node's kernel does not know.
  private static final List<String> DROPPED = List.of("0", "-1", "null", "false");

  @RegisterExtension final RealEngine real = new RealEngine();
  @TempDir Path files;

  @AutoClose
  private final DockerEngine engine =
      // Below which no Docker Compose is installed.
      DockerEngine.open(
          DockerEngine.DEFAULT_SOCKET, RegistryCredentials.ANONYMOUS, Path.of("/dev/null"));

  @Test
  void every_attribute_arrives_at_the_engine() throws Exception {
    Files.writeString(files.resolve("password"), "secret");
    var subnet = "10." + ThreadLocalRandom.current().nextInt(100, 180);
    var every =
        new EveryAttribute(real.project(), RealEngine.IMAGE, files.toString(), subnet, real.api());
    var stack = every.stack();
    stack.networks().values().forEach(n -> done(new Action.CreateNetwork(real.project(), n)));
    stack.volumes().values().forEach(v -> done(new Action.CreateVolume(real.project(), v)));
    var imageId = real.get("/images/" + RealEngine.IMAGE + "/json").path("Id").asText();
    var parent = done(plain(stack, "parent", imageId));

    var id = done(every.creation(imageId, parent));

    var inspected = real.inspect(id);
    var wrong = new SoftAssertions();
    for (var row : every.rows(parent)) {
      if (row.since() <= real.api()) {
        var shown = inspected.at(row.inspected());
        wrong
            .assertThat(row.kernel() && DROPPED.contains(shown.asText()) ? row.value() : shown)
            .as(row.inspected())
            .isEqualTo(row.value());
      }
    }
    wrong
        .assertThat(inspected.at("/Config/Labels/com.docker.compose.image").asText())
        .isEqualTo(imageId);
    wrong.assertThat(inspected.at("/Config/Env").toString()).doesNotContain("PATH=");
    wrong.assertAll();
  }

  @Test
  void what_excludes_the_others_arrives_too() {
    var security =
        new Security(
            true, false, List.of(), List.of(), List.of(), List.of(), Map.of(), null, "host", "host",
            "host", "private", "/armory", "runc");
    var cpu = new Resources.Cpu(null, 5000L, 10000L, null, null, null, null, null);
    var resources =
        new Resources(
            null, cpu, null, null, null, null, null, null, null, null, Map.of(), List.of(),
            List.of(), List.of(), null, Map.of());
    var stack =
        SampleStack.of(real.project())
            .service(
                "gate",
                RealEngine.IMAGE,
                s ->
                    s.security(security)
                        .resources(resources)
                        .mode(new Networking.Mode.Engine("host")))
            .build();

    var host = real.inspect(done(plain(stack, "gate", "sha256:1"))).path("HostConfig");

    assertThat(host.path("Privileged").asBoolean()).isTrue();
    assertThat(host.path("NetworkMode").asText()).isEqualTo("host");
    assertThat(host.path("IpcMode").asText()).isEqualTo("host");
    assertThat(host.path("PidMode").asText()).isEqualTo("host");
    assertThat(host.path("UTSMode").asText()).isEqualTo("host");
    assertThat(host.path("CgroupnsMode").asText()).isEqualTo("private");
    assertThat(host.path("CgroupParent").asText()).isEqualTo("/armory");
    assertThat(host.path("Runtime").asText()).isEqualTo("runc");
    assertThat(host.path("CpuQuota").asLong()).isEqualTo(5000);
    assertThat(host.path("CpuPeriod").asLong()).isEqualTo(10000);
  }

  private static Action.CreateContainer plain(Stack stack, String name, String imageId) {
    var service = stack.services().get(name);
    if (service == null) {
      throw new AssertionError("no " + name);
    }
    return new Action.CreateContainer(
        stack,
        service,
        1,
        stack.project() + "-" + name + "-1",
        imageId,
        Map.of(),
        Optional.empty());
  }

  private String done(Action action) {
    var outcome = engine.execute(action, line -> {});
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return outcome instanceof Outcome.Done<String>(var value) ? value : "";
  }
}
