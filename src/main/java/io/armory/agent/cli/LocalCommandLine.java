package io.armory.agent.cli;

import io.armory.agent.cli.LocalCommands.ComposeRequest;
import io.armory.agent.cli.LocalCommands.Format;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.view.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands that need no running agent: `run` itself, `render`, `validate`, `doctor`, `import`,
/// `version`.
final class LocalCommandLine {
  private LocalCommandLine() {}

  static List<Object> all() {
    return List.of(
        new UpCommand(),
        new RunCommand(),
        new ExecCommand(),
        new Render(),
        new Validate(),
        new DoctorCommand(),
        new ImportCommand(),
        new BackupCommand(),
        new RestoreCommand(),
        new SupportBundleCommand(),
        new VersionCommand());
  }

  private abstract static class OnCompose extends CliCommand {
    @Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "a Compose file, several are merged (default: the node's templates)")
    List<Path> files = new ArrayList<>();

    @Option(names = "--profile", paramLabel = "NAME", description = "enable a profile")
    private List<String> profiles = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "variables, instead of .env")
    private List<Path> envFiles = new ArrayList<>();

    @Option(
        names = "--project-directory",
        paramLabel = "DIR",
        description = "relative paths are relative to this (default: the first file's directory)")
    private @Nullable Path projectDirectory;

    @Option(
        names = {"-p", "--project-name"},
        paramLabel = "NAME",
        description = "instead of the directory's name")
    private @Nullable String projectName;

    @Option(names = "--role", paramLabel = "ROLE", description = "instead of the node's own")
    private @Nullable String role;

    ComposeRequest request(Format format) {
      return new ComposeRequest(
          cli.paths(),
          files,
          profiles,
          envFiles,
          Optional.ofNullable(projectDirectory),
          Optional.ofNullable(projectName),
          Optional.ofNullable(role),
          format,
          cli.environment());
    }

    /// @param json warnings and problems for programs, on standard output
    int show(LocalCommands.Answer answer, boolean json) {
      if (json) {
        cli.terminal().print(checked(answer) + "\n");
        return answer instanceof LocalCommands.Answer.Done ? Exit.DONE : Exit.USAGE;
      }
      return switch (answer) {
        case LocalCommands.Answer.Done(var output, var warnings) -> {
          warnings.forEach(w -> cli.terminal().complain("warning: " + w));
          cli.terminal().print(output);
          yield Exit.DONE;
        }
        case LocalCommands.Answer.Invalid(var problems) -> {
          problems.forEach(p -> cli.terminal().complain(p.line()));
          yield Exit.USAGE;
        }
      };
    }
  }

  private static String checked(LocalCommands.Answer answer) {
    return Json.object(json -> {
      switch (answer) {
        case LocalCommands.Answer.Done(_, var warnings) ->
            json.field("valid", true).strings("warnings", warnings).strings("problems", List.of());
        case LocalCommands.Answer.Invalid(var problems) ->
            json.field("valid", false)
                .strings("warnings", List.of())
                .objects(
                    "problems",
                    problems,
                    (j, p) ->
                        j.field("where", p.where())
                            .field("what", p.what())
                            .field("todo", p.todo()));
      }
    });
  }

  @Command(
      name = "render",
      description = "Print the resolved Compose file, of files or of the node's role.")
  private static final class Render extends OnCompose {
    @Option(names = "--format", paramLabel = "yaml|json", description = "default: yaml")
    private Format format = Format.YAML;

    @Option(names = "--json", description = "as --format json")
    private boolean json;

    @Option(
        names = "--current",
        description = "of the revision in force, from the running agent (yaml)")
    private boolean current;

    @Override
    public Integer call() {
      return current
          ? inForce()
          : show(cli.local().render(request(json ? Format.JSON : format)), false);
    }

    private int inForce() {
      cli.terminal().print(cli.client().get("/v1/compose", Map.of(), Duration.ofSeconds(30)));
      return Exit.DONE;
    }
  }

  @Command(
      name = "validate",
      description = {
        "Check Compose files, or agent.yaml and the node's templates and overlays.",
        "Every problem is one line with file, line and what to do."
      })
  private static final class Validate extends OnCompose {
    @Parameters(arity = "0..*", paramLabel = "FILE", description = "as -f")
    private List<Path> more = new ArrayList<>();

    @Option(names = "--json", description = "for programs; field names are stable")
    private boolean json;

    @Override
    public Integer call() {
      files.addAll(more);
      if (files.isEmpty()
          && ConfigFile.read(cli.paths(), cli.environment())
              instanceof ConfigFile.Reading.Invalid(var problems)) {
        return show(new LocalCommands.Answer.Invalid(problems), json);
      }
      return show(cli.local().validate(request(Format.YAML)), json);
    }
  }

  @Command(name = "version", description = "Show the agent's version.")
  private static final class VersionCommand extends CliCommand {
    @Option(names = "--json", description = "for programs")
    private boolean json;

    @Override
    public Integer call() {
      cli.terminal()
          .print(
              json
                  ? Json.object(j ->
                      j.field("version", Version.current())
                          .field("java", Runtime.version().toString()))
                      + "\n"
                  : Version.line() + "\n");
      return Exit.DONE;
    }
  }
}
