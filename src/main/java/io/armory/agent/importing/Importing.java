package io.armory.agent.importing;

import io.armory.agent.adapter.files.SiteFiles;
import io.armory.agent.cli.LocalCommands.Import;
import io.armory.agent.cli.LocalCommands.ImportRequest;
import io.armory.agent.config.AgentConfig.Located;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.domain.report.Finding;
import io.armory.agent.domain.report.ImportReport;
import io.armory.agent.domain.report.ImportReport.State;
import io.armory.agent.domain.report.ImportReport.Target;
import io.armory.agent.importing.legacy.Imported;
import io.armory.agent.importing.legacy.Imported.NewFile;
import io.armory.agent.importing.legacy.Installation;
import io.armory.agent.importing.legacy.LegacyImport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `armory-agent import`: reads the old installation, tries what would come of it, and writes.
public final class Importing {
  private static final Pattern SETTING =
      Pattern.compile("\\s*(?:export\\s+)?([A-Z_][A-Z0-9_]*)=[\"']?([^\"'#]*?)[\"']?\\s*");

  private final ImportRequest request;
  private final Path directory;
  private final Path etc;

  public Importing(ImportRequest request) {
    this.request = request;
    this.directory = request.directory().toAbsolutePath().normalize();
    this.etc = request.paths().etc();
  }

  public Import run() {
    try {
      if (!Files.isDirectory(directory)) {
        return new Import.Refused(
            directory + " is no directory; name the installation, such as /opt/spinnaker");
      }
      var files = SiteFiles.read(directory);
      if (!LegacyImport.isInstallation(files.keySet())) {
        return new Import.Refused(
            directory
                + " has neither env/*.env nor config/*.yml; name the directory that has both");
      }
      return new Import.Done(carryOver(files));
    } catch (NotDirectoryException e) {
      return new Import.Refused(directory + " is no directory");
    } catch (IOException e) {
      return new Import.Failed("the import failed: " + SiteFiles.reason(e));
    }
  }

  private ImportReport carryOver(Map<String, byte[]> files) throws IOException {
    var installation = new Installation(directory.toString(), files, host());
    var imported = LegacyImport.of(installation, loggingProfiles());
    var findings = new ArrayList<>(imported.findings());
    var roles = roles(imported, installation.host());
    var all = new ArrayList<>(imported.files());
    identity(roles, all, findings);
    var targets = new ArrayList<Target>();
    for (var file : all) {
      targets.add(new Target(path(file).toString(), state(file), file.from()));
    }
    var blocked = targets.stream().anyMatch(t -> t.state() == State.IN_THE_WAY);
    var trials = new ImportTrial(request.paths(), request.environment()).of(all, roles);
    if (!blocked && !request.dryRun()) {
      for (var file : all) {
        if (state(file) != State.UNCHANGED) {
          SiteFiles.write(path(file), bytes(file), file.mode());
        }
      }
    }
    return new ImportReport(
        directory.toString(), !blocked && !request.dryRun(), targets, findings, trials);
  }

  private Path path(NewFile file) {
    return etc.resolve(file.path());
  }

  private static byte[] bytes(NewFile file) {
    return file.text().getBytes(StandardCharsets.UTF_8);
  }

  private State state(NewFile file) throws IOException {
    var path = path(file);
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return State.NEW;
    }
    if (SiteFiles.is(path, bytes(file), file.mode())) {
      return State.UNCHANGED;
    }
    return request.force() ? State.REPLACED : State.IN_THE_WAY;
  }

  /// What the node's own files say about it, where the installation is the node's.
  private Map<String, String> host() throws IOException {
    var host = new TreeMap<String, String>();
    if (!directory.endsWith("opt/spinnaker")) {
      return host;
    }
    var defaults = directory.resolve("../../etc/default").normalize();
    for (var name : List.of("armory-spinnaker", "server-env")) {
      var text = SiteFiles.content(defaults.resolve(name)).orElse(new byte[0]);
      new String(text, StandardCharsets.UTF_8)
          .lines()
          .map(SETTING::matcher)
          .filter(Matcher::matches)
          .forEach(m -> host.put(m.group(1), m.group(2)));
    }
    return host;
  }

  private Set<String> loggingProfiles() throws IOException {
    var names = new TreeSet<String>();
    for (var place : List.of(request.paths().templates(), request.paths().siteCompose())) {
      if (!Files.isDirectory(place)) {
        continue;
      }
      try (var files = Files.newDirectoryStream(place, "logging-*.yml")) {
        files.forEach(
            f -> names.add(f.getFileName().toString().replaceFirst("logging-(.*)\\.yml", "$1")));
      }
    }
    return names;
  }

  /// Stack → role, with what was said by hand.
  private Map<String, String> roles(Imported imported, Map<String, String> host) {
    var roles = new TreeMap<>(imported.roles());
    var here = Optional.ofNullable(host.get("CLOUD_STACK")).filter(s -> !s.isEmpty());
    request
        .stack()
        .or(() -> here)
        .ifPresent(stack -> {
          var role = roles.getOrDefault(stack, roles.getOrDefault("default", ""));
          roles.clear();
          roles.put(stack, role);
        });
    request.role().ifPresent(role -> roles.replaceAll((_, _) -> role));
    return roles;
  }

  /// `agent.yaml` only says what cannot be otherwise on any node with these files: a group's tags
  /// know better which of several roles a node has.
  private void identity(Map<String, String> roles, List<NewFile> files, List<Finding> findings) {
    var lines = new HashMap<String, String>();
    request.stack().ifPresent(s -> lines.put("stack", s));
    request.role().ifPresent(r -> lines.put("role", r));
    if (request.role().isEmpty() && Set.copyOf(roles.values()).equals(Set.of("standalone"))) {
      lines.put("role", "standalone");
    }
    var yaml = request.paths().agentYaml();
    if (lines.isEmpty()) {
      findings.add(
          Finding.todo(
              directory.toString(),
              "which role a node has is not written down: it follows from its group",
              "tag the group armory:role, with ha-polling for exactly one node and ha-nonpolling for"
                  + " the others; groups named APP-STACK-polling and …-nonpolling need no tag"));
    } else if (!Files.exists(yaml) || isMadeByUs(yaml)) {
      var text = new StringBuilder("# Made by `armory-agent import`.\nidentity:\n");
      new TreeMap<>(lines)
          .forEach((k, v) -> text.append("  ").append(k).append(": ").append(v).append('\n'));
      files.add(new NewFile("agent.yaml", text.toString(), 0644, directory.toString()));
    } else if (!saysAlready(lines)) {
      findings.add(
          Finding.todo(
              yaml.toString(),
              "is there already and is left as it is",
              "say in it who the node is: identity: " + new TreeMap<>(lines)));
    }
  }

  private static boolean isMadeByUs(Path yaml) {
    try {
      return Files.readString(yaml).startsWith("# Made by `armory-agent import`.");
    } catch (IOException e) {
      return false;
    }
  }

  private boolean saysAlready(Map<String, String> lines) {
    return ConfigFile.read(request.paths(), request.environment())
            instanceof ConfigFile.Reading.Valid(var config)
        && lines
            .getOrDefault("stack", "")
            .equals(lines.containsKey("stack") ? value(config.identity().stack()) : "")
        && lines
            .getOrDefault("role", "")
            .equals(lines.containsKey("role") ? value(config.identity().role()) : "");
  }

  private static String value(Optional<Located> located) {
    return located.map(Located::value).orElse("");
  }
}
