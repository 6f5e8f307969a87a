package io.armory.agent.importing.legacy;

import io.armory.agent.domain.report.Finding;
import io.armory.agent.importing.legacy.Imported.NewFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Turns an installation of Armory Spinnaker into this agent's files: env files → `env/`,
/// Spinnaker's files → `config/`, overrides and logging profiles → `compose/`, and what was said
/// about the node → its role. The layout is that of Armory's documentation of 2017 and 2018.
public final class LegacyImport {
  private static final Pattern LOGGING =
      Pattern.compile("compose/logging-([A-Za-z0-9_-]+)\\.ya?ml");
  private static final Pattern OVERRIDE =
      Pattern.compile("compose/docker-compose\\.override\\.ya?ml");

  /// Merged before the site's override, which therefore has the last word.
  private static final String DELIVERY = "compose/00-imported.yml";

  private final Installation installation;
  private final Set<String> loggingProfiles;
  private final Map<String, NewFile> files = new TreeMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final EnvImport environments;
  private final Deliveries deliveries;
  private final Map<String, String> configSecrets = new TreeMap<>();

  private LegacyImport(Installation installation, Set<String> shippedLogging) {
    this.installation = installation;
    this.loggingProfiles = new TreeSet<>(shippedLogging);
    this.environments = new EnvImport(installation, loggingProfiles, findings);
    this.deliveries = new Deliveries(installation, findings);
  }

  /// @param shippedLogging logging profiles that the agent's templates have
  public static Imported of(Installation installation, Set<String> shippedLogging) {
    return new LegacyImport(installation, shippedLogging).make();
  }

  /// Whether a directory with these files is an installation at all.
  public static boolean isInstallation(Set<String> files) {
    return files.stream()
            .anyMatch(f -> EnvImport.ENV.matcher(f).matches() || f.equals(EnvImport.FIRST_DEFAULT))
        || files.stream().anyMatch(f -> f.startsWith("config/") && f.endsWith(".yml"));
  }

  private Imported make() {
    compose();
    environments.read();
    config();
    deliveries
        .settle(environments.results())
        .ifPresent(overlay -> put(DELIVERY, overlay, 0644, "env/, config/"));
    environments.write(configSecrets, (path, text, from) -> put(path, text, 0640, from));
    leftovers();
    return new Imported(List.copyOf(files.values()), findings, environments.roles());
  }

  // ---------------------------------------------------------------- compose

  private void compose() {
    for (var file : installation.files().keySet()) {
      var logging = LOGGING.matcher(file);
      if (logging.matches() && !logging.group(1).equals("default")) {
        if (overlay(file)) {
          loggingProfiles.add(logging.group(1));
        }
      } else if (OVERRIDE.matcher(file).matches()) {
        overlay(file);
      } else if (file.startsWith("compose/") && !file.equals(EnvImport.FIRST_DEFAULT)) {
        findings.add(
            Finding.note(
                installation.at(file),
                "is Armory's own and stays behind: the agent's templates take its place"));
      }
    }
  }

  private boolean overlay(String file) {
    var text = installation.text(file);
    if (text.isEmpty()) {
      findings.add(
          Finding.todo(
              installation.at(file), "is not UTF-8 text", "save it as UTF-8 and import again"));
      return false;
    }
    var result = ComposeTranslation.translate(installation, installation.at(file), text.get());
    findings.addAll(result.findings());
    result.text().ifPresent(t -> put(file.replaceFirst("\\.yaml$", ".yml"), t, 0644, file));
    return result.text().isPresent();
  }

  // ---------------------------------------------------------------- config

  private void config() {
    for (var file : installation.files().keySet()) {
      if (!file.startsWith("config/")) {
        continue;
      }
      var name = file.substring("config/".length());
      var result =
          ConfigTranslation.translate(name, installation.at(file), installation.text(file));
      findings.addAll(result.findings());
      result.text().ifPresent(t -> put(file, t, 0644, file));
      var readers = ConfigTranslation.readers(name);
      configSecrets.putAll(result.secrets());
      result.secrets().keySet().forEach(v -> readers.forEach(r -> deliveries.add(r, v, v)));
      result
          .references()
          .forEach((variable, finding) -> deliveries.asked(variable, finding, readers));
    }
  }

  // ---------------------------------------------------------------- writing

  private void put(String path, String text, int mode, String from) {
    var head =
        path.equals(DELIVERY)
            ? ""
            : path.endsWith(".yml") || path.endsWith(".env")
                ? "# Imported from " + installation.at(from) + " by `armory-agent import`.\n"
                : "";
    files.put(path, new NewFile(path, head + text, mode, installation.at(from)));
  }

  private void leftovers() {
    for (var file : installation.files().keySet()) {
      if (file.startsWith("secrets/") || file.startsWith("credentials/")) {
        var name = file.substring(file.indexOf('/') + 1);
        findings.add(
            Finding.todo(
                installation.at(file),
                "is a secret file and is not copied",
                "aws ssm put-parameter --type SecureString --name /armory/spinnaker/STACK/config/"
                    + name
                    + " --value file://"
                    + installation.at(file)
                    + " puts it at /opt/spinnaker/config/"
                    + name
                    + " in the services"));
      } else if (!file.matches("(env|compose|config)/.*")) {
        findings.add(Finding.note(installation.at(file), "is not part of the configuration"));
      } else if (file.startsWith("env/") && !EnvImport.ENV.matcher(file).matches()) {
        findings.add(
            Finding.todo(installation.at(file), "is no env file of a stack", "name it STACK.env"));
      }
    }
  }
}
