package io.armory.agent.importing.legacy;

import io.armory.agent.domain.report.Finding;
import io.armory.agent.importing.legacy.YamlLines.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// An override or a logging profile of Armory's Compose project, made an overlay of ours.
final class ComposeTranslation {
  private static final Set<String> PUBLISHED = Set.of("gate", "deck");

  private final Installation installation;
  private final String where;
  private final YamlLines yaml;
  private final List<Finding> findings = new ArrayList<>();

  private ComposeTranslation(Installation installation, String where, String text) {
    this.installation = installation;
    this.where = where;
    this.yaml = YamlLines.of(text);
  }

  /// @param text empty: nothing is left of it
  record Result(Optional<String> text, List<Finding> findings) {}

  static Result translate(Installation installation, String where, String text) {
    var translation = new ComposeTranslation(installation, where, text);
    translation.document();
    return new Result(
        translation.yaml.isEmpty() ? Optional.empty() : Optional.of(translation.yaml.text()),
        translation.findings);
  }

  private void document() {
    for (var entry : yaml.top()) {
      switch (entry.key) {
        case "version" -> entry.remove();
        case "services" -> services(entry);
        default -> {}
      }
    }
    if (yaml.top().stream().noneMatch(e -> e.key.equals("services"))) {
      var services =
          Services.KNOWN.stream().anyMatch(s -> yaml.top().stream().anyMatch(e -> e.key.equals(s)));
      if (services) {
        yaml.top().forEach(Entry::remove);
        todo(1, "is in Compose's first format", "put it below services: and import again");
      }
    }
  }

  private void services(Entry services) {
    if (!services.value.isEmpty() && !services.value.startsWith("#")) {
      services.remove();
      todo(
          services.line,
          "services in {…} cannot be taken apart",
          "write it in block style and import again");
      return;
    }
    for (var service : services.below) {
      if (Services.GONE.contains(service.key)) {
        service.remove();
        note(service.line, service.key + " is not needed: the agent, or nobody, does its work");
      } else if (Services.KNOWN.contains(service.key)) {
        known(service);
      } else if (service.below.stream().noneMatch(e -> e.key.equals("image"))) {
        service.remove();
        todo(
            service.line,
            service.key + " is no service of the shipped stack and has no image",
            "write it as a whole");
      } else {
        note(service.line, service.key + " is the site's own service and stays");
        common(service);
      }
    }
  }

  private void known(Entry service) {
    for (var entry : service.below) {
      switch (entry.key) {
        case "image" -> image(service, entry);
        case "ports" -> ports(service, entry);
        case "container_name" -> drop(entry, service.key + " keeps the name that Compose gives it");
        case "networks", "network_mode" -> {
          entry.remove();
          todo(
              entry.line,
              service.key + "." + entry.key + ": the stack has a network of its own",
              "STACK_SUBNET sets its range; other networks go into the overlay by hand");
        }
        default -> {}
      }
    }
    common(service);
  }

  private void image(Entry service, Entry image) {
    if (EnvRules.isArmorys(YamlLines.unquoted(image.value))) {
      drop(image, service.key + "'s image is Armory's: SPINNAKER_RELEASE chooses it now");
    }
  }

  private void ports(Entry service, Entry ports) {
    if (!PUBLISHED.contains(service.key)) {
      drop(
          ports,
          service.key
              + "'s ports: the role publishes them, on the private address alone;"
              + " expose in agent.yaml for more");
    }
  }

  private void common(Entry service) {
    for (var entry : service.below) {
      switch (entry.key) {
        case "env_file" -> {
          entry.remove();
          note(entry.line, service.key + ".env_file: the variables come as environment");
        }
        case "hostname" -> drop(entry, service.key + " needs no host name");
        case "build" -> {
          entry.remove();
          todo(
              entry.line,
              service.key + ".build: the agent builds nothing",
              "push the image and name it");
        }
        case "environment" -> environment(service, entry);
        case "volumes" -> volumes(service, entry);
        default -> {}
      }
    }
  }

  private void environment(Entry service, Entry environment) {
    for (var entry : environment.below) {
      var text = YamlLines.unquoted(entry.value);
      var at = text.indexOf('=');
      var name = entry.isItem() && at > 0 ? text.substring(0, at) : entry.key;
      var value = entry.isItem() ? text.substring(at + 1) : text;
      if (SecretSigns.isSecret(name, value)) {
        entry.remove();
        todo(
            entry.line,
            service.key + "." + name + " is a secret, and would show in docker inspect",
            "put it into the Parameter Store as SecureString …/env/"
                + SecretSigns.variable(name)
                + " and deliver it as a Compose secret");
      }
    }
  }

  private void volumes(Entry service, Entry volumes) {
    for (var entry : volumes.below) {
      var text = YamlLines.unquoted(entry.value);
      var parts = text.split(":", -1);
      if (!entry.isItem() || parts.length < 2 || !entry.below.isEmpty()) {
        continue;
      }
      var target = parts[1].replaceFirst("/+$", "");
      if (target.equals("/opt/spinnaker/config")) {
        drop(entry, service.key + ": the agent mounts its own /opt/spinnaker/config");
      } else if (parts[0].startsWith(".")) {
        var source = Path.of(installation.at("compose"), parts[0]).normalize().toString();
        yaml.replace(entry, source + text.substring(parts[0].length()));
        stays(entry.line, source);
      } else if (parts[0].startsWith(installation.directory() + "/")) {
        stays(entry.line, parts[0]);
      }
    }
  }

  private void stays(int line, String source) {
    todo(
        line,
        source + " is mounted from the old installation",
        "keep it, or move it and change the overlay");
  }

  private void drop(Entry entry, String why) {
    entry.remove();
    note(entry.line, why);
  }

  private void note(int line, String what) {
    findings.add(Finding.note(where + ":" + line, what));
  }

  private void todo(int line, String what, String todo) {
    findings.add(Finding.todo(where + ":" + line, what, todo));
  }

  /// An overlay that gives containers what all of Armory's had from `env_file`, and the secrets
  /// that were taken out of files.
  ///
  /// @param variables for the environment of every Spring service, and of deck
  /// @param secrets service → name of the property → variable that holds it
  static String delivering(
      String directory, Set<String> variables, Map<String, Map<String, String>> secrets) {
    var out = new StringBuilder();
    out.append("# Made by `armory-agent import ").append(directory).append("`.\n");
    out.append(
        "# Every container of the old stack had all variables of the env files; these are the\n");
    out.append(
        "# ones that only the site's own configuration knows what to do with. A secret arrives as\n");
    out.append("# a file that Spring reads as the property of the same name.\n");
    if (!variables.isEmpty()) {
      out.append("x-imported: &imported\n");
      variables.forEach(name -> out.append("  - ").append(name).append('\n'));
    }
    out.append("services:\n");
    for (var service : Services.SPRING) {
      var files = secrets.getOrDefault(service, Map.of());
      if (variables.isEmpty() && files.isEmpty()) {
        continue;
      }
      out.append("  ").append(service).append(":\n");
      environment(out, variables);
      if (!files.isEmpty()) {
        out.append("    secrets:\n");
        files.forEach((property, variable) ->
            out.append("      - source: ")
                .append(variable)
                .append('\n')
                .append("        target: /run/secrets/spring/")
                .append(property)
                .append('\n'));
      }
    }
    if (!variables.isEmpty()) {
      out.append("  deck:\n");
      environment(out, variables);
    }
    var all = new TreeSet<String>();
    secrets.values().forEach(files -> all.addAll(files.values()));
    if (!all.isEmpty()) {
      out.append("secrets:\n");
      all.forEach(
          v -> out.append("  ").append(v).append(":\n    environment: ").append(v).append('\n'));
    }
    return out.toString();
  }

  private static void environment(StringBuilder out, Set<String> variables) {
    if (!variables.isEmpty()) {
      out.append("    environment: *imported\n");
    }
  }
}
