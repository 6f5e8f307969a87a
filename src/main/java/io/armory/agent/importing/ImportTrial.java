package io.armory.agent.importing;

import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.adapter.files.SiteFiles;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.ImportReport.Trial;
import io.armory.agent.importing.legacy.Imported.NewFile;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.sources.NodeSources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Renders what a node would run with imported files, in a copy of its configuration that nobody
/// else may read and that is removed again.
record ImportTrial(Paths paths, Environment environment) {
  /// Stands in for the node's own address, which only the node knows.
  private static final String SOME_ADDRESS = "10.255.255.1";

  /// @param roles stack → role; one without a role is not tried
  List<Trial> of(List<NewFile> files, Map<String, String> roles) throws IOException {
    var trials = new ArrayList<Trial>();
    for (var entry : roles.entrySet()) {
      if (entry.getValue().isEmpty()) {
        trials.add(new Trial(entry.getKey(), "", 0, List.of()));
        continue;
      }
      var root = Files.createTempDirectory("armory-import");
      try {
        trials.add(trial(new Paths(root), files, entry.getKey(), entry.getValue()));
      } finally {
        remove(root);
      }
    }
    return trials;
  }

  private Trial trial(Paths copy, List<NewFile> files, String stack, String role)
      throws IOException {
    Files.createDirectories(copy.templates().getParent());
    Files.createSymbolicLink(copy.templates(), paths.templates());
    if (Files.isDirectory(paths.etc())) {
      for (var file : SiteFiles.read(paths.etc()).entrySet()) {
        SiteFiles.write(copy.etc().resolve(file.getKey()), file.getValue(), 0600);
      }
    }
    for (var file : files) {
      var bytes = file.text().getBytes(StandardCharsets.UTF_8);
      SiteFiles.write(copy.etc().resolve(file.path()), bytes, 0600);
    }
    SiteFiles.write(copy.agentYaml(), identity(stack, role).getBytes(StandardCharsets.UTF_8), 0600);
    return switch (ConfigFile.read(copy, environment)) {
      case ConfigFile.Reading.Invalid(var problems) -> failed(copy, stack, role, problems);
      case ConfigFile.Reading.Valid(var config) -> render(copy, config, stack, role);
    };
  }

  private Trial render(Paths copy, AgentConfig config, String stack, String role) {
    try (var sources = new NodeSources(config, "", AwsOptions.STANDARD)) {
      return switch (sources.sources().read().made()) {
        case Sources.Ready(var revision) ->
            new Trial(stack, role, revision.stack().services().size(), List.of());
        case Sources.Refused(var problems, _) -> failed(copy, stack, role, problems);
        case Sources.Unreadable(var problem) -> failed(copy, stack, role, List.of(problem));
      };
    }
  }

  private Trial failed(Paths copy, String stack, String role, List<Problem> problems) {
    var from = copy.root().toString();
    var to = paths.root().toString().equals("/") ? "" : paths.root().toString();
    return new Trial(
        stack,
        role,
        0,
        problems.stream()
            .map(
                p -> new Problem(p.where().replace(from, to), p.what().replace(from, to), p.todo()))
            .toList());
  }

  private String identity(String stack, String role) {
    var expose =
        ConfigFile.read(paths, environment) instanceof ConfigFile.Reading.Valid(var config)
            ? config.expose()
            : List.<String>of();
    return """
    identity:
      stack: %s
      role: %s
      private_ip: %s
    aws: off
    expose: %s
    """
        .formatted(stack, role, SOME_ADDRESS, expose);
  }

  private static void remove(Path root) throws IOException {
    try (var walk = Files.walk(root)) {
      for (var path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
