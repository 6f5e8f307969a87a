package io.armory.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.http.HttpFront;
import io.armory.agent.config.Environment;
import io.armory.agent.testing.FakeControl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The manual page's examples are given to the real command line, over a real control socket.
class ManualExamplesTest {
  private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|\\S+");

  @TempDir Path root;

  @Test
  void every_example_is_right_usage_and_every_command_has_one() throws IOException {
    var shown = new ArrayList<String>();
    try (var front = HttpFront.open()) {
      var socket = root.resolve("run/armory-agent/control.sock");
      front.serveControl(socket, new FakeControl(), InstantSource.system());
      for (var example : examples()) {
        shown.add(example.getFirst());
        var result = run(example);
        assertThat(result).as("armory-agent %s", example).doesNotContain("(see armory-agent");
      }
    }
    assertThat(shown).containsAll(commands());
  }

  @Test
  void no_sentence_of_a_help_text_is_cut() {
    for (var command : commands()) {
      var help = run(List.of(command, "--help"));
      var said = help.substring(0, Math.max(0, help.indexOf("\n      "))).lines().toList();
      assertThat(said).as(help).allMatch(l -> l.length() <= 80);
      for (var i = 0; i + 1 < said.size(); i++) {
        var next = said.get(i + 1);
        var word = next.substring(0, Math.max(0, (next + " ").indexOf(' ')));
        var line = said.get(i);
        assertThat(line.endsWith(".") || line.length() + 1 + word.length() >= 80 || isUsage(line))
            .as("cut short: %s", line)
            .isTrue();
      }
    }
  }

  private static boolean isUsage(String line) {
    return line.startsWith("Usage: ") || line.startsWith("     ");
  }

  private static List<String> commands() {
    return Pattern.compile("(?m)^  ([a-z][a-z-]+) +[A-Z]")
        .matcher(new ManualExamplesTest().run(List.of("--help")))
        .results()
        .map(r -> r.group(1))
        .toList();
  }

  /// Each as its words.
  private List<List<String>> examples() throws IOException {
    var page = Files.readString(Path.of("packaging/man/armory-agent.8.in"));
    var section = page.substring(page.indexOf(".SH EXAMPLES"), page.indexOf(".SH EXIT STATUS"));
    return section
        .lines()
        .filter(l -> l.startsWith(".B armory\\-agent "))
        .map(l -> l.substring(".B armory\\-agent ".length()))
        .map(l -> l.replace("\\-", "-").replace("\\(dq", "\""))
        .map(l -> WORD.matcher(l).results().map(r -> r.group().replace("\"", "")).toList())
        .toList();
  }

  private String run(List<String> example) {
    var out = new ByteArrayOutputStream();
    var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    var place = root == null ? Path.of("/") : root;
    var environment = new Environment(Map.of("ARMORY_AGENT_ROOT", place.toString()));
    var words = new ArrayList<>(example);
    words.replaceAll(w -> w.startsWith("/tmp/") ? place + w.substring("/tmp".length()) : w);
    if (words.getFirst().equals("exec")) {
      words.add(1, "--help");
    }
    Cli.run(
        words.toArray(String[]::new),
        new Terminal(stream, stream, false, environment),
        new NothingLocal(),
        (_, _, _) -> 0);
    return out.toString(StandardCharsets.UTF_8);
  }
}
