package io.armory.agent.cli;

import io.armory.agent.config.ConfigFile;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.S3Address;
import io.armory.agent.view.CheckList;
import io.armory.agent.view.Json;
import io.armory.agent.view.Style;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "support-bundle",
    description = {
      "Write one tar.gz with everything that support needs.",
      "State, events, plan, the resolved stack, settings, checks, and the last log lines."
          + " Secrets are masked; the file is yours alone (0600). In S3 it is put with the node's own rights. Works without a running agent,"
          + " and says what is missing."
    })
final class SupportBundleCommand extends CliCommand {
  private static final String SUFFIX = ".tar.gz";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /// What the running agent is asked: file in the bundle → path and form.
  private record Wanted(String file, String path, Map<String, String> parameters) {}

  private static final List<Wanted> QUESTIONS =
      List.of(
          new Wanted(
              "agent/status.txt",
              "/v1/status",
              Map.of("as", "text", "columns", "120", "all", "true")),
          new Wanted("agent/status.json", "/v1/status", Map.of("as", "json")),
          new Wanted("agent/plan.json", "/v1/plan", Map.of("as", "json")),
          new Wanted("agent/parameters.json", "/v1/config", Map.of("as", "json")),
          new Wanted("agent/docker-compose.yml", "/v1/compose", Map.of()),
          new Wanted("agent/events.json", "/v1/events", Map.of("as", "json", "limit", "1000")),
          new Wanted("agent/failed.json", "/v1/logs", Map.of("as", "json", "failed", "true")),
          new Wanted("agent/logs.json", "/v1/logs", Map.of("as", "json", "lines", "200")));

  private final Map<String, String> files = new TreeMap<>();
  private final List<String> missing = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "PLACE",
      description =
          "a file, or s3://BUCKET/KEY (default: armory-agent-support-HOST-TIME.tar.gz in this"
              + " directory)")
  private @Nullable String output;

  @Override
  public Integer call() {
    var now = Instant.now();
    var top = "armory-agent-support-" + host() + "-" + STAMP.format(now);
    var object = object(top + SUFFIX);
    var to = object.isPresent() ? temporary(top) : Path.of(output == null ? top + SUFFIX : output);
    check(to);
    var node = cli.local().support(cli.paths(), cli.environment());
    files.putAll(node.files());
    missing.addAll(node.missing());
    settings();
    doctor();
    ask();
    files.put("version.json", version());
    files.put("README.txt", readme(now));
    var masked = new TreeMap<String, String>();
    files.forEach((name, text) -> masked.put(name, node.secrets().maskedAsToo(text)));
    write(to, top, now, masked);
    missing.forEach(line -> cli.terminal().complain("not in it: " + node.secrets().masked(line)));
    cli.terminal()
        .print(object.map(o -> sent(to, o)).orElse(to.toAbsolutePath().toString()) + "\n");
    return Exit.DONE;
  }

  /// Empty: it stays on the node.
  private Optional<S3Address> object(String name) {
    var said = output;
    if (said == null || !S3Address.isMeant(said)) {
      return Optional.empty();
    }
    return Optional.of(
        S3Address.parse(said)
            .orElseThrow(() -> new Refused(Exit.USAGE, said + " is not s3://BUCKET/KEY"))
            .of(name, SUFFIX));
  }

  private static Path temporary(String top) {
    try {
      return Files.createTempDirectory("armory-agent-").resolve(top + SUFFIX);
    } catch (IOException e) {
      throw new Refused(Exit.FAILED, "cannot write a temporary file: " + e.getMessage());
    }
  }

  /// What S3 does not take stays on the node: the moment that it is of does not come back.
  private String sent(Path file, S3Address to) {
    return switch (cli.local().send(cli.paths(), cli.environment(), file, to)) {
      case Outcome.Done<String>(var address) -> {
        remove(file);
        yield address;
      }
      case Outcome.Failed<String>(var failure) ->
          throw new Refused(
              Exit.FAILED, failure.message() + "; the bundle stays on the node, as " + file);
    };
  }

  private void remove(Path file) {
    try {
      Files.delete(file);
      Files.delete(Objects.requireNonNull(file.getParent()));
    } catch (IOException e) {
      cli.terminal().complain("a copy is left: " + file);
    }
  }

  private static void check(Path to) {
    var directory = to.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new Refused(Exit.USAGE, "cannot write " + to + ": there is no directory " + directory);
    }
    if (!Files.isWritable(directory)) {
      throw new Refused(
          Exit.NOT_ALLOWED, "cannot write " + to + ": you may not write to " + directory);
    }
    if (Files.exists(to)) {
      throw new Refused(Exit.USAGE, to + " is there already; name another file with --output");
    }
  }

  private void settings() {
    switch (ConfigFile.read(cli.paths(), cli.environment())) {
      case ConfigFile.Reading.Valid(var config) ->
          files.put("settings.txt", SettingsList.text(config));
      case ConfigFile.Reading.Invalid(var problems) ->
          problems.forEach(p -> missing.add("settings: " + p.line()));
    }
  }

  private void doctor() {
    var checks = new ArrayList<>(AgentsWord.ask(cli.client()));
    checks.addAll(cli.local().examine(cli.paths(), cli.environment()));
    files.put("doctor.txt", CheckList.text(checks, new Style(120, false), false));
  }

  private void ask() {
    for (var wanted : QUESTIONS) {
      try {
        files.put(wanted.file(), cli.client().get(wanted.path(), wanted.parameters(), PATIENCE));
      } catch (Refused e) {
        missing.add(wanted.file() + ": " + e.line());
        if (e.exit() == Exit.NOT_RUNNING || e.exit() == Exit.NOT_ALLOWED) {
          return;
        }
      }
    }
  }

  private static String version() {
    return Json.object(j ->
        j.field("agent", Version.current())
            .field("java", Runtime.version().toString())
            .field("os", System.getProperty("os.name", "?"))
            .field("kernel", System.getProperty("os.version", "?"))
            .field("arch", System.getProperty("os.arch", "?"))
            .field("processors", Runtime.getRuntime().availableProcessors()))
        + "\n";
  }

  private String readme(Instant now) {
    return """
    Support bundle of armory-agent %s on %s, made %s by %s.
    Secrets that were known then are masked as ********, and so is what looks like one.

    Not in it:
    %s
    """
        .formatted(
            Version.current(),
            host(),
            now,
            cli.environment().user(),
            missing.isEmpty() ? "  (nothing)" : "  " + String.join("\n  ", missing));
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "_");
    } catch (IOException e) {
      return "node";
    }
  }

  private static void write(Path to, String top, Instant now, Map<String, String> content) {
    try (var tar = TarGz.create(to, now)) {
      for (var file : content.entrySet()) {
        tar.add(top + "/" + file.getKey(), file.getValue());
      }
    } catch (FileAlreadyExistsException e) {
      throw new Refused(Exit.USAGE, to + " is there already; name another file with --output");
    } catch (IOException e) {
      throw new Refused(Exit.FAILED, "cannot write " + to + ": " + e);
    }
  }
}
