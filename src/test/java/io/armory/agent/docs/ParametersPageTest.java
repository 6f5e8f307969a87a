package io.armory.agent.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// `docs/parameters.md` lists every variable of the shipped Compose files. The names, defaults and
/// roles are generated; the meanings are kept: with `-Darmory.golden=write` the table is written
/// anew, and what is new has a meaning to be filled in.
class ParametersPageTest {
  private static final Path PAGE = Path.of("docs/parameters.md");
  private static final Path TEMPLATES = Path.of("compose-templates");
  private static final Pattern USE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(:?[-+?])");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([A-Z0-9_]+)` \\| .* \\| (.*) \\| .* \\|$");
  private static final String HEAD =
      "| parameter | default | meaning | read for |\n|---|---|---|---|\n";

  private static final class Found {
    String standard = "";
    boolean required;
    final TreeSet<String> files = new TreeSet<>();
  }

  @Test
  void every_variable_of_the_templates_has_its_default_meaning_and_roles() throws IOException {
    var page = Files.readString(PAGE);
    var meanings = new LinkedHashMap<String, String>();
    ROW.matcher(page).results().forEach(m -> meanings.put(m.group(1), m.group(2)));
    var begin = page.indexOf(HEAD);
    var end = page.indexOf("\n\n", begin);
    var wanted = HEAD + table(meanings);
    if ("write".equals(System.getProperty("armory.golden"))) {
      Files.writeString(PAGE, page.substring(0, begin) + wanted + page.substring(end));
    }
    assertThat(page.substring(begin, end)).isEqualTo(wanted);
    assertThat(meanings.values()).noneMatch(String::isBlank);
  }

  private static String table(Map<String, String> meanings) throws IOException {
    return found().entrySet().stream()
        .map(e ->
            "| `%s` | %s | %s | %s |"
                .formatted(
                    e.getKey(),
                    standard(e.getValue()),
                    meanings.getOrDefault(e.getKey(), ""),
                    roles(e.getValue())))
        .collect(Collectors.joining("\n"));
  }

  private static String standard(Found found) {
    return found.required ? "required" : found.standard.isEmpty() ? "" : "`" + found.standard + "`";
  }

  /// What the base file uses, every role does.
  private static String roles(Found found) {
    return found.files.contains("spinnaker")
        ? "every role"
        : String.join(", ", found.files).replace("logging-", "logging profile ");
  }

  private static Map<String, Found> found() throws IOException {
    var all = new TreeMap<String, Found>();
    for (var file : files()) {
      var name = file.getFileName().toString().replace(".yml", "");
      for (var line : Files.readAllLines(file)) {
        if (!line.stripLeading().startsWith("#")) {
          var match = USE.matcher(line);
          while (match.find()) {
            var one = all.computeIfAbsent(match.group(1), _ -> new Found());
            note(one, match.group(2), line.substring(match.end()), name);
          }
        }
      }
    }
    return all;
  }

  private static void note(Found one, String operator, String rest, String file) {
    var known = one.files.contains("spinnaker");
    one.files.add(file);
    if (operator.endsWith("?") && !known) {
      one.required = true;
    } else if (operator.endsWith("-") && one.standard.isEmpty()) {
      one.standard = untilBrace(rest);
    }
  }

  private static String untilBrace(String text) {
    var open = 1;
    for (var i = 0; i < text.length(); i++) {
      open += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
      if (open == 0) {
        return text.substring(0, i);
      }
    }
    return text;
  }

  /// The base first: what a role asks for in its place is the role's own matter.
  private static List<Path> files() throws IOException {
    var all = new java.util.ArrayList<>(List.of(TEMPLATES.resolve("spinnaker.yml")));
    for (var directory : List.of(TEMPLATES.resolve("roles"), TEMPLATES)) {
      try (var files = Files.list(directory)) {
        files
            .filter(f -> f.toString().endsWith(".yml") && !f.endsWith("spinnaker.yml"))
            .sorted()
            .forEach(all::add);
      }
    }
    return all;
  }
}
