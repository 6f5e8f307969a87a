package io.armory.agent.importing.legacy;

import io.armory.agent.domain.report.Finding;
import io.armory.agent.importing.legacy.YamlLines.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// One of Spinnaker's own files below `config/`. Secrets in it are taken out: a placeholder stays,
/// and the value is delivered as a file that Spring reads.
final class ConfigTranslation {
  /// What Armory's package brought, or what would stand in the way of the shipped files.
  private static final Pattern ARMORYS =
      Pattern.compile(
          "([a-z0-9]+|spinnaker)-armory\\.yml|(default-)?spinnaker-local\\.yml\\.example");

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(:[^}]*)?}");

  private static final Pattern AGENTS =
      Pattern.compile(
          "redis\\.connection|services\\.redis\\..*|spinnaker\\.build\\.pollingEnabled"
              + "|scheduler\\.enabled|server\\.port");

  private final String file;
  private final String where;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<String, String> secrets = new LinkedHashMap<>();
  private final Map<String, Finding> references = new TreeMap<>();

  private ConfigTranslation(String file, String where) {
    this.file = file;
    this.where = where;
  }

  /// @param text of the new file; empty: it is not carried over
  /// @param secrets variable → value, for the env file
  /// @param references variables of the environment that it asks for, without a value of its own →
  ///   where
  record Result(
      Optional<String> text,
      List<Finding> findings,
      Map<String, String> secrets,
      Map<String, Finding> references) {}

  /// @param file relative to `config/`
  /// @param where the old file
  /// @param text empty: it is no text
  static Result translate(String file, String where, Optional<String> text) {
    var translation = new ConfigTranslation(file, where);
    var made = translation.make(text);
    return new Result(made, translation.findings, translation.secrets, translation.references);
  }

  private Optional<String> make(Optional<String> text) {
    var name = file.substring(file.lastIndexOf('/') + 1);
    if (!file.contains("/") && ARMORYS.matcher(name).matches()) {
      findings.add(Finding.note(where, "is Armory's own and stays behind"));
    } else if (isOfAnotherService(file)) {
      findings.add(
          Finding.todo(
              where,
              "configures a service that is not here",
              "drop it, or run it beside the agent"));
    } else if (isBase(file)) {
      findings.add(
          Finding.todo(
              where,
              "would take the place of the shipped " + name,
              "move what you changed in it into "
                  + name.replaceFirst("\\.(ya?ml|js)$", "-local.$1")));
    } else if (text.isEmpty() || isKeyFile(name) || SecretSigns.isPrivateKey(text.get())) {
      findings.add(wholeFile(text.isEmpty() ? "is no text" : "holds keys"));
    } else if (name.endsWith(".yml") || name.endsWith(".yaml")) {
      return yaml(text.get());
    } else {
      return plain(text.get());
    }
    return Optional.empty();
  }

  static boolean isOfAnotherService(String file) {
    return file.matches(
        "(lighthouse|dinghy|barometer|platform|configurator|diagnostics|promoter)[-./].*");
  }

  private static boolean isBase(String file) {
    return file.equals("settings.js")
        || file.equals("spinnaker.yml")
        || Services.KNOWN.stream().anyMatch(s -> file.equals(s + ".yml"));
  }

  private static boolean isKeyFile(String name) {
    return name.matches(
        "(?i).*\\.(pem|key|jks|p12|pfx|keystore)|.*kubeconfig.*|.*credentials?.*|id_rsa.*");
  }

  private Finding wholeFile(String what) {
    return Finding.todo(
        where,
        what + " and is not copied, as everybody on the node could read it",
        "put it into the Parameter Store: aws ssm put-parameter --type SecureString --name"
            + " /armory/spinnaker/STACK/config/"
            + file
            + " --value file://"
            + where);
  }

  private Optional<String> plain(String text) {
    var number = 0;
    for (var line : text.lines().toList()) {
      number++;
      var at = line.indexOf(':') >= 0 ? line.indexOf(':') : line.indexOf('=');
      if (at > 0
          && SecretSigns.isSecret(
              line.substring(0, at).strip().replace("\"", ""),
              line.substring(at + 1).strip().replaceAll("[\",;]", ""))) {
        findings.add(wholeFile("holds a secret in line " + number));
        return Optional.empty();
      }
    }
    return Optional.of(text);
  }

  private Optional<String> yaml(String text) {
    var yaml = YamlLines.of(text);
    for (var entry : yaml.all()) {
      var value = YamlLines.unquoted(entry.value);
      if (entry.isItem() && !entry.below.isEmpty()) {
        continue;
      }
      if (SecretSigns.isSecret(entry.isItem() ? parentKey(entry) : entry.key, value)) {
        if (entry.isBlockText() || value.startsWith("{") || value.startsWith("[")) {
          findings.add(wholeFile("holds a secret of several lines in line " + entry.line));
          return Optional.empty();
        }
        takeOut(yaml, entry, value);
      } else {
        look(entry, value);
      }
    }
    return Optional.of(yaml.text());
  }

  private static String parentKey(Entry item) {
    var path = item.path.replaceAll("(\\[])+$", "");
    return path.substring(path.lastIndexOf('.') + 1);
  }

  private void takeOut(YamlLines yaml, Entry entry, String value) {
    var stem = file.replaceFirst("\\.ya?ml$", "");
    var variable = SecretSigns.variable(stem, entry.path);
    while (secrets.containsKey(variable)) {
      variable = SecretSigns.variable(stem, entry.path, "L" + entry.line);
    }
    secrets.put(variable, value);
    yaml.replace(entry, "${" + variable + "}");
    findings.add(
        new Finding(
            Finding.Kind.SECRET,
            where + ":" + entry.line,
            entry.path + " is the secret " + variable + " now",
            ""));
  }

  private void look(Entry entry, String value) {
    var line = where + ":" + entry.line;
    if (AGENTS.matcher(entry.path).matches()) {
      findings.add(
          Finding.todo(
              line,
              "sets " + entry.path + ", which counts more than what the agent says",
              "remove it unless it is meant: Redis and polling follow from the parameters and the role"));
    }
    var match = REFERENCE.matcher(value);
    while (match.find()) {
      var name = match.group(1);
      references.merge(
          name,
          match.group(2) == null
              ? Finding.todo(
                  line,
                  "asks for " + name + ", which is set nowhere",
                  "set it in env/, or write the value")
              : Finding.note(line, "asks for " + name),
          (a, b) -> a.kind() == Finding.Kind.TODO ? a : b);
    }
  }

  /// The services that read a file.
  static Set<String> readers(String file) {
    for (var service : Services.SPRING) {
      if (file.startsWith(service + ".") || file.startsWith(service + "-")) {
        return switch (service) {
          case "igor" -> Set.of("igor", "igor-poller");
          case "echo" -> Set.of("echo", "echo-scheduler");
          default -> Set.of(service);
        };
      }
    }
    return Services.SPRING;
  }
}
