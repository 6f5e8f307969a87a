package io.armory.agent.app;

import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.adapter.docker.DockerEngine;
import io.armory.agent.adapter.files.DiskFiles;
import io.armory.agent.adapter.files.DiskTemplates;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.Environment;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.TemplateFiles;
import io.armory.agent.port.ParameterSource;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.reconcile.execute.ImagePuller;
import io.armory.agent.sources.NodeSources;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The images of a role, for a machine image that knows neither its stack nor its Redis yet.
record RoleImages(AgentConfig config, Environment environment) {
  /// Digests are not shown, so any key does.
  private static final String NO_KEY = "";

  private static final int MOST_BYTES = 4 * 1024 * 1024;

  /// `${REDIS_HOST:?set it}`: without it nothing can be rendered, and no image's name is in it.
  private static final Pattern REQUIRED = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*):?\\?");

  /// Good for a host, an address, and a bucket.
  private static final Plain MADE_UP = new Plain("127.0.0.1");

  Outcome<String> pull(String role, Consumer<String> progress) {
    try (var sources = new NodeSources(config, NO_KEY, AwsOptions.STANDARD)) {
      var made = sources.sources(new Fact(role, "--role"), new MadeUp(config, role)).read().made();
      return switch (made) {
        case Sources.Ready(var revision) -> {
          try (var engine =
              DockerEngine.open(
                  config.docker().socket(), sources.credentials(environment.dockerConfig()))) {
            yield ImagePuller.all(
                engine, revision.stack(), InstantSource.system()::instant, progress);
          }
        }
        case Sources.Refused(var problems, _) ->
            Outcome.failed(Failure.Kind.INVALID, problems.getFirst().line());
        case Sources.Unreadable(var problem) ->
            Outcome.failed(Failure.Kind.TRANSIENT, problem.line());
      };
    }
  }

  /// A value for everything the role's files ask for; the site's own parameters come over it.
  private record MadeUp(AgentConfig config, String role) implements ParameterSource {
    @Override
    public String name() {
      return "made up";
    }

    @Override
    public Outcome<Parameters> read(NodeIdentity identity) {
      var paths = config.paths();
      return new DiskTemplates(paths.templates(), paths.siteCompose(), paths.siteConfig())
          .read()
          .map(found -> new Parameters(required(found), Map.of(), Map.of()));
    }

    private Map<String, Parameter> required(TemplateFiles templates) {
      var names = new LinkedHashMap<String, Parameter>();
      Stream.of(
              Stream.of(templates.base()),
              Stream.ofNullable(templates.roles().get(role)),
              templates.overlays().stream())
          .flatMap(files -> files)
          .map(RoleImages::text)
          .flatMap(text -> REQUIRED.matcher(text).results())
          .map(match -> match.group(1))
          .forEach(name -> names.put(name, new Parameter(name, MADE_UP, "made up for --role")));
      return names;
    }
  }

  private static String text(String file) {
    return new DiskFiles().read(file, MOST_BYTES) instanceof SourceFiles.Content(var bytes)
        ? new String(bytes, StandardCharsets.UTF_8)
        : "";
  }
}
