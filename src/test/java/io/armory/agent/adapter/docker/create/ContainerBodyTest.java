package io.armory.agent.adapter.docker.create;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.EveryAttribute;
import io.armory.agent.adapter.docker.http.ComposeRelease;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Resources;
import io.armory.agent.domain.stack.Security;
import io.armory.agent.domain.stack.Storage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Every attribute in the body of the create call; [ContainerAttributesIT] asks a real engine.
class ContainerBodyTest {
  private static final int NEW = Session.NEWEST_API;
  private static final int OLD = Session.OLDEST_API;

  @TempDir Path files;

  @TestFactory
  Stream<DynamicTest> every_attribute_is_in_the_body() throws EngineException {
    var every = new EveryAttribute("stack", "armory-standin/service:dev", "/files", "10.77", NEW);
    var written =
        new ContainerBody(
                every.creation("sha256:1", "parent"),
                NEW,
                ComposeRelease.NEWEST,
                Json.object(),
                Map.of())
            .json();
    var body = Json.parse(Json.bytes(written));
    return every.rows("parent").stream()
        .map(row ->
            DynamicTest.dynamicTest(
                row.toString(), () -> assertThat(body.at(row.pointer())).isEqualTo(row.value())));
  }

  /// A new attribute of the model fails here until the sample says it and a row asks for it.
  @Test
  void the_sample_leaves_no_attribute_unsaid() throws ReflectiveOperationException {
    var spec =
        new EveryAttribute("stack", "image", "/files", "10.77", NEW)
            .creation("sha256:1", "parent")
            .service()
            .container();
    var unsaid = new TreeSet<String>();

    collectUnsaid(spec, "", unsaid);

    assertThat(unsaid)
        .as("each of these is asked for by a test of its own in this class")
        .containsExactly(
            ".containerName",
            ".networking.attachments.interfaceName",
            ".networking.attachments.ipv6Address",
            ".networking.attachments.macAddress",
            ".resources.blkio.readBps",
            ".resources.blkio.readIops",
            ".resources.blkio.weightDevices",
            ".resources.blkio.writeBps",
            ".resources.blkio.writeIops",
            ".resources.cpu.count",
            ".resources.cpu.percent",
            ".resources.cpu.period",
            ".resources.cpu.quota",
            ".resources.cpu.realtimePeriod",
            ".resources.cpu.realtimeRuntime",
            ".resources.deviceRequests",
            ".resources.storageOpt",
            ".security.cgroupParent",
            ".security.privileged",
            ".security.runtime",
            ".security.uts");
  }

  private static void collectUnsaid(Object value, String path, Set<String> unsaid)
      throws ReflectiveOperationException {
    for (var component : value.getClass().getRecordComponents()) {
      var name = path + "." + component.getName();
      var said = component.getAccessor().invoke(value);
      if (said == null || said.equals(false) || said.equals(List.of()) || said.equals(Map.of())) {
        unsaid.add(name);
      } else if (said instanceof Record nested) {
        collectUnsaid(nested, name, unsaid);
      } else if (component.getName().equals("attachments") && said instanceof List<?> list) {
        collectUnsaid(list.getFirst(), name, unsaid);
      }
    }
  }

  @Test
  void addresses_of_version_6_and_of_the_endpoint_itself() throws EngineException {
    var attachment =
        new Networking.Attachment(
            "net", List.of(), null, "fd00::7", List.of(), "02:42:00:00:00:01", 0, Map.of());

    var body = body(OLD, s -> s.on(attachment).identity("own-name", null, null));

    var endpoint = "/NetworkingConfig/EndpointsConfig/net";
    assertThat(at(body, endpoint + "/IPAMConfig")).isEqualTo("{\"IPv6Address\":\"fd00::7\"}");
    assertThat(at(body, "/MacAddress")).isEqualTo("\"02:42:00:00:00:01\"");
    assertThat(at(body, endpoint + "/Aliases")).isEqualTo("[\"own-name\",\"gate\"]");
  }

  @Test
  void what_only_newer_engines_can_is_given_to_them_and_refused_on_others() throws EngineException {
    var attachment =
        new Networking.Attachment(
            "net", List.of(), null, null, List.of(), null, 0, Map.of("a", "b"), 5, "eth7");

    var body = body(NEW, s -> s.on(attachment));

    var endpoint = "/NetworkingConfig/EndpointsConfig/net";
    assertThat(at(body, endpoint + "/GwPriority")).isEqualTo("5");
    assertThat(at(body, endpoint + "/DriverOpts"))
        .isEqualTo("{\"a\":\"b\",\"com.docker.network.endpoint.ifname\":\"eth7\"}");
    assertThatThrownBy(() -> body(47, s -> s.on(attachment)))
        .hasMessageContaining("gw_priority needs Docker 28 or newer");
    assertThatThrownBy(() -> body(48, s -> s.on(attachment)))
        .hasMessageContaining("interface_name needs Docker 28.1 or newer");
  }

  @Test
  void from_docker_25_on_all_networks_are_in_the_create_call() throws EngineException {
    var one = new Networking.Attachment("one", List.of(), null, null, List.of(), null, 0, Map.of());
    var two =
        new Networking.Attachment(
            "two", List.of(), null, null, List.of(), "02:42:00:00:00:02", 0, Map.of());

    assertThat(at(body(44, s -> s.on(one).on(two)), "/NetworkingConfig/EndpointsConfig/two"))
        .contains("\"MacAddress\":\"02:42:00:00:00:02\"");
    assertThat(body(43, s -> s.on(one).on(two)).at("/NetworkingConfig/EndpointsConfig").size())
        .isEqualTo(1);
  }

  @Test
  void a_bind_says_what_of_mounts_below_it_and_a_volume_has_labels() throws EngineException {
    var body =
        body(
            NEW,
            s ->
                s.mounts(
                    new Storage.Bind("/x", "/all", true, true, null, null, "readonly"),
                    new Storage.Bind("/x", "/top", true, true, null, null, "writable"),
                    new Storage.Bind("/x", "/none", true, false, "rslave", null, "disabled"),
                    new Storage.VolumeMount(
                        null, "/v", false, false, null, Map.of("team", "spin"))));

    assertThat(at(body, "/HostConfig/Mounts/0/BindOptions"))
        .isEqualTo("{\"CreateMountpoint\":true,\"ReadOnlyForceRecursive\":true}");
    assertThat(at(body, "/HostConfig/Mounts/1/BindOptions/ReadOnlyNonRecursive")).isEqualTo("true");
    assertThat(at(body, "/HostConfig/Mounts/2/BindOptions"))
        .isEqualTo("{\"Propagation\":\"rslave\",\"NonRecursive\":true}");
    assertThat(at(body, "/HostConfig/Mounts/3/VolumeOptions/Labels"))
        .isEqualTo("{\"team\":\"spin\"}");
    assertThatThrownBy(() ->
            body(
                43,
                s -> s.mounts(new Storage.Bind("/x", "/all", true, true, null, null, "readonly"))))
        .hasMessageContaining("recursive: readonly needs Docker 25 or newer");
  }

  @Test
  void what_is_not_said_is_not_written() throws EngineException {
    var body = body(OLD, s -> {});

    assertThat(body.path("HostConfig").has("Memory")).isFalse();
    assertThat(body.has("Entrypoint")).isFalse();
    assertThat(body.has("Healthcheck")).isFalse();
    assertThat(at(body, "/HostConfig/NetworkMode")).isEqualTo("\"none\"");
    assertThat(at(body, "/HostConfig/RestartPolicy")).isEqualTo("{\"Name\":\"no\"}");
  }

  @Test
  void an_old_engine_gets_the_mac_address_its_way() throws EngineException {
    var old =
        new ContainerBody(every(OLD), OLD, ComposeRelease.NEWEST, Json.object(), Map.of()).json();
    var young =
        new ContainerBody(every(NEW), NEW, ComposeRelease.NEWEST, Json.object(), Map.of()).json();
    var endpoint = "/NetworkingConfig/EndpointsConfig/stack_front/MacAddress";

    assertThat(at(old, "/MacAddress")).isEqualTo("\"02:42:ac:11:00:99\"");
    assertThat(old.at(endpoint).isMissingNode()).isTrue();
    assertThat(young.at("/MacAddress").isMissingNode()).isTrue();
    assertThat(at(young, endpoint)).isEqualTo("\"02:42:ac:11:00:99\"");
  }

  private static Action.CreateContainer every(int api) {
    return new EveryAttribute("stack", "image", "/files", "10.77", api)
        .creation("sha256:1", "parent");
  }

  @Test
  void an_engine_that_cannot_check_more_often_during_the_start_is_not_asked_to() {
    var body = new ContainerBody(every(NEW), OLD, ComposeRelease.NEWEST, Json.object(), Map.of());
    assertThatThrownBy(body::json)
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("healthcheck.start_interval needs Docker 25");
  }

  @Test
  void an_empty_command_clears_the_images_own() throws EngineException {
    var image = Json.object();
    image.putObject("Config").putArray("Entrypoint").add("/standin");
    var creation =
        creation(s ->
            s.command(
                new ContainerSpec.Command(
                    null, List.of(), Map.of(), null, null, false, false, null, null)));

    var body = new ContainerBody(creation, OLD, ComposeRelease.NEWEST, image, Map.of()).json();

    assertThat(at(body, "/Entrypoint")).isEqualTo("[\"/standin\"]");
    assertThat(at(body, "/Cmd")).isEqualTo("[]");
  }

  @Test
  void a_subpath_needs_an_engine_that_knows_it() throws EngineException {
    Consumer<SampleService> mount =
        s -> s.mounts(new Storage.VolumeMount("data", "/data", false, false, "sub", Map.of()));

    assertThat(at(body(NEW, mount), "/HostConfig/Mounts/0/VolumeOptions/Subpath"))
        .isEqualTo("\"sub\"");
    assertThatThrownBy(() -> body(OLD, mount))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("subpath needs Docker 26");
  }

  @Test
  void an_image_is_mounted_by_its_id_once_that_is_known() throws EngineException {
    var id = "sha256:" + "a".repeat(64);
    var mount = new Storage.ImageMount("pics:1", "/pics", true, "web", null);
    Consumer<SampleService> unknown = s -> s.mounts(mount);
    Consumer<SampleService> known =
        s -> s.mounts(new Storage.ImageMount("pics:1", "/pics", true, "web", id));

    assertThat(at(body(NEW, unknown), "/HostConfig/Mounts"))
        .isEqualTo(
            "[{\"Type\":\"image\",\"Source\":\"pics:1\",\"Target\":\"/pics\",\"ReadOnly\":true,\"ImageOptions\":{\"Subpath\":\"web\"}}]");
    var body = body(NEW, known);
    assertThat(at(body, "/HostConfig/Mounts/0/Source")).isEqualTo("\"" + id + "\"");
    assertThat(body.path("Labels").path("com.docker.compose.image-volume-digest").asText())
        .isEqualTo("/pics=" + id);
    assertThatThrownBy(() -> body(OLD, known))
        .isInstanceOf(EngineException.class)
        .hasMessage("image pics:1 at /pics: mounts of images need Docker 28 or newer");
  }

  @Test
  void what_a_kernel_may_lack_is_written_all_the_same() throws EngineException {
    var cpu = new Resources.Cpu(null, 5000L, 10000L, 900L, 1000L, null, 2L, 50.0);
    var device = new Resources.ThrottleDevice("/dev/sda", 1024);
    var blkio =
        new Resources.Blkio(
            null,
            List.of(new Resources.WeightDevice("/dev/sda", 400)),
            List.of(device),
            List.of(device),
            List.of(device),
            List.of(device));
    var gpu =
        new Resources.DeviceRequest(
            "nvidia", -1, List.of(), List.of(List.of("gpu")), Map.of("a", "b"));
    var body =
        body(
            OLD,
            s ->
                s.resources(
                    new Resources(
                        null,
                        cpu,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        Map.of(),
                        List.of(),
                        List.of(),
                        List.of(gpu),
                        blkio,
                        Map.of("size", "1G"))));

    assertThat(body.path("HostConfig").toString())
        .contains(
            "\"CpuQuota\":5000",
            "\"CpuPeriod\":10000",
            "\"CpuRealtimeRuntime\":900",
            "\"CpuRealtimePeriod\":1000",
            "\"CpuCount\":2",
            "\"CpuPercent\":50",
            "\"BlkioWeightDevice\":[{\"Path\":\"/dev/sda\",\"Weight\":400}]",
            "\"BlkioDeviceReadBps\":[{\"Path\":\"/dev/sda\",\"Rate\":1024}]",
            "\"BlkioDeviceWriteBps\":",
            "\"BlkioDeviceReadIOps\":",
            "\"BlkioDeviceWriteIOps\":",
            "\"DeviceRequests\":[{\"Driver\":\"nvidia\",\"Count\":-1,\"Capabilities\":[[\"gpu\"]],"
                + "\"Options\":{\"a\":\"b\"}}]",
            "\"StorageOpt\":{\"size\":\"1G\"}");
  }

  @Test
  void namespaces_privileges_and_runtime() throws EngineException {
    var security =
        new Security(
            true, false, List.of(), List.of(), List.of(), List.of(), Map.of(), null, "host", "host",
            "host", "private", "/custom", "runsc");

    var body = body(OLD, s -> s.security(security).mode(new Networking.Mode.Engine("host")));

    assertThat(at(body, "/HostConfig/Privileged")).isEqualTo("true");
    assertThat(at(body, "/HostConfig/CgroupParent")).isEqualTo("\"/custom\"");
    assertThat(at(body, "/HostConfig/UTSMode")).isEqualTo("\"host\"");
    assertThat(at(body, "/HostConfig/PidMode")).isEqualTo("\"host\"");
    assertThat(at(body, "/HostConfig/IpcMode")).isEqualTo("\"host\"");
    assertThat(at(body, "/HostConfig/CgroupnsMode")).isEqualTo("\"private\"");
    assertThat(at(body, "/HostConfig/Runtime")).isEqualTo("\"runsc\"");
    assertThat(at(body, "/HostConfig/NetworkMode")).isEqualTo("\"host\"");
  }

  @Test
  void a_seccomp_profile_travels_by_value_and_a_missing_one_is_named() throws Exception {
    var profile = files.resolve("profile.json");
    Files.writeString(profile, "{ \"defaultAction\": \"SCMP_ACT_ALLOW\" }", StandardCharsets.UTF_8);

    assertThat(SeccompProfile.inlined("seccomp:" + profile))
        .isEqualTo("seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
    assertThatThrownBy(() -> SeccompProfile.inlined("seccomp=/no/such.json"))
        .hasMessageContaining("/no/such.json");
  }

  @Test
  void a_bind_with_a_colon_or_a_selinux_label_goes_the_way_that_can_say_it()
      throws EngineException {
    var body =
        body(
            OLD,
            s ->
                s.mounts(
                    new Storage.Bind("/a:b", "/x", false, true, null, null, null),
                    new Storage.Bind("/c", "/y", true, false, null, "Z", null)));

    assertThat(at(body, "/HostConfig/Mounts/0/Source")).isEqualTo("\"/a:b\"");
    assertThat(at(body, "/HostConfig/Binds")).isEqualTo("[\"/c:/y:ro,Z\"]");
  }

  private static JsonNode body(int api, Consumer<SampleService> more) throws EngineException {
    return new ContainerBody(creation(more), api, ComposeRelease.NEWEST, Json.object(), Map.of())
        .json();
  }

  private static Action.CreateContainer creation(Consumer<SampleService> more) {
    var stack = SampleStack.of("stack").service("gate", "image", more).build();
    var gate = stack.services().values().iterator().next();
    return new Action.CreateContainer(
        stack, gate, 1, "stack-gate-1", "sha256:1", Map.of(), Optional.empty());
  }

  private static String at(JsonNode body, String pointer) {
    return body.at(pointer).toString();
  }
}
