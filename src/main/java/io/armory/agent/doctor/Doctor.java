package io.armory.agent.doctor;

import io.armory.agent.adapter.aws.AwsChecks;
import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.adapter.docker.DockerEngine;
import io.armory.agent.adapter.files.DiskStateStore;
import io.armory.agent.adapter.files.NodeHost;
import io.armory.agent.adapter.files.SealedBox;
import io.armory.agent.adapter.files.StateOwner;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.sources.NodeSources;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What `armory-agent doctor` looks at. It asks everything itself, so that it works without a
/// running agent, and changes nothing.
public final class Doctor {
  /// A person waits for it.
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /// Digests are not shown, so any key does.
  private static final String NO_KEY = "";

  private final AgentConfig config;
  private final Environment environment;
  private final List<Check> checks = new ArrayList<>();

  private Doctor(AgentConfig config, Environment environment) {
    this.config = config;
    this.environment = environment;
  }

  public static List<Check> examine(Paths paths, Environment environment) {
    return switch (ConfigFile.read(paths, environment)) {
      case ConfigFile.Reading.Valid(var config) -> new Doctor(config, environment).examine();
      case ConfigFile.Reading.Invalid(var problems) ->
          problems.stream()
              .map(p -> Check.wrong("agent.yaml", p.where() + ": " + p.what(), p.todo()))
              .toList();
    };
  }

  private List<Check> examine() {
    checks.add(Check.fine("agent.yaml", "is valid (" + config.paths().agentYaml() + ")"));
    checks.add(agent());
    kept().ifPresent(checks::add);
    var options = AwsOptions.STANDARD.withMetadataPatience(PATIENCE);
    try (var sources = new NodeSources(config, NO_KEY, options);
        var engine = DockerEngine.open(config.docker().socket(), RegistryCredentials.ANONYMOUS)) {
      sources.aws().ifPresent(clients -> checks.addAll(new AwsChecks(clients).metadata()));
      if (sources.aws().isEmpty()) {
        checks.add(Check.fine("aws", "not used: agent.yaml says aws: off, or both stack and role"));
      }
      var reading = sources.besides(engine::ranges, engine::abilities).sources().read();
      sources
          .aws()
          .ifPresent(clients -> {
            var aws = new AwsChecks(clients);
            checks.addAll(aws.parameters(reading.identity()));
            checks.addAll(aws.group(reading.identity()));
          });
      checks.addAll(sources(reading));
      checks.addAll(new AlertChecks(config, reading.parameters()).all());
      node(engine, reading);
    }
    return List.copyOf(checks);
  }

  private void node(ContainerEngine engine, Sources.Reading reading) {
    var revision =
        reading.made() instanceof Sources.Ready(var ready)
            ? Optional.of(ready)
            : Optional.<Revision>empty();
    var stack = revision.map(Revision::stack).orElseGet(() -> Stack.none(config.project()));
    var observation = engine.observe(scope(stack));
    checks.add(docker(observation));
    checks.addAll(disk(engine, observation));
    checks.add(secrets());
    checks.add(sealing());
    checks.addAll(
        new HostChecks(config, revision, observation, reading.parameters()).all(isServed()));
    if (observation instanceof Observed observed) {
      checks.addAll(new WorkChecks(stack, observed).all());
    }
    if (observation instanceof Observed observed
        && reading.identity().flatMap(i -> i.fact(NodeIdentity.INSTANCE_ID)).isPresent()) {
      checks.add(new HopLimit(engine, observed, environment).check());
    }
  }

  private Check agent() {
    return isServed()
        ? Check.fine("agent", "is running")
        : Check.advice(
            "agent",
            "is not running, or may not be asked (" + config.paths().controlSocket() + ")",
            "start it: systemctl start armory-agent");
  }

  /// What lies on the node's disk of another machine.
  private Optional<Check> kept() {
    if (isClosed(config.paths().state())) {
      return Optional.empty();
    }
    var store = new DiskStateStore(config.paths().state(), InstantSource.system(), line -> {});
    return new StateOwner(store, config.paths().lease(), InstantSource.system())
        .look()
        .map(aside -> Check.advice("state", aside.what(), aside.todo()));
  }

  private boolean isServed() {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(config.paths().controlSocket()));
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  private static ContainerEngine.Scope scope(Stack stack) {
    return new ContainerEngine.Scope(
        stack.project(), stack.images().collect(Collectors.toSet()), Set.of(), Set.of());
  }

  private Check docker(Observation observation) {
    return switch (observation) {
      case Observed o ->
          Check.fine(
              "docker",
              "%s %s, API %s, %d containers of project %s"
                  .formatted(
                      o.engine().name(),
                      o.engine().version(),
                      o.engine().apiVersion(),
                      o.containers().size(),
                      config.project()));
      case Observation.Unavailable(_, var why) ->
          Check.wrong("docker", why.message(), mend(why.kind()));
    };
  }

  private static String mend(Failure.Kind kind) {
    return switch (kind) {
      case DENIED -> "use sudo, or join the socket's group";
      case TIMEOUT -> "it hangs: see journalctl -u docker, then systemctl restart docker";
      case UNREACHABLE,
          TRANSIENT,
          NO_ROOM,
          NOT_FOUND,
          CONFLICT,
          BROKEN,
          PORT_TAKEN,
          IMAGE_UNAVAILABLE,
          INVALID,
          UNHEALTHY ->
          "systemctl start docker (20.10 or newer), or set docker.socket in agent.yaml";
    };
  }

  private List<Check> disk(ContainerEngine engine, Observation observation) {
    var host =
        new NodeHost(
                config.paths().state(), () -> data(engine, observation), config.health().disk())
            .get();
    if (host.warnings().isEmpty()) {
      return List.of(
          Check.fine(
              "disk",
              String.format(
                  Locale.ROOT, "%.1f %% of Docker's filesystem in use", host.diskUsagePercent())));
    }
    return host.warnings().stream()
        .map(w ->
            w.startsWith("filesystem")
                ? Check.wrong("disk", w, "at 100 % containers and the agent fail")
                : Check.wrong(
                    "memory",
                    w,
                    "the kernel ends a service when there is none: use a larger instance type"))
        .toList();
  }

  /// One that did not answer just now would let a person wait once more.
  private static Path data(ContainerEngine engine, Observation observation) {
    return observation instanceof Observed
            && engine.images().directory() instanceof Outcome.Done<String>(var directory)
        ? Path.of(directory)
        : NodeHost.USUAL;
  }

  private Check secrets() {
    var directory = config.paths().run();
    try {
      var there = directory;
      while (!Files.exists(there) && there.getParent() != null) {
        there = there.getParent();
      }
      var type = Files.getFileStore(there).type();
      return type.equals("tmpfs") || type.equals("ramfs")
          ? Check.fine("secrets", "are in memory only (" + directory + ")")
          : Check.advice(
              "secrets",
              directory + " is on a disk (" + type + ")",
              "mount a tmpfs on /run, as systemd does");
    } catch (IOException e) {
      return Check.advice("secrets", "cannot look at " + directory + ": " + e.getMessage(), "");
    }
  }

  /// With which key the last known good is sealed.
  private Check sealing() {
    if (!config.secrets().keepLastKnownGood()) {
      return Check.fine("sealing", "nothing is kept that holds secrets, as agent.yaml says");
    }
    if (isClosed(config.paths().state()) || isClosed(config.paths().unitCredentials())) {
      return Check.advice("sealing", "only root may look at the key", "ask as root");
    }
    var unopened =
        SealedBox.unopened(config.paths().encryptedCredentials(), config.paths().unitCredentials());
    if (unopened.isPresent()) {
      return Check.advice(
          "sealing",
          "systemd has not opened " + unopened.get() + "; another key is used",
          "see systemctl status armory-agent-key; encrypt it anew on this node, or remove it, and"
              + " restart the agent");
    }
    return switch (SealedBox.look(
        config.paths().sealKey(), Optional.of(config.paths().unitCredentials()))) {
      case Outcome.Done<Optional<SealedBox>>(var box) ->
          Check.fine(
              "sealing",
              box.map(b -> "the last known good, by key " + b.keyId() + ", " + b.keyOrigin())
                  .orElse("no key yet: the agent makes one when it starts"));
      case Outcome.Failed<Optional<SealedBox>>(var failure) ->
          failure.kind() == Failure.Kind.INVALID
              ? Check.wrong("sealing", failure.message(), "the agent does not start with it")
              : Check.advice("sealing", failure.message(), "ask as root");
    };
  }

  private static boolean isClosed(Path directory) {
    return Files.exists(directory) && !Files.isExecutable(directory);
  }

  private static List<Check> sources(Sources.Reading reading) {
    var all = new ArrayList<Check>();
    reading.identity().ifPresent(i -> all.add(identity(i)));
    switch (reading.made()) {
      case Sources.Ready(var revision) -> {
        all.add(
            Check.fine(
                "role",
                role(reading)
                    .map(r -> r.value() + ", from " + r.origin())
                    .orElse(revision.role())));
        all.add(Check.fine("stack", revision.stack().services().size() + " services"));
        revision.warnings().forEach(w -> all.add(Check.advice("stack", w, "")));
      }
      case Sources.Refused(var problems, var roleless) ->
          problems.forEach(p -> all.add(wrong(roleless ? "role" : "stack", p)));
      case Sources.Unreadable(var problem) -> all.add(wrong("sources", problem));
    }
    return all;
  }

  private static Check wrong(String subject, Problem p) {
    var where = p.where().isEmpty() ? "" : p.where() + ": ";
    return Check.wrong(
        subject, where + p.what(), p.todo().isEmpty() ? "see the checks above" : p.todo());
  }

  private static Optional<Fact> role(Sources.Reading reading) {
    return reading.identity().flatMap(NodeIdentity::role);
  }

  private static Check identity(NodeIdentity identity) {
    var vain = String.join("; ", identity.inVain());
    return Check.fine(
        "identity",
        "stack %s, from %s; parameters below %s, from %s%s"
            .formatted(
                identity.stack().value(),
                identity.stack().origin(),
                identity.parameterPrefix().value(),
                identity.parameterPrefix().origin(),
                vain.isEmpty() ? "" : " (looked for in vain: " + vain + ")"));
  }
}
