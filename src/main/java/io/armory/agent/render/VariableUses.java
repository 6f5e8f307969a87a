package io.armory.agent.render;

import io.armory.agent.domain.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

  /// What a variable is where nobody says.
  ///
  /// @param where it is written first
  record Default(String value, String where) {}

  static SortedMap<String, Default> defaults(List<SourceText> texts) {
    var all = new TreeMap<String, Default>();
    for (var text : texts) {
      for (var i = 0; i < text.lines().size(); i++) {
        var line = text.lines().get(i);
        if (line.stripLeading().startsWith("#")) {
          continue;
        }
        var match = USE.matcher(line);
        // What follows the operator may hold uses of its own.
        for (var from = 0; match.find(from); from = match.end()) {
          if (match.group(1) != null && "-".equals(lastOf(match.group(2)))) {
            all.putIfAbsent(
                match.group(1), new Default(untilBrace(line, match.end()), text.where(i)));
          }
        }
      }
    }
    return all;
  }

  private static String lastOf(@Nullable String operator) {
    return operator == null ? "" : operator.substring(operator.length() - 1);
  }

  private static String untilBrace(String line, int from) {
    var open = 1;
    for (var i = from; i < line.length(); i++) {
      open += line.charAt(i) == '{' ? 1 : line.charAt(i) == '}' ? -1 : 0;
      if (open == 0) {
        return line.substring(from, i);
      }
    }
    return line.substring(from);
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
