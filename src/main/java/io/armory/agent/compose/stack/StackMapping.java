package io.armory.agent.compose.stack;

import io.armory.agent.compose.print.ConfigHashForms;
import io.armory.agent.compose.print.Hashes;
import io.armory.agent.compose.project.Project;
import io.armory.agent.compose.source.Durations;
import io.armory.agent.compose.source.Fields;
import io.armory.agent.compose.source.Node;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage;
import io.armory.agent.domain.stack.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The printed model → the typed [Stack].
///
/// A service's `definitionHash` covers: its printed form without what does not make the container
/// (the same fields as the config hash, so that the label with the reference's hash is never out of
/// date), the digests of the configs and secrets it mounts, the content of its seccomp profile, and
/// the engine names of its networks and volumes. It does not cover `x-armory`: a changed probe
/// needs no new container. Absent attributes are not part of it, so that a new optional attribute
/// in a later release changes no hash.
public final class StackMapping {
  private static final String EVERY = "every_";

  private final Project project;
  private final FileMounts fileMounts;
  private final ContainerMapping containers;
  private final ProbeMapping probes;
  private final Map<String, Network> networks = new LinkedHashMap<>();
  private final Map<String, Volume> volumes = new LinkedHashMap<>();

  public StackMapping(
      Project project, FileMounts fileMounts, ContainerMapping containers, ProbeMapping probes) {
    this.project = project;
    this.fileMounts = fileMounts;
    this.containers = containers;
    this.probes = probes;
  }

  /// @param printedNetworks by key, only those in use; likewise volumes
  /// @param directory the project directory
  public Stack stack(
      Map<String, Map<String, @Nullable Object>> printedNetworks,
      Map<String, Map<String, @Nullable Object>> printedVolumes,
      String directory,
      List<String> configFiles) {
    printedNetworks.forEach((key, printed) -> networks.put(key, network(key, printed)));
    printedVolumes.forEach((key, printed) -> volumes.put(key, volume(key, printed)));
    Map<String, Service> services = new LinkedHashMap<>();
    project
        .enabled()
        .forEach((name, written) ->
            PreStart.put(
                services,
                project.enabled().keySet(),
                service(name, written),
                new Fields(Objects.requireNonNull(project.encoded().get(name), name))));
    return new Stack(project.name(), services, networks, volumes, directory, configFiles);
  }

  public List<RenderedFile> files() {
    return fileMounts.files();
  }

  private Service service(String name, Node.Mapping written) {
    Map<String, @Nullable Object> printed =
        Objects.requireNonNull(project.encoded().get(name), name);
    Fields fields = new Fields(printed);
    List<Storage.Mount> mounts = fileMounts.of(fields, written);
    Map<String, @Nullable Object> extra = new TreeMap<>();
    for (Storage.Mount mount : mounts) {
      if (mount instanceof Storage.FileMount file) {
        extra.put(file.kind() + " " + file.target(), file.contentHash());
      }
    }
    engineNames(fields, extra);
    List<String> security = containers.securityOptions(name, written, fields);
    if (!security.equals(fields.texts("security_opt"))) {
      extra.put("security_opt", security);
    }
    Long scale = fields.number("scale");
    Long replicas = scale != null ? scale : fields.object("deploy").number("replicas");
    Optional<ProbeSpec> probe = probes.probe(name, written, fields);
    Duration grace = fields.duration("stop_grace_period");
    return new Service(
        name,
        replicas == null ? 1 : Math.toIntExact(Math.clamp(replicas, 0, Integer.MAX_VALUE)),
        containers.container(fields, mounts, security),
        pullPolicy(fields.text("pull_policy", "missing")),
        dependencies(fields),
        grace == null ? Service.DEFAULT_STOP_GRACE : grace,
        hooks(fields, "post_start"),
        hooks(fields, "pre_stop"),
        probe,
        probes.flag("optional", name, written),
        probes.flag("elected", name, written),
        fields.object("deploy").object("update_config").text("order", "").equals("start-first"),
        ConfigHashForms.hashes(printed, written),
        Hashes.definition(printed, extra));
  }

  private void engineNames(Fields fields, Map<String, @Nullable Object> extra) {
    for (String key : fields.entries("networks").keySet()) {
      Network network = networks.get(key);
      extra.put("network " + key, network == null ? key : network.name());
    }
    for (Fields mount : fields.objects("volumes")) {
      String key = mount.text("source");
      Volume volume = "volume".equals(mount.text("type")) ? volumes.get(key) : null;
      if (volume != null) {
        extra.put("volume " + key, volume.name());
      }
    }
  }

  private static Service.PullPolicy pullPolicy(String policy) {
    return switch (policy) {
      case "always" -> Service.PullPolicy.Plain.ALWAYS;
      case "never" -> Service.PullPolicy.Plain.NEVER;
      case "build" -> Service.PullPolicy.Plain.BUILD;
      case "daily" -> new Service.PullPolicy.Every(Duration.ofDays(1));
      case "weekly" -> new Service.PullPolicy.Every(Duration.ofDays(7));
      default -> every(policy);
    };
  }

  private static Service.PullPolicy every(String policy) {
    Duration age =
        policy.startsWith(EVERY) ? Durations.parse(policy.substring(EVERY.length())) : null;
    return age == null ? Service.PullPolicy.Plain.MISSING : new Service.PullPolicy.Every(age);
  }

  /// Dependencies on services that no enabled profile has are tolerated here; they are left out.
  private Map<String, Service.Dependency> dependencies(Fields fields) {
    Map<String, Service.Dependency> dependencies = new LinkedHashMap<>();
    fields
        .entries("depends_on")
        .forEach((on, dependency) -> {
          if (project.enabled().containsKey(on)) {
            dependencies.put(
                on,
                new Service.Dependency(
                    condition(dependency.text("condition", "")),
                    dependency.flag("restart"),
                    dependency.flag("required")));
          }
        });
    return dependencies;
  }

  private static Service.Condition condition(String condition) {
    return switch (condition) {
      case "service_healthy" -> Service.Condition.HEALTHY;
      case "service_completed_successfully" -> Service.Condition.COMPLETED_SUCCESSFULLY;
      default -> Service.Condition.STARTED;
    };
  }

  private static List<Service.Hook> hooks(Fields fields, String key) {
    List<Service.Hook> hooks = new ArrayList<>();
    for (Fields hook : fields.objects(key)) {
      hooks.add(
          new Service.Hook(
              hook.texts("command"),
              hook.text("user"),
              hook.flag("privileged"),
              hook.text("working_dir"),
              hook.labels("environment")));
    }
    return hooks;
  }

  private static Network network(String key, Map<String, @Nullable Object> printed) {
    Fields fields = new Fields(printed);
    Fields ipam = fields.object("ipam");
    List<Network.Pool> pools = new ArrayList<>();
    for (Fields pool : ipam.objects("config")) {
      pools.add(
          new Network.Pool(
              pool.text("subnet"),
              pool.text("gateway"),
              pool.text("ip_range"),
              pool.labels("aux_addresses")));
    }
    return new Network(
        key,
        fields.text("name", key),
        fields.flag("external"),
        fields.text("driver"),
        fields.labels("driver_opts"),
        ipam.map().isEmpty()
            ? null
            : new Network.Ipam(ipam.text("driver"), pools, ipam.labels("options")),
        fields.flag("internal"),
        fields.flag("attachable"),
        fields.flag("enable_ipv6"),
        fields.labels("labels"),
        fields.optionalFlag("enable_ipv4"),
        Hashes.resource(printed));
  }

  private static Volume volume(String key, Map<String, @Nullable Object> printed) {
    Fields fields = new Fields(printed);
    return new Volume(
        key,
        fields.text("name", key),
        fields.flag("external"),
        fields.text("driver"),
        fields.labels("driver_opts"),
        fields.labels("labels"),
        Hashes.resource(printed));
  }
}
