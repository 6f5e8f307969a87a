package io.armory.agent.domain;

import io.armory.agent.domain.stack.ConfigHashes;
import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Resources;
import io.armory.agent.domain.stack.Security;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A service for tests: everything unsaid but what the test says.
public final class SampleService {
  public static final Resources NO_RESOURCES =
      new Resources(
          null, null, null, null, null, null, null, null, null, null, Map.of(), List.of(),
          List.of(), List.of(), null, Map.of());
  public static final Security NO_SECURITY =
      new Security(
          false, false, List.of(), List.of(), List.of(), List.of(), Map.of(), null, null, null,
          null, null, null, null);

  private final String name;
  private String image;
  private int replicas = 1;
  private @Nullable String containerName;
  private @Nullable String platform;
  private @Nullable String hostname;
  private @Nullable String domainname;
  private ContainerSpec.Command command =
      new ContainerSpec.Command(null, null, Map.of(), null, null, false, false, null, null);
  private final Map<String, String> labels = new LinkedHashMap<>();
  private final Map<String, String> annotations = new LinkedHashMap<>();
  private ContainerSpec.@Nullable Healthcheck healthcheck;
  private ContainerSpec.RestartPolicy restart = ContainerSpec.RestartPolicy.NO;
  private final List<Networking.Attachment> attachments = new ArrayList<>();
  private final List<Networking.PortBinding> ports = new ArrayList<>();
  private @Nullable Networking networking;
  private Networking.Mode mode = Networking.Mode.PROJECT;
  private Storage storage = new Storage(List.of(), List.of());
  private Resources resources = NO_RESOURCES;
  private Security security = NO_SECURITY;
  private ContainerSpec.@Nullable Logging logging;
  private final Map<String, Service.Dependency> dependsOn = new LinkedHashMap<>();
  private Duration grace = Duration.ofSeconds(1);
  private String definition = "definition-1";
  private Service.PullPolicy pullPolicy = Service.PullPolicy.Plain.MISSING;
  private boolean startFirst;
  private final List<Service.Hook> postStart = new ArrayList<>();
  private final List<Service.Hook> preStop = new ArrayList<>();
  private Optional<ProbeSpec> probe = Optional.empty();

  private boolean optional;
  private boolean elected;
  private Optional<ConfigHashes> configHashes = Optional.empty();

  public SampleService(String name, String image) {
    this.name = name;
    this.image = image;
  }

  /// One like another, but for what is said of it now.
  public static SampleService like(Service service) {
    var c = service.container();
    var sample = new SampleService(service.name(), c.image());
    sample.replicas = service.replicas();
    sample.containerName = c.containerName();
    sample.platform = c.platform();
    sample.hostname = c.hostname();
    sample.domainname = c.domainname();
    sample.command = c.command();
    sample.labels.putAll(c.labels());
    sample.annotations.putAll(c.annotations());
    sample.healthcheck = c.healthcheck();
    sample.restart = c.restart();
    sample.networking = c.networking();
    sample.storage = c.storage();
    sample.resources = c.resources();
    sample.security = c.security();
    sample.logging = c.logging();
    sample.dependsOn.putAll(service.dependsOn());
    sample.grace = service.stopGracePeriod();
    sample.definition = service.definitionHash();
    sample.pullPolicy = service.pullPolicy();
    sample.startFirst = service.startFirst();
    sample.postStart.addAll(service.postStart());
    sample.preStop.addAll(service.preStop());
    sample.probe = service.probe();
    sample.optional = service.optional();
    sample.elected = service.elected();
    sample.configHashes = Optional.of(service.configHashes());
    return sample;
  }

  /// Optional as well.
  public SampleService elected() {
    elected = true;
    optional = true;
    return this;
  }

  public SampleService startPeriod(Duration period) {
    probe = probe.map(p -> p.withStartPeriod(period));
    return this;
  }

  public SampleService config(String hash) {
    configHashes = Optional.of(ConfigHashes.of(hash));
    return this;
  }

  public SampleService image(String value) {
    image = value;
    return this;
  }

  public SampleService startFirst() {
    startFirst = true;
    return this;
  }

  public SampleService memory(long bytes) {
    return resources(
        new Resources(
            null, null, bytes, null, null, null, null, null, null, null, Map.of(), List.of(),
            List.of(), List.of(), null, Map.of()));
  }

  public SampleService replicas(int value) {
    replicas = value;
    return this;
  }

  public SampleService identity(
      @Nullable String containerName, @Nullable String hostname, @Nullable String domainname) {
    this.containerName = containerName;
    this.hostname = hostname;
    this.domainname = domainname;
    return this;
  }

  public SampleService platform(String value) {
    platform = value;
    return this;
  }

  public SampleService command(ContainerSpec.Command value) {
    command = value;
    return this;
  }

  public SampleService command(String... words) {
    return command(
        new ContainerSpec.Command(
            null, List.of(words), command.environment(), null, null, false, false, null, null));
  }

  public SampleService environment(Map<String, @Nullable String> value) {
    return command(
        new ContainerSpec.Command(
            command.entrypoint(), command.command(), value, null, null, false, false, null, null));
  }

  public SampleService label(String key, String value) {
    labels.put(key, value);
    return this;
  }

  public SampleService annotation(String key, String value) {
    annotations.put(key, value);
    return this;
  }

  public SampleService healthcheck(ContainerSpec.Healthcheck value) {
    healthcheck = value;
    return this;
  }

  public SampleService restart(String policy, int maxRetries) {
    restart = new ContainerSpec.RestartPolicy(policy, maxRetries);
    return this;
  }

  public SampleService on(String network, String... aliases) {
    return on(
        new Networking.Attachment(
            network, List.of(aliases), null, null, List.of(), null, 0, Map.of()));
  }

  public SampleService on(Networking.Attachment attachment) {
    attachments.add(attachment);
    return this;
  }

  public SampleService port(@Nullable String hostIp, @Nullable String published, int target) {
    ports.add(new Networking.PortBinding(hostIp, published, target, "tcp"));
    return this;
  }

  public SampleService mode(Networking.Mode value) {
    mode = value;
    return this;
  }

  /// Instead of `on`, `port` and `mode`.
  public SampleService networking(Networking value) {
    networking = value;
    return this;
  }

  public SampleService mounts(Storage.Mount... mounts) {
    return storage(new Storage(List.of(mounts), List.of()));
  }

  public SampleService storage(Storage value) {
    storage = value;
    return this;
  }

  public SampleService resources(Resources value) {
    resources = value;
    return this;
  }

  public SampleService security(Security value) {
    security = value;
    return this;
  }

  public SampleService logging(String driver, Map<String, String> options) {
    logging = new ContainerSpec.Logging(driver, options);
    return this;
  }

  public SampleService dependsOn(String service, Service.Condition condition, boolean restart) {
    return dependsOn(service, new Service.Dependency(condition, restart, true));
  }

  public SampleService dependsOn(String service, Service.Dependency dependency) {
    dependsOn.put(service, dependency);
    return this;
  }

  public SampleService pullPolicy(Service.PullPolicy value) {
    pullPolicy = value;
    return this;
  }

  public SampleService probe(ProbeSpec value) {
    probe = Optional.of(value);
    return this;
  }

  public SampleService grace(Duration value) {
    grace = value;
    return this;
  }

  public SampleService postStart(String... command) {
    postStart.add(new Service.Hook(List.of(command), null, false, null, Map.of()));
    return this;
  }

  public SampleService preStop(String... command) {
    preStop.add(new Service.Hook(List.of(command), null, false, null, Map.of()));
    return this;
  }

  public SampleService pid(String value) {
    security = sharing(security.ipc(), value);
    return this;
  }

  public SampleService ipc(String value) {
    security = sharing(value, security.pid());
    return this;
  }

  private static Security sharing(@Nullable String ipc, @Nullable String pid) {
    return new Security(
        false, false, List.of(), List.of(), List.of(), List.of(), Map.of(), null, ipc, pid, null,
        null, null, null);
  }

  /// The drift key; a test changes it to mean "the definition changed".
  public SampleService definition(String hash) {
    definition = hash;
    return this;
  }

  public Service build() {
    var meets =
        networking != null
            ? networking
            : new Networking(
                mode,
                attachments,
                ports,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null);
    var spec =
        new ContainerSpec(
            image,
            platform,
            containerName,
            hostname,
            domainname,
            command,
            labels,
            annotations,
            healthcheck,
            restart,
            meets,
            storage,
            resources,
            security,
            logging);
    return new Service(
        name,
        replicas,
        spec,
        pullPolicy,
        dependsOn,
        grace,
        postStart,
        preStop,
        probe,
        optional,
        elected,
        startFirst,
        configHashes.orElseGet(() -> ConfigHashes.of("config-" + definition)),
        definition);
  }
}
