package io.armory.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.config.Environment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The `armory-agent` commands that the pages show exist, with the options that are shown.
class DocumentedCommandsTest {
  private static final Pattern CODE = Pattern.compile("```.*?```|`[^`\n]+`", Pattern.DOTALL);
  private static final Pattern COMMAND =
      Pattern.compile("armory-agent ([a-z][a-z-]*)((?: [^\\s`#;|]+)*)");

  @Test
  void what_the_pages_show_exists() throws IOException {
    var options = new TreeMap<String, List<String>>();
    for (var page : pages()) {
      for (var code : CODE.matcher(Files.readString(page)).results().map(r -> r.group()).toList()) {
        COMMAND.matcher(code).results().forEach(c -> note(c.group(1), c.group(2), options));
      }
    }
    assertThat(options).containsKeys("status", "sync", "drain", "doctor");
    options.forEach((command, shown) -> {
      var help = help(command);
      assertThat(shown).as("armory-agent %s", command).allMatch(help::contains);
    });
  }

  /// The table of `docs/operating.md` leaves the program's name out.
  @Test
  void every_command_is_in_the_operators_table() throws IOException {
    var page = Files.readString(Path.of("docs/operating.md"));
    var missing = new ArrayList<String>();
    Pattern.compile("(?m)^  ([a-z][a-z-]+) +[A-Z]")
        .matcher(help(""))
        .results()
        .map(r -> r.group(1))
        .filter(c -> !List.of("run", "import").contains(c))
        .filter(c -> !Pattern.compile("(?m)^\\|.*`" + c + "\\b").matcher(page).find())
        .forEach(missing::add);
    assertThat(missing).isEmpty();
  }

  private static void note(String command, String arguments, Map<String, List<String>> options) {
    var of = options.computeIfAbsent(command, _ -> new ArrayList<>());
    for (var word : arguments.strip().split("\\s+", -1)) {
      if (word.startsWith("--")) {
        of.add(word.replaceAll("[^a-z-].*", ""));
      }
    }
  }

  private static String help(String command) {
    var out = new ByteArrayOutputStream();
    var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    var terminal = new Terminal(stream, stream, false, new Environment(Map.of()));
    var arguments = command.isEmpty() ? new String[] {"--help"} : new String[] {command, "--help"};
    var exit = Cli.run(arguments, terminal, new NothingLocal(), (_, _, _) -> 0);
    assertThat(exit).as("armory-agent %s --help: %s", command, out).isZero();
    return out.toString(StandardCharsets.UTF_8);
  }

  private static List<Path> pages() throws IOException {
    var found = new ArrayList<>(List.of(Path.of("README.md"), Path.of("SECURITY.md")));
    try (var files = Files.list(Path.of("docs"))) {
      files.filter(f -> f.toString().endsWith(".md")).sorted().forEach(found::add);
    }
    return found;
  }
}
