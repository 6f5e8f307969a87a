package io.armory.agent.sources;

import io.armory.agent.adapter.aws.AwsClients;
import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.adapter.aws.EcrCredentials;
import io.armory.agent.adapter.aws.InstanceIdentity;
import io.armory.agent.adapter.aws.SsmParameters;
import io.armory.agent.adapter.aws.TagParameters;
import io.armory.agent.adapter.aws.VpcRanges;
import io.armory.agent.adapter.docker.images.DockerConfigFile;
import io.armory.agent.adapter.files.DiskFiles;
import io.armory.agent.adapter.files.DiskTemplates;
import io.armory.agent.adapter.files.EnvFileParameters;
import io.armory.agent.adapter.files.ExplicitIdentity;
import io.armory.agent.adapter.files.MachineMarks;
import io.armory.agent.adapter.files.NodeHost;
import io.armory.agent.adapter.files.NodeRoutes;
import io.armory.agent.adapter.files.SiteGlance;
import io.armory.agent.adapter.files.SiteNames;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.domain.EngineAbilities;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.NodeRanges;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Owner;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.TemplateFiles;
import io.armory.agent.domain.stack.KnownSecrets;
import io.armory.agent.port.IdentitySource;
import io.armory.agent.port.ParameterSource;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.render.RenderRequest;
import io.armory.agent.render.RenderResult;
import io.armory.agent.render.Renderer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Wires what a revision is made from: who the node is, its parameters, the templates.
public final class NodeSources implements AutoCloseable {
  private final AgentConfig config;
  private final String digestKey;

  private final Optional<AwsClients> aws;

  private final LastRendering rendering = new LastRendering(new DiskFiles());

  /// Minds the instance's ID whenever it is read.
  private volatile Function<String, Optional<String>> contradicts = _ -> Optional.empty();

  private volatile Optional<NodeIdentity> before = Optional.empty();

  /// What else is on the node; without it, nothing is compared with that.
  private volatile Function<Parameters, NodeRanges> surroundings = _ -> NodeRanges.NONE;

  private volatile Supplier<Outcome<EngineAbilities>> abilities =
      () -> Outcome.done(EngineAbilities.UNKNOWN);

  /// What the engine was last known to have: it has that while it is away, too.
  private volatile EngineAbilities known = EngineAbilities.UNKNOWN;

  /// Of every reading so far.
  private final KnownSecrets secrets = new KnownSecrets();

  public NodeSources(AgentConfig config, String digestKey, AwsOptions options) {
    this.config = config;
    this.digestKey = digestKey;
    this.aws = config.usesAws() ? Optional.of(new AwsClients(options)) : Optional.empty();
  }

  /// Which machine this is.
  ///
  /// @param ask IMDS, which takes a moment where it is away
  public static Owner owner(AgentConfig config, MachineMarks marks, boolean ask) {
    var imds =
        ask && config.usesAws() && !InstanceIdentity.isSwitchedOff()
            ? InstanceIdentity.instanceId(AwsOptions.STANDARD)
            : Optional.<String>empty();
    return new Owner(
        imds.or(marks::instance),
        config.identity().instanceId().map(AgentConfig.Located::value),
        marks.machine());
  }

  /// Compares the stack with what the node and its engine have.
  ///
  /// @param engine the ranges that it has
  /// @param able what it can
  public NodeSources besides(
      Supplier<Outcome<List<NodeRanges.EngineRange>>> engine,
      Supplier<Outcome<EngineAbilities>> able) {
    abilities = able;
    var routes = new NodeRoutes(Path.of("/"));
    var vpc = aws.map(VpcRanges::new);
    surroundings =
        new NodeSurroundings(
            () ->
                Stream.concat(routes.needs().stream(), vpc.stream().flatMap(v -> v.get().stream()))
                    .toList(),
            engine);
    return this;
  }

  public KnownSecrets secrets() {
    return secrets;
  }

  /// @param why an instance ID → why it cannot be this node's; empty: it can
  public void confirmBy(Function<String, Optional<String>> why) {
    contradicts = why;
  }

  /// Who this node was when its sources were read last, by a process before this one.
  public void knownBefore(Optional<NodeIdentity> identity) {
    before = identity;
  }

  /// Empty: AWS is not used on this node.
  public Optional<AwsClients> aws() {
    return aws;
  }

  /// Logins for image registries: ECR's where AWS is used, then those of Docker's own
  /// configuration.
  public RegistryCredentials credentials(Path dockerConfig) {
    var docker = new DockerConfigFile(dockerConfig);
    return aws.<RegistryCredentials>map(clients ->
            RegistryCredentials.firstOf(
                List.of(new EcrCredentials(clients, InstantSource.system()), docker)))
        .orElse(docker);
  }

  public Sources sources() {
    return sources(Optional.empty());
  }

  /// @param role instead of the one the node's own sources name
  public Sources sources(Optional<Fact> role) {
    var identity = identity();
    return new Sources(
        role.isEmpty() ? identity : () -> identity.identify().map(i -> i.withRole(role.get())),
        parameterSources(),
        this::make,
        new SiteGlance(
            List.of(
                config.paths().siteCompose(),
                config.paths().siteConfig(),
                config.paths().env(),
                config.paths().templates())));
  }

  /// Of a node that is yet to be: its role is said, and what only the node will know is made up.
  public Sources sources(Fact role, ParameterSource madeUp) {
    var explicit = explicit();
    return new Sources(
        () -> explicit.identify().map(i -> i.withRole(role)),
        List.of(madeUp, new EnvFileParameters(config.paths().env())),
        this::make);
  }

  /// Without IMDS, `agent.yaml` alone says who the node is: a host outside EC2 that uses SSM.
  private IdentitySource identity() {
    var explicit = explicit();
    return aws.filter(clients -> !InstanceIdentity.isSwitchedOff())
        .<IdentitySource>map(clients ->
            new OverriddenIdentity(
                explicit,
                new Confirmed(
                    new InstanceIdentity(clients, explicit.prefix(), known(explicit)),
                    id -> contradicts.apply(id))))
        .orElse(explicit);
  }

  private InstanceIdentity.Known known(ExplicitIdentity explicit) {
    return new InstanceIdentity.Known(
        explicit.stack().isPresent(), explicit.role().isPresent(), before);
  }

  private List<ParameterSource> parameterSources() {
    var all = new ArrayList<ParameterSource>();
    all.add(new EnvFileParameters(config.paths().env()));
    all.add(
        new SiteNames(
            List.of(
                config.paths().siteCompose(), config.paths().siteConfig(), config.paths().env())));
    aws.ifPresent(clients -> {
      all.add(new SsmParameters(clients));
      all.add(new TagParameters());
    });
    return all;
  }

  @Override
  public void close() {
    aws.ifPresent(AwsClients::close);
  }

  private ExplicitIdentity explicit() {
    var said = config.identity();
    var facts = new LinkedHashMap<String, Fact>();
    said.instanceId().ifPresent(v -> facts.put(NodeIdentity.INSTANCE_ID, fact(v)));
    said.region().ifPresent(v -> facts.put(NodeIdentity.REGION, fact(v)));
    said.availabilityZone().ifPresent(v -> facts.put(NodeIdentity.AVAILABILITY_ZONE, fact(v)));
    said.privateIp().ifPresent(v -> facts.put(NodeIdentity.PRIVATE_IP, fact(v)));
    said.asg().ifPresent(v -> facts.put(NodeIdentity.AUTO_SCALING_GROUP, fact(v)));
    if (config.aws() == AgentConfig.Aws.AUTO && !config.usesAws()) {
      facts.put(
          "aws", new Fact("off", "agent.yaml, which names stack and role; aws: on turns it on"));
    }
    var tags = new LinkedHashMap<String, String>();
    said.tags().forEach((name, v) -> tags.put(name, v.value()));
    return new ExplicitIdentity(
        said.stack().map(NodeSources::fact),
        said.role().map(NodeSources::fact),
        config.parameters().prefix().map(NodeSources::fact),
        facts,
        tags);
  }

  private static Fact fact(AgentConfig.Located said) {
    return new Fact(said.value(), said.origin());
  }

  /// Templates are read afresh each time: a site edits its overlays on a running node.
  private Sources.Made make(NodeIdentity identity, Parameters parameters) {
    secrets.learn(parameters);
    var paths = config.paths();
    var templates =
        new DiskTemplates(paths.templates(), paths.siteCompose(), paths.siteConfig()).read();
    return switch (templates) {
      case Outcome.Failed<TemplateFiles>(var failure) ->
          new Sources.Unreadable(new Problem("templates", failure.message(), ""));
      case Outcome.Done<TemplateFiles>(var found) -> {
        var request = request(identity, parameters, found);
        yield rendering.of(request, files -> render(request, files));
      }
    };
  }

  private Sources.Made render(RenderRequest request, SourceFiles files) {
    return switch (Renderer.render(request, files)) {
      case RenderResult.Rejected(var problems) ->
          new Sources.Refused(
              problems.stream().map(this::masked).toList(),
              isRoleless(request.identity(), request.templates()));
      case RenderResult.Rendered(var revision) -> {
        secrets.learn(revision, config.paths().secrets().toString());
        yield new Sources.Ready(revision);
      }
    };
  }

  /// A problem may quote the value that it is about.
  private Problem masked(Problem problem) {
    return new Problem(
        problem.where(), secrets.masked(problem.what()), secrets.masked(problem.todo()));
  }

  private static boolean isRoleless(NodeIdentity identity, TemplateFiles templates) {
    return identity.role().filter(r -> templates.roles().containsKey(r.value())).isEmpty();
  }

  RenderRequest request(NodeIdentity identity, Parameters parameters, TemplateFiles templates) {
    var polling =
        switch (config.polling()) {
          case ROLE -> RenderRequest.Polling.BY_ROLE;
          case ELECT -> RenderRequest.Polling.ELECTING;
        };
    return new RenderRequest(
        identity,
        parameters,
        templates,
        new RenderRequest.Node(
            config.project(),
            config.paths().rendered().toString(),
            config.paths().secrets().toString(),
            NodeHost.memoryBytes(),
            Set.copyOf(config.expose()),
            polling,
            digestKey,
            config.images().requireDigest()),
        surroundings.apply(parameters),
        abilities());
  }

  private EngineAbilities abilities() {
    if (abilities.get() instanceof Outcome.Done<EngineAbilities>(var found)) {
      known = found;
    }
    return known;
  }

  /// Where the render room puts the resolved Compose file.
  public static Path composeFile(AgentConfig config) {
    return config.paths().rendered().resolve("docker-compose.yml");
  }
}
