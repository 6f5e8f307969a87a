package io.armory.agent.adapter.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Resources;
import io.armory.agent.domain.stack.Security;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage;
import io.armory.agent.domain.stack.Volume;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A service that says everything there is to say, and where each word must arrive.
///
/// @param image of every service
/// @param files an existing directory for bind mounts
/// @param subnet the first two numbers of the networks' addresses, such as `10.77`
public record EveryAttribute(String project, String image, String files, String subnet, int api) {

  /// @param pointer into the body of the create call
  /// @param expected JSON
  /// @param since the first API that has it
  /// @param kernel it takes a kernel or engine feature that not every node has
  public record Row(String pointer, String expected, int since, boolean kernel) {
    /// Where an inspected container shows it.
    String inspected() {
      if (pointer.startsWith("/HostConfig")) {
        return pointer;
      }
      return pointer.startsWith("/NetworkingConfig/EndpointsConfig")
          ? pointer.replace("/NetworkingConfig/EndpointsConfig", "/NetworkSettings/Networks")
          : "/Config" + pointer;
    }

    public JsonNode value() {
      try {
        return Json.parse(expected.getBytes(StandardCharsets.UTF_8));
      } catch (EngineException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public String toString() {
      return pointer;
    }
  }

  Stack stack() {
    return SampleStack.of(project)
        .network(network("front", 1))
        .network(network("back", 2))
        .volume(new Volume("data", project + "_data", false, null, Map.of(), Map.of(), "volume-1"))
        .service("redis", image, s -> s.on("front").replicas(2))
        .service("parent", image, s -> {})
        .service(
            "gate",
            image,
            s ->
                s.identity(null, "portal", "example.test")
                    .platform("linux/amd64")
                    .command(command())
                    .label("team", "spinnaker")
                    .annotation("note", "kept")
                    .healthcheck(healthcheck())
                    .restart("on-failure", 3)
                    .networking(networking())
                    .storage(storage())
                    .resources(resources())
                    .security(security())
                    .logging("json-file", Map.of("max-size", "1m"))
                    .dependsOn("redis", Service.Condition.HEALTHY, true)
                    .dependsOn("parent", Service.Condition.STARTED, false)
                    .grace(Duration.ofMillis(1500)))
        .build();
  }

  /// @param parent the container whose namespace `service:parent` is
  public Action.CreateContainer creation(String imageId, String parent) {
    var stack = stack();
    var gate = stack.services().get("gate");
    if (gate == null) {
      throw new AssertionError("no gate");
    }
    return new Action.CreateContainer(
        stack, gate, 1, project + "-gate-1", imageId, Map.of("parent", parent), Optional.empty());
  }

  private Network network(String key, int third) {
    var pool = new Network.Pool(subnet + "." + third + ".0/24", null, null, Map.of());
    return new Network(
        key,
        project + "_" + key,
        false,
        null,
        Map.of(),
        new Network.Ipam(null, List.of(pool), Map.of()),
        false,
        true,
        false,
        Map.of(),
        null,
        "network-1");
  }

  private static ContainerSpec.Command command() {
    var environment = new LinkedHashMap<String, @Nullable String>();
    environment.put("SAID", "one=two");
    environment.put("PATH", null);
    return new ContainerSpec.Command(
        List.of("/standin"),
        List.of("check", "/health"),
        environment,
        "1000:1001",
        "/srv",
        true,
        true,
        true,
        "SIGUSR1");
  }

  private ContainerSpec.Healthcheck healthcheck() {
    return new ContainerSpec.Healthcheck(
        List.of("CMD", "/standin", "check"),
        Duration.ofSeconds(7),
        Duration.ofSeconds(3),
        Duration.ofSeconds(11),
        api < 44 ? null : Duration.ofSeconds(2),
        4);
  }

  private Networking networking() {
    var front =
        new Networking.Attachment(
            "front",
            List.of("portal-alias"),
            subnet + ".1.7",
            null,
            List.of("169.254.8.8"),
            null,
            10,
            Map.of("com.example.opt", "x"));
    return new Networking(
        Networking.Mode.PROJECT,
        List.of(front),
        List.of(
            new Networking.PortBinding("127.0.0.1", "18080-18085", 8080, "tcp"),
            new Networking.PortBinding(null, null, 9000, "udp")),
        List.of("9090", "9091/udp"),
        List.of("db.test:10.9.8.7"),
        List.of("10.1.1.1"),
        List.of("ndots:2"),
        List.of("example.test"),
        List.of("redis:cache"),
        List.of("other:friend"),
        "02:42:ac:11:00:99");
  }

  private Storage storage() {
    return new Storage(
        List.of(
            new Storage.Bind(files + "/made", "/made", true, true, "rslave", null, null),
            new Storage.Bind(files, "/plain", true, false, "rprivate", null, null),
            new Storage.VolumeMount("data", "/data", true, true, null, Map.of()),
            new Storage.VolumeMount(null, "/anonymous", false, false, null, Map.of()),
            new Storage.Tmpfs("/scratch", null, null, "size=1m"),
            new Storage.Tmpfs("/scratch2", 1048576L, 448, ""),
            new Storage.FileMount(
                Storage.FileMount.Kind.SECRET,
                "password",
                "/run/secrets/password",
                files + "/password",
                null,
                null,
                256,
                "hash")),
        List.of("parent:ro"));
  }

  private static Resources resources() {
    return new Resources(
        0.5,
        new Resources.Cpu(512L, null, null, null, null, "0", null, null),
        64L << 20,
        32L << 20,
        96L << 20,
        30L,
        55L,
        8L << 20,
        true,
        100,
        Map.of("nofile", new Resources.Ulimit(1000, 2000)),
        List.of(new Resources.Device("/dev/null", "/dev/nothing", "r")),
        List.of("c 1:3 mr"),
        List.of(),
        new Resources.Blkio(300, List.of(), List.of(), List.of(), List.of(), List.of()),
        Map.of());
  }

  private static Security security() {
    return new Security(
        false,
        true,
        List.of("NET_ADMIN", "SYS_PTRACE"),
        List.of("MKNOD"),
        List.of("no-new-privileges:true", "seccomp:unconfined", "systempaths=unconfined"),
        List.of("audio"),
        Map.of("net.core.somaxconn", "1024"),
        "host",
        "shareable",
        "service:parent",
        null,
        "host",
        null,
        null);
  }

  public List<Row> rows(String parent) {
    var rows = new ArrayList<Row>();
    process(rows);
    labels(rows);
    network(rows);
    mounts(rows, parent);
    limits(rows);
    privileges(rows, parent);
    return rows;
  }

  private static void is(List<Row> rows, String pointer, String expected) {
    rows.add(new Row(pointer, expected.replace('\'', '"'), Session.OLDEST_API, false));
  }

  private static void since(List<Row> rows, int api, String pointer, String expected) {
    rows.add(new Row(pointer, expected.replace('\'', '"'), api, false));
  }

  private static void kernel(List<Row> rows, String pointer, String expected) {
    rows.add(new Row(pointer, expected.replace('\'', '"'), Session.OLDEST_API, true));
  }

  private void process(List<Row> rows) {
    is(rows, "/Image", "'" + image + "'");
    is(rows, "/Hostname", "'portal'");
    is(rows, "/Domainname", "'example.test'");
    is(rows, "/Entrypoint", "['/standin']");
    is(rows, "/Cmd", "['check','/health']");
    is(rows, "/Env/0", "'SAID=one=two'");
    is(rows, "/User", "'1000:1001'");
    is(rows, "/WorkingDir", "'/srv'");
    is(rows, "/Tty", "true");
    is(rows, "/OpenStdin", "true");
    is(rows, "/StopSignal", "'SIGUSR1'");
    is(rows, "/StopTimeout", "2");
    is(rows, "/HostConfig/Init", "true");
    is(rows, "/Healthcheck/Test", "['CMD','/standin','check']");
    is(rows, "/Healthcheck/Interval", "7000000000");
    is(rows, "/Healthcheck/Timeout", "3000000000");
    is(rows, "/Healthcheck/StartPeriod", "11000000000");
    since(rows, 44, "/Healthcheck/StartInterval", "2000000000");
    is(rows, "/Healthcheck/Retries", "4");
    is(rows, "/HostConfig/RestartPolicy", "{'Name':'on-failure','MaximumRetryCount':3}");
    is(rows, "/HostConfig/LogConfig", "{'Type':'json-file','Config':{'max-size':'1m'}}");
    since(rows, 43, "/HostConfig/Annotations/note", "'kept'");
  }

  private void labels(List<Row> rows) {
    is(rows, "/Labels/team", "'spinnaker'");
    var compose = "/Labels/com.docker.compose.";
    is(rows, compose + "project", "'" + project + "'");
    is(rows, compose + "service", "'gate'");
    is(rows, compose + "version", "'5.0.0'");
    is(rows, compose + "project.working_dir", "'/srv/" + project + "'");
    is(rows, compose + "project.config_files", "'/srv/compose.yml'");
    is(rows, compose + "oneoff", "'False'");
    is(rows, compose + "container-number", "'1'");
    is(rows, compose + "config-hash", "'config-definition-1'");
    is(rows, compose + "depends_on", "'redis:service_healthy:true,parent:service_started:false'");
    is(rows, "/Labels/io.armory.agent.definition", "'definition-1'");
  }

  private void network(List<Row> rows) {
    var front = "/NetworkingConfig/EndpointsConfig/" + project + "_front";
    is(rows, "/HostConfig/NetworkMode", "'" + project + "_front'");
    is(rows, front + "/Aliases/0", "'" + project + "-gate-1'");
    is(rows, front + "/Aliases/1", "'gate'");
    is(rows, front + "/Aliases/2", "'portal-alias'");
    is(rows, front + "/IPAMConfig/IPv4Address", "'" + subnet + ".1.7'");
    is(rows, front + "/IPAMConfig/LinkLocalIPs", "['169.254.8.8']");
    is(rows, front + "/DriverOpts", "{'com.example.opt':'x'}");
    is(
        rows,
        front + "/Links",
        ("['P-redis-1:cache','P-redis-1:redis-1','P-redis-1:P-redis-1',"
                + "'P-redis-2:cache','P-redis-2:redis-2','P-redis-2:P-redis-2','other:friend']")
            .replace("P", project));
    is(rows, "/ExposedPorts", "{'9090/tcp':{},'9091/udp':{},'8080/tcp':{},'9000/udp':{}}");
    is(rows, "/HostConfig/PortBindings/8080~1tcp/0/HostIp", "'127.0.0.1'");
    is(rows, "/HostConfig/PortBindings/8080~1tcp/0/HostPort", "'18080-18085'");
    is(rows, "/HostConfig/PortBindings/9000~1udp/0/HostPort", "''");
    is(rows, "/HostConfig/ExtraHosts", "['db.test:10.9.8.7']");
    is(rows, "/HostConfig/Dns", "['10.1.1.1']");
    is(rows, "/HostConfig/DnsOptions", "['ndots:2']");
    is(rows, "/HostConfig/DnsSearch", "['example.test']");
  }

  private void mounts(List<Row> rows, String parent) {
    is(rows, "/HostConfig/Binds", "['%s/made:/made:ro,rslave']".formatted(files));
    var mounts = "/HostConfig/Mounts/";
    is(rows, mounts + "0/Source", "'" + files + "'");
    is(rows, mounts + "0/ReadOnly", "true");
    is(rows, mounts + "0/BindOptions/Propagation", "'rprivate'");
    is(rows, mounts + "1/Source", "'" + project + "_data'");
    is(rows, mounts + "1/ReadOnly", "true");
    is(rows, mounts + "1/VolumeOptions/NoCopy", "true");
    is(rows, mounts + "2/Type", "'tmpfs'");
    is(rows, mounts + "2/TmpfsOptions", "{'SizeBytes':1048576,'Mode':448}");
    is(rows, mounts + "3/Source", "'" + files + "/password'");
    is(rows, mounts + "3/Target", "'/run/secrets/password'");
    is(rows, mounts + "3/ReadOnly", "true");
    is(rows, "/HostConfig/Tmpfs", "{'/scratch':'size=1m'}");
    is(rows, "/Volumes/~1anonymous", "{}");
    is(rows, "/HostConfig/VolumesFrom", "['%s:ro']".formatted(parent));
  }

  private static void limits(List<Row> rows) {
    is(rows, "/HostConfig/NanoCpus", "500000000");
    is(rows, "/HostConfig/CpuShares", "512");
    is(rows, "/HostConfig/CpusetCpus", "'0'");
    is(rows, "/HostConfig/Memory", "67108864");
    is(rows, "/HostConfig/MemoryReservation", "33554432");
    kernel(rows, "/HostConfig/MemorySwap", "100663296");
    kernel(rows, "/HostConfig/MemorySwappiness", "30");
    is(rows, "/HostConfig/PidsLimit", "55");
    is(rows, "/HostConfig/ShmSize", "8388608");
    kernel(rows, "/HostConfig/OomKillDisable", "true");
    is(rows, "/HostConfig/OomScoreAdj", "100");
    is(rows, "/HostConfig/Ulimits/0/Name", "'nofile'");
    is(rows, "/HostConfig/Ulimits/0/Soft", "1000");
    is(rows, "/HostConfig/Ulimits/0/Hard", "2000");
    is(
        rows,
        "/HostConfig/Devices",
        "[{'PathOnHost':'/dev/null','PathInContainer':'/dev/nothing','CgroupPermissions':'r'}]");
    is(rows, "/HostConfig/DeviceCgroupRules", "['c 1:3 mr']");
    kernel(rows, "/HostConfig/BlkioWeight", "300");
  }

  private static void privileges(List<Row> rows, String parent) {
    is(rows, "/HostConfig/Privileged", "false");
    is(rows, "/HostConfig/ReadonlyRootfs", "true");
    is(rows, "/HostConfig/CapAdd/0", "'NET_ADMIN'");
    is(rows, "/HostConfig/CapDrop/0", "'MKNOD'");
    is(rows, "/HostConfig/SecurityOpt", "['no-new-privileges:true','seccomp=unconfined']");
    is(rows, "/HostConfig/MaskedPaths", "[]");
    is(rows, "/HostConfig/ReadonlyPaths", "[]");
    is(rows, "/HostConfig/GroupAdd", "['audio']");
    is(rows, "/HostConfig/Sysctls", "{'net.core.somaxconn':'1024'}");
    is(rows, "/HostConfig/UsernsMode", "'host'");
    is(rows, "/HostConfig/IpcMode", "'shareable'");
    is(rows, "/HostConfig/PidMode", "'container:" + parent + "'");
    is(rows, "/HostConfig/CgroupnsMode", "'host'");
  }
}
