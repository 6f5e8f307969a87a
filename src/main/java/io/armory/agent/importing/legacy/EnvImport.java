package io.armory.agent.importing.legacy;

import io.armory.agent.domain.report.Finding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The env files of an installation, one a stack and the default one that is below them all.
final class EnvImport {
  static final Pattern ENV = Pattern.compile("env/([A-Za-z0-9_-]+)\\.env");
  static final String FIRST_DEFAULT = "compose/environment";

  private static final String DEFAULT = "env/default.env";

  private final Installation installation;
  private final Set<String> loggingProfiles;
  private final List<Finding> findings;
  private final Map<String, EnvTranslation.Result> results = new LinkedHashMap<>();

  /// Where a new file is put.
  @FunctionalInterface
  interface Put {
    void file(String path, String text, String from);
  }

  /// @param loggingProfiles those there are to choose from
  /// @param findings where to say what was found
  EnvImport(Installation installation, Set<String> loggingProfiles, List<Finding> findings) {
    this.installation = installation;
    this.loggingProfiles = loggingProfiles;
    this.findings = findings;
  }

  /// Stack → what its file came to.
  Map<String, EnvTranslation.Result> results() {
    return results;
  }

  void read() {
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
    var text = installation.text(file);
    if (text.isEmpty()) {
      findings.add(
          Finding.todo(
              installation.at(file), "is not UTF-8 text", "save it as UTF-8 and import again"));
      return;
    }
    var result = EnvTranslation.translate(installation.at(file), text.get(), loggingProfiles);
    findings.addAll(result.findings());
    results.put(stack, result);
  }

  /// It was made anew at every start; a variable that nothing else sets came from elsewhere.
  private void resolved() {
    var file = installation.at("env/resolved.env");
    var known = new TreeSet<>(installation.host().keySet());
    results.values().forEach(e -> known.addAll(e.read().keySet()));
    var number = 0;
    for (var line : installation.text("env/resolved.env").orElse("").lines().toList()) {
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

  /// The new env files.
  ///
  /// @param elsewhere secrets that were not in an env file: variable → value
  /// @param put takes path, text and the old file
  void write(Map<String, String> elsewhere, Put put) {
    var everywhere = new TreeMap<String, String>();
    var perStack = new TreeSet<String>();
    elsewhere.forEach((name, value) -> everywhere.put(name, quoted(value)));
    results.forEach((stack, e) -> {
      if (!stack.equals("default")) {
        perStack.addAll(e.secrets().values());
      }
    });
    var ofDefault = results.get("default");
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
      put.file(DEFAULT, text.toString(), ofDefault == null ? "config/" : DEFAULT);
    }
    results.forEach((stack, e) -> {
      if (!stack.equals("default") && !e.text().isEmpty()) {
        put.file("env/" + stack + ".env", e.text(), "env/" + stack + ".env");
      }
    });
  }

  /// As the agent reads env files: kept as it is.
  private static String quoted(String value) {
    return value.contains("'")
        ? '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "\\$") + '"'
        : "'" + value + "'";
  }

  /// Every stack → the role its variables describe.
  Map<String, String> roles() {
    var roles = new TreeMap<String, String>();
    var base = new TreeMap<>(installation.host());
    var ofDefault = results.get("default");
    if (ofDefault != null) {
      base.putAll(ofDefault.read());
    }
    roles.put("default", RoleSigns.role(base));
    results.forEach((stack, e) -> {
      var all = new TreeMap<>(base);
      all.putAll(e.read());
      roles.put(stack, RoleSigns.role(all));
    });
    if (roles.size() > 1) {
      roles.remove("default");
    }
    return roles;
  }
}
