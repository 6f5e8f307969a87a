package io.armory.agent.render;

import io.armory.agent.domain.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Where Compose files use which variable.
final class VariableUses {
  /// `$NAME`, `${NAME`, `${NAME:+`, …; not the `$$` of a literal dollar.
  private static final Pattern USE =
      Pattern.compile(
          "(?<!\\$)(?:\\$\\$)*\\$(?:\\{([A-Za-z_][A-Za-z0-9_]*)(:?[-+?])?|([A-Za-z_][A-Za-z0-9_]*))");

  private VariableUses() {}

  private record Use(String name, String operator) {}

  static Set<String> names(List<SourceText> texts) {
    var names = new TreeSet<String>();
    for (var text : texts) {
      for (var line : text.lines()) {
        uses(line).forEach(use -> names.add(use.name()));
      }
    }
    return names;
  }

  /// Every place where a secret's value would become part of the Compose file, and with it of
  /// `docker inspect` and of files on disk. Asking whether it is set (`${NAME:+…}`) is no such
  /// place.
  static List<Problem> ofSecrets(List<SourceText> texts, Set<String> secrets) {
    var problems = new ArrayList<Problem>();
    for (var text : texts) {
      for (var i = 0; i < text.lines().size(); i++) {
        for (var use : uses(text.lines().get(i))) {
          if (secrets.contains(use.name()) && !use.operator().endsWith("+")) {
            problems.add(inTheOpen(text.where(i), use.name()));
          }
        }
      }
    }
    return problems;
  }

  static Problem inTheOpen(String where, String name) {
    return new Problem(
        where,
        "the secret parameter "
            + name
            + " would be readable here by everybody who may inspect a"
            + " container",
        "deliver it as a file: secrets: {NAME: {environment: " + name + "}}");
  }

  private static List<Use> uses(String line) {
    if (line.indexOf('$') < 0 || line.stripLeading().startsWith("#")) {
      return List.of();
    }
    var uses = new ArrayList<Use>();
    var match = USE.matcher(line);
    while (match.find()) {
      var braced = match.group(1);
      var operator = match.group(2);
      var name = braced != null ? braced : match.group(3);
      if (name != null) {
        uses.add(new Use(name, operator == null ? "" : operator));
      }
    }
    return uses;
  }
}
