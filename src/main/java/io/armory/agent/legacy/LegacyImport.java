package io.armory.agent.legacy;

import io.armory.agent.domain.Finding;
import io.armory.agent.legacy.Imported.NewFile;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Turns an installation of Armory Spinnaker into this agent's files: env files → `env/`,
/// Spinnaker's files → `config/`, overrides and logging profiles → `compose/`, and what was said
/// about the node → its role. The layout is that of Armory's documentation of 2017 and 2018.
public final class LegacyImport {
  private static final Pattern ENV = Pattern.compile("env/([A-Za-z0-9_-]+)\\.env");
  private static final Pattern LOGGING =
      Pattern.compile("compose/logging-([A-Za-z0-9_-]+)\\.ya?ml");
  private static final Pattern OVERRIDE =
      Pattern.compile("compose/docker-compose\\.override\\.ya?ml");

  /// Merged before the site's override, which therefore has the last word.
  private static final String DELIVERY = "compose/00-imported.yml";

  private static final String DEFAULT = "env/default.env";
  private static final String FIRST_DEFAULT = "compose/environment";

  private final Installation installation;
  private final Set<String> loggingProfiles;
  private final Map<String, NewFile> files = new TreeMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final Map<String, EnvTranslation.Result> environments = new LinkedHashMap<>();

  /// Service → property → variable.
  private final Map<String, Map<String, String>> deliveries = new TreeMap<>();

  private final Map<String, String> configSecrets = new TreeMap<>();
  private final Map<String, Finding> references = new TreeMap<>();
  private final Map<String, Set<String>> askedBy = new TreeMap<>();

  private LegacyImport(Installation installation, Set<String> shippedLogging) {
    this.installation = installation;
    this.loggingProfiles = new TreeSet<>(shippedLogging);
  }

  /// @param shippedLogging logging profiles that the agent's templates have
  public static Imported of(Installation installation, Set<String> shippedLogging) {
    return new LegacyImport(installation, shippedLogging).make();
  }

  /// Whether a directory with these files is an installation at all.
  public static boolean isInstallation(Set<String> files) {
    return files.stream().anyMatch(f -> ENV.matcher(f).matches() || f.equals(FIRST_DEFAULT))
        || files.stream().anyMatch(f -> f.startsWith("config/") && f.endsWith(".yml"));
  }

  private Imported make() {
    compose();
    environments();
    config();
    deliver();
    write();
    leftovers();
    return new Imported(List.copyOf(files.values()), findings, roles());
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
      } else if (file.startsWith("compose/") && !file.equals(FIRST_DEFAULT)) {
        findings.add(
            Finding.note(
                installation.at(file),
                "is Armory's own and stays behind: the agent's templates take its place"));
      }
    }
  }

  private boolean overlay(String file) {
    var text = text(file);
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

  // ---------------------------------------------------------------- env

  private void environments() {
    var hasDefault = installation.files().containsKey(DEFAULT);
    if (!hasDefault && installation.files().containsKey(FIRST_DEFAULT)) {
      environment(FIRST_DEFAULT, "default");
    }
    // default.env first: the others are read over it.
    if (hasDefault) {
      environment(DEFAULT, "default");
    }
    for (var file : installation.files().keySet()) {
      var match = ENV.matcher(file);
      if (match.matches()
          && !match.group(1).equals("default")
          && !match.group(1).equals("resolved")) {
        environment(file, match.group(1));
      }
    }
    if (installation.files().containsKey("env/resolved.env")) {
      resolved();
    }
  }

  private void environment(String file, String stack) {
    var text = text(file);
    if (text.isEmpty()) {
      findings.add(
          Finding.todo(
              installation.at(file), "is not UTF-8 text", "save it as UTF-8 and import again"));
      return;
    }
    var result = EnvTranslation.translate(installation.at(file), text.get(), loggingProfiles);
    findings.addAll(result.findings());
    environments.put(stack, result);
  }

  /// It was made anew at every start; a variable that nothing else sets came from elsewhere.
  private void resolved() {
    var file = installation.at("env/resolved.env");
    var known = new TreeSet<>(installation.host().keySet());
    environments.values().forEach(e -> known.addAll(e.read().keySet()));
    var number = 0;
    for (var line : text("env/resolved.env").orElse("").lines().toList()) {
      number++;
      var match =
          Pattern.compile("(?:export\\s+)?([A-Za-z_][A-Za-z0-9_]*)=.*").matcher(line.strip());
      if (match.matches()
          && !known.contains(match.group(1))
          && !EnvRules.DROPPED.containsKey(match.group(1))) {
        findings.add(
            Finding.todo(
                file + ":" + number,
                match.group(1) + " is in no other env file",
                "set it in env/ if it is still wanted: resolved.env itself is not carried over"));
      }
    }
  }

  // ---------------------------------------------------------------- config

  private void config() {
    for (var file : installation.files().keySet()) {
      if (!file.startsWith("config/")) {
        continue;
      }
      var name = file.substring("config/".length());
      var result = ConfigTranslation.translate(name, installation.at(file), text(file));
      findings.addAll(result.findings());
      result.text().ifPresent(t -> put(file, t, 0644, file));
      var readers = ConfigTranslation.readers(name);
      configSecrets.putAll(result.secrets());
      result.secrets().keySet().forEach(v -> readers.forEach(r -> delivery(r, v, v)));
      result
          .references()
          .forEach((variable, finding) -> {
            references.merge(variable, finding, (a, b) -> a.kind() == Finding.Kind.TODO ? a : b);
            askedBy.computeIfAbsent(variable, _ -> new TreeSet<>()).addAll(readers);
          });
    }
  }

  private void delivery(String service, String property, String variable) {
    deliveries.computeIfAbsent(service, _ -> new TreeMap<>()).put(property, variable);
  }

  // ---------------------------------------------------------------- what reaches containers

  private void deliver() {
    var carried = new TreeSet<String>();
    var passed = new TreeSet<String>();
    var secrets = new TreeMap<String, String>();
    for (var environment : environments.values()) {
      carried.addAll(environment.carried());
      passed.addAll(environment.own());
      secrets.putAll(environment.secrets());
    }
    references.forEach((name, finding) -> {
      if (secrets.containsKey(name)) {
        askedBy.getOrDefault(name, Set.of()).forEach(s -> delivery(s, name, secrets.get(name)));
      } else if (carried.contains(name)) {
        passed.add(name);
      } else if (finding.kind() == Finding.Kind.TODO && !isGiven(name)) {
        findings.add(finding);
      }
    });
    if (!passed.isEmpty() || !deliveries.isEmpty()) {
      put(
          DELIVERY,
          ComposeTranslation.delivering(installation.directory(), passed, deliveries),
          0644,
          "env/, config/");
    }
    secrets.forEach((name, variable) -> reportSecret(name, variable));
  }

  private void reportSecret(String name, String variable) {
    var reaches = deliveries.values().stream().anyMatch(d -> d.containsValue(variable));
    environments.forEach((stack, environment) -> {
      if (environment.secrets().containsKey(name)) {
        findings.add(
            new Finding(
                Finding.Kind.SECRET,
                installation.at("env/" + stack + ".env"),
                "the secret "
                    + name
                    + (name.equals(variable) ? "" : " is called " + variable + " now"),
                ""));
      }
    });
    if (!reaches && !Set.of("REDIS_PASSWORD", "REDIS_URL").contains(name)) {
      findings.add(
          Finding.todo(
              installation.at("env"),
              "the secret "
                  + name
                  + " reaches no service: no file below config/ asks for ${"
                  + name
                  + "}",
              "name it where it is wanted, or deliver " + variable + " as a Compose secret"));
    }
  }

  /// Set by the shipped templates in every Spring service.
  private static boolean isGiven(String name) {
    return name.endsWith("_BASE_URL")
        || Set.of(
                "SPRING_PROFILES_ACTIVE",
                "DECK_PUBLIC_URL",
                "GATE_PUBLIC_URL",
                "FIAT_ENABLED",
                "KAYENTA_ENABLED",
                "AWS_REGION",
                "HOSTNAME",
                "HOME",
                "JAVA_OPTS")
            .contains(name);
  }

  // ---------------------------------------------------------------- writing

  private void write() {
    var everywhere = new TreeMap<String, String>();
    var perStack = new TreeSet<String>();
    configSecrets.forEach((name, value) -> everywhere.put(name, quoted(value)));
    environments.forEach((stack, e) -> {
      if (!stack.equals("default")) {
        perStack.addAll(e.secrets().values());
      }
    });
    var ofDefault = environments.get("default");
    if (ofDefault != null) {
      perStack.removeAll(ofDefault.carried());
    }
    // A stack without the secret gets an empty one, not an error.
    perStack.forEach(name -> everywhere.put(name, ""));
    var text = new StringBuilder(ofDefault == null ? "" : ofDefault.text());
    if (!everywhere.isEmpty()) {
      text.append("\n# Secrets that were in files below config/, or in one stack's file alone.\n");
      everywhere.forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
    }
    if (!text.isEmpty()) {
      put(DEFAULT, text.toString(), 0640, ofDefault == null ? "config/" : DEFAULT);
    }
    environments.forEach((stack, e) -> {
      if (!stack.equals("default") && !e.text().isEmpty()) {
        put("env/" + stack + ".env", e.text(), 0640, "env/" + stack + ".env");
      }
    });
  }

  /// As the agent reads env files: kept as it is.
  private static String quoted(String value) {
    return value.contains("'")
        ? '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "\\$") + '"'
        : "'" + value + "'";
  }

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
      } else if (file.startsWith("env/") && !ENV.matcher(file).matches()) {
        findings.add(
            Finding.todo(installation.at(file), "is no env file of a stack", "name it STACK.env"));
      }
    }
  }

  // ---------------------------------------------------------------- roles

  private Map<String, String> roles() {
    var roles = new TreeMap<String, String>();
    var base = new TreeMap<>(installation.host());
    var ofDefault = environments.get("default");
    if (ofDefault != null) {
      base.putAll(ofDefault.read());
    }
    roles.put("default", RoleSigns.role(base));
    environments.forEach((stack, e) -> {
      var all = new TreeMap<>(base);
      all.putAll(e.read());
      roles.put(stack, RoleSigns.role(all));
    });
    if (roles.size() > 1) {
      roles.remove("default");
    }
    return roles;
  }

  private Optional<String> text(String file) {
    var bytes = installation.files().getOrDefault(file, new byte[0]);
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.indexOf('\0') >= 0 ? Optional.empty() : Optional.of(text);
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
