package io.armory.agent.app;

import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.adapter.docker.DockerEngine;
import io.armory.agent.adapter.files.DiskFiles;
import io.armory.agent.cli.LocalCommands;
import io.armory.agent.compose.ComposeLoader;
import io.armory.agent.compose.ComposeModel;
import io.armory.agent.compose.ComposeResult;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.doctor.Doctor;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.S3Address;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.importing.Importing;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.render.FileChecks;
import io.armory.agent.sources.NodeSources;
import io.armory.agent.support.NodeSupport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// The commands that work on files alone: on Compose files given by hand, as `docker compose
/// config` does, or on the node's own templates.
final class Offline implements LocalCommands {
  /// Digests are not shown, so any key does.
  private static final String NO_KEY = "";

  @Override
  public Answer render(ComposeRequest request) {
    return request.files().isEmpty()
        ? node(request, r -> r.composeYaml())
        : files(request, loaded -> text(loaded.model(), request.format()));
  }

  @Override
  public Answer validate(ComposeRequest request) {
    return request.files().isEmpty()
        ? node(request, r -> "valid: role %s, %s%n".formatted(r.role(), services(r.stack())))
        : checked(request);
  }

  @Override
  public List<Check> examine(Paths paths, Environment environment) {
    return Doctor.examine(paths, environment);
  }

  @Override
  public Import importInstallation(ImportRequest request) {
    return new Importing(request).run();
  }

  @Override
  public Outcome<String> pull(
      Paths paths, Environment environment, String role, Consumer<String> progress) {
    return configured(paths, environment)
        .flatMap(config -> new RoleImages(config, environment).pull(role, progress));
  }

  @Override
  public Outcome<String> down(Paths paths, Environment environment, Consumer<String> progress) {
    return configured(paths, environment)
        .flatMap(config -> {
          try (var engine =
              DockerEngine.open(config.docker().socket(), RegistryCredentials.ANONYMOUS)) {
            return new StackRemoval(config, engine, progress).run();
          }
        });
  }

  @Override
  public Outcome<String> backup(
      Paths paths, Environment environment, Optional<String> to, Consumer<String> progress) {
    return configured(paths, environment).flatMap(config -> NodeBackups.make(config, to, progress));
  }

  @Override
  public Outcome<String> stage(
      Paths paths, Environment environment, String from, Consumer<String> progress) {
    return configured(paths, environment)
        .flatMap(config -> NodeBackups.stage(config, from, progress));
  }

  private static Outcome<AgentConfig> configured(Paths paths, Environment environment) {
    return switch (ConfigFile.read(paths, environment)) {
      case ConfigFile.Reading.Invalid(var problems) ->
          Outcome.failed(Failure.Kind.INVALID, problems.getFirst().line());
      case ConfigFile.Reading.Valid(var config) -> Outcome.done(config);
    };
  }

  @Override
  public Support support(Paths paths, Environment environment) {
    return new NodeSupport(paths, environment).collect();
  }

  @Override
  public Outcome<String> send(Paths paths, Environment environment, Path file, S3Address to) {
    return configured(paths, environment).flatMap(config -> NodeBackups.send(config, file, to));
  }

  private static Answer files(
      ComposeRequest request, Function<ComposeResult.Loaded, String> output) {
    return switch (ComposeLoader.load(compose(request), new DiskFiles())) {
      case ComposeResult.Loaded loaded -> new Answer.Done(output.apply(loaded), loaded.warnings());
      case ComposeResult.Rejected(var problems, _) -> new Answer.Invalid(problems);
    };
  }

  /// With what an engine would refuse, which `render` leaves to it, as `docker compose config`
  /// does.
  private static Answer checked(ComposeRequest request) {
    var files = new DiskFiles();
    return switch (ComposeLoader.load(compose(request), files)) {
      case ComposeResult.Rejected(var problems, _) -> new Answer.Invalid(problems);
      case ComposeResult.Loaded loaded -> {
        var checks = FileChecks.of(loaded.stack(), loaded.stack().configFiles(), files);
        var warnings = new ArrayList<>(loaded.warnings());
        warnings.addAll(checks.warnings());
        yield checks.problems().isEmpty()
            ? new Answer.Done(
                "valid: %s, %s%n".formatted(list(request.files()), services(loaded.stack())),
                warnings)
            : new Answer.Invalid(checks.problems());
      }
    };
  }

  private static io.armory.agent.compose.ComposeRequest compose(ComposeRequest request) {
    var here = Path.of("").toAbsolutePath().toString();
    var made =
        io.armory.agent.compose.ComposeRequest.of(
                here, request.files().stream().map(Path::toString).toList())
            .withEnvironment(request.environment().all())
            .withEnvFiles(request.envFiles().stream().map(Path::toString).toList());
    if (request.projectDirectory().isPresent()) {
      made = made.withProjectDirectory(request.projectDirectory().get().toString());
    }
    if (request.projectName().isPresent()) {
      made = made.withProjectName(request.projectName().get());
    }
    if (!request.profiles().isEmpty()) {
      made = made.withProfiles(request.profiles());
    }
    var home = request.environment().get("HOME");
    return home.isPresent() ? made.withHome(home.get()) : made;
  }

  private static Answer node(ComposeRequest request, Function<Revision, String> output) {
    return switch (ConfigFile.read(request.paths(), request.environment())) {
      case ConfigFile.Reading.Invalid(var problems) -> new Answer.Invalid(problems);
      case ConfigFile.Reading.Valid(var config) -> node(request, config, output);
    };
  }

  private static Answer node(
      ComposeRequest request, AgentConfig config, Function<Revision, String> output) {
    try (var sources = new NodeSources(config, NO_KEY, AwsOptions.STANDARD);
        var engine = DockerEngine.open(config.docker().socket(), RegistryCredentials.ANONYMOUS)) {
      var role = request.role().map(r -> new Fact(r, "--role"));
      var reading = sources.besides(engine::ranges, engine::abilities).sources(role).read();
      return switch (reading.made()) {
        case Sources.Ready(var revision) ->
            new Answer.Done(
                request.format() == Format.JSON ? json(revision) : output.apply(revision),
                revision.warnings());
        case Sources.Refused(var problems, _) -> new Answer.Invalid(problems);
        case Sources.Unreadable(var problem) -> new Answer.Invalid(List.of(problem));
      };
    }
  }

  /// The resolved file read again, which is the same model.
  private static String json(Revision revision) {
    var path = "/docker-compose.yml";
    var request =
        io.armory.agent.compose.ComposeRequest.of("/", List.of(path))
            .withProjectName(revision.stack().project());
    var loaded =
        ComposeLoader.load(
            request,
            (p, max) ->
                p.equals(path)
                    ? new io.armory.agent.domain.SourceFiles.Content(
                        revision.composeYaml().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                    : new io.armory.agent.domain.SourceFiles.Missing());
    return switch (loaded) {
      case ComposeResult.Loaded l -> l.model().json();
      case ComposeResult.Rejected r -> throw new IllegalStateException("not its own input: " + r);
    };
  }

  private static String text(ComposeModel model, Format format) {
    return switch (format) {
      case YAML -> model.yaml();
      case JSON -> model.json();
    };
  }

  private static String services(Stack stack) {
    var n = stack.services().size();
    return n == 1 ? "1 service" : n + " services";
  }

  private static String list(List<Path> files) {
    return files.stream().map(Path::toString).reduce((a, b) -> a + ", " + b).orElse("");
  }
}
