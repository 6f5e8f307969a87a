package io.armory.agent.importing.legacy;

import io.armory.agent.domain.report.Finding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One env file, line by line: what the agent understands stays as it was written, comments
/// included; the rest becomes a comment or another name, and is reported.
final class EnvTranslation {
  private static final Pattern LINE =
      Pattern.compile("(?:export\\s+)?([A-Za-z_][A-Za-z0-9_]*)\\s*=\\s*(.*)");
  private static final Pattern OPTS = Pattern.compile("([A-Z0-9]+)_(?:JAVA_)?OPTS");
  private static final String PROFILES = "-Dspring.profiles.active=";

  /// Profiles that need no naming: Armory's own files stay behind, `local` is the default, and
  /// which node polls is a matter of its role.
  private static final Set<String> UNDERSTOOD = Set.of("armory", "local", "polling", "nonpolling");

  private final Set<String> loggingProfiles;
  private final List<Finding> findings = new ArrayList<>();
  private final StringBuilder out = new StringBuilder();
  private final Map<String, String> read = new LinkedHashMap<>();
  private final Set<String> own = new TreeSet<>();
  private final Set<String> carried = new TreeSet<>();
  private final Map<String, String> secrets = new TreeMap<>();
  private String where = "";

  private EnvTranslation(Set<String> loggingProfiles) {
    this.loggingProfiles = loggingProfiles;
  }

  /// @param text the new file; empty when nothing is left of it
  /// @param read every variable as it was, for what follows from them
  /// @param carried names that the new file sets
  /// @param own of those, the ones only the site's containers know what to do with
  /// @param secrets name in the old file → variable of the new one
  record Result(
      String text,
      List<Finding> findings,
      Map<String, String> read,
      Set<String> carried,
      Set<String> own,
      Map<String, String> secrets) {}

  /// @param file as it is named in findings
  /// @param loggingProfiles those there will be
  static Result translate(String file, String text, Set<String> loggingProfiles) {
    var translation = new EnvTranslation(loggingProfiles);
    var lines = text.startsWith("\uFEFF") ? text.substring(1).lines() : text.lines();
    var number = 0;
    for (var line : lines.toList()) {
      translation.where = file + ":" + ++number;
      translation.line(line);
    }
    return new Result(
        translation.carried.isEmpty() ? "" : translation.out.toString(),
        translation.findings,
        translation.read,
        translation.carried,
        translation.own,
        translation.secrets);
  }

  private void line(String line) {
    var match = LINE.matcher(line.strip());
    if (line.isBlank() || line.strip().startsWith("#")) {
      out.append(line).append('\n');
    } else if (match.matches()) {
      read.put(match.group(1), unquoted(match.group(2)));
      variable(match.group(1), match.group(2));
    } else {
      // The line itself is not shown: it may hold a password.
      drop("a line", todo("is not NAME=value", "write it as one, in env/"));
    }
  }

  private void variable(String name, String raw) {
    var value = unquoted(raw);
    var opts = OPTS.matcher(name);
    var renamed = EnvRules.RENAMED.get(name);
    if (renamed != null) {
      note(name + " is called " + renamed + " now");
      keep(renamed, raw);
    } else if (EnvRules.DROPPED.containsKey(name)) {
      drop(name, note(name + ": " + EnvRules.DROPPED.get(name)));
    } else if (name.equals("REDIS_HOST") && value.equals("redis")) {
      drop(name, note("REDIS_HOST: the stand-alone role knows its own Redis"));
    } else if (name.equals("SPRING_PROFILES_ACTIVE")) {
      profiles(value);
    } else if (name.equals("LOGGING_PROFILE")) {
      logging(value);
    } else if (EnvRules.isOfAnotherService(name)) {
      drop(
          name,
          EnvRules.isOn(value)
              ? todo(
                  name + ": there is no such service here",
                  "run it beside the agent, or from an overlay")
              : note(name + ": there is no such service here, and it was off"));
    } else if (EnvRules.isImage(name) && EnvRules.isArmorys(value)) {
      drop(name, note(name + ": SPINNAKER_RELEASE chooses the images, not Armory's registry"));
    } else if (name.equals("JAVA_OPTS")) {
      drop(
          name,
          todo(
              "JAVA_OPTS is not for all services at once",
              "set GATE_JAVA_OPTS, ORCA_JAVA_OPTS, … in env/"));
    } else if (opts.matches()) {
      options(opts.group(1), value);
    } else {
      any(name, raw, value);
    }
  }

  private void any(String name, String raw, String value) {
    if (SecretSigns.isSecret(name, value)) {
      var variable = SecretSigns.variable(name);
      secrets.put(name, variable);
      keep(variable, raw);
    } else {
      if (!EnvRules.isUnderstood(name)) {
        own.add(name);
      }
      keep(name, raw);
    }
  }

  private void profiles(String value) {
    var kept = others(value);
    if (kept.isEmpty()) {
      drop(
          "SPRING_PROFILES_ACTIVE",
          note("SPRING_PROFILES_ACTIVE: local is the default, the role decides about polling"));
    } else {
      var named = value.contains("local") ? "local," + kept : kept;
      note("SPRING_PROFILES_ACTIVE is " + named + ": Armory's own files are not carried over");
      keep("SPRING_PROFILES_ACTIVE", named);
    }
  }

  private static String others(String profiles) {
    return Arrays.stream(profiles.split(",", -1))
        .map(String::strip)
        .filter(p -> !p.isEmpty() && !UNDERSTOOD.contains(p))
        .collect(Collectors.joining(","));
  }

  private void logging(String profile) {
    if (profile.isEmpty() || profile.equals("default")) {
      drop("LOGGING_PROFILE", note("LOGGING_PROFILE: the default is json, in bounded files"));
    } else if (loggingProfiles.contains(profile)) {
      keep("LOGGING_PROFILE", profile);
    } else {
      drop(
          "LOGGING_PROFILE",
          todo(
              "LOGGING_PROFILE: there is no logging-" + profile + ".yml",
              "write compose/logging-"
                  + profile
                  + ".yml, then set it in env/; it is json until then"));
    }
  }

  /// `GATE_OPTS="-Dspring.profiles.active=armory,local -Xmx2g"`.
  private void options(String service, String value) {
    var rest = new ArrayList<String>();
    for (var word : value.split("\\s+", -1)) {
      if (!word.startsWith(PROFILES)) {
        rest.add(word);
        continue;
      }
      var kept = others(word.substring(PROFILES.length()));
      if (kept.isEmpty()) {
        note(service + "_OPTS: local is the default profile, the role decides about polling");
      } else {
        findings.add(
            todo(
                service + "_OPTS names the profiles " + kept,
                "set SPRING_PROFILES_ACTIVE below services."
                    + service.toLowerCase(Locale.ROOT)
                    + ".environment in compose/docker-compose.override.yml"));
      }
    }
    rest.removeIf(String::isEmpty);
    var name = service + "_JAVA_OPTS";
    if (rest.isEmpty()) {
      out.append("# ").append(service).append("_OPTS: not needed\n");
      return;
    }
    if (rest.stream().anyMatch(w -> w.startsWith("-Xmx"))) {
      note(name + " sets -Xmx: the container's limit is " + service + "_MEMORY");
    }
    keep(name, '"' + String.join(" ", rest) + '"');
  }

  private void keep(String name, String raw) {
    carried.add(name);
    out.append(name).append('=').append(raw).append('\n');
  }

  private void drop(String name, Finding why) {
    out.append("# ").append(name).append(": not carried over\n");
    if (!findings.contains(why)) {
      findings.add(why);
    }
  }

  private Finding note(String what) {
    var finding = Finding.note(where, what);
    findings.add(finding);
    return finding;
  }

  private Finding todo(String what, String todo) {
    return Finding.todo(where, what, todo);
  }

  static String unquoted(String raw) {
    var value = raw.strip();
    if (value.length() >= 2
        && (value.startsWith("\"") || value.startsWith("'"))
        && value.charAt(value.length() - 1) == value.charAt(0)) {
      return value.substring(1, value.length() - 1);
    }
    return value.replaceFirst("\\s+#.*", "");
  }
}
