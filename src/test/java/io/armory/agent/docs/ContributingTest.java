package io.armory.agent.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every command that `CONTRIBUTING.md` shows can be given as it stands there: its tests, options,
/// profiles and files exist. A command of a kind that is not known here fails.
class ContributingTest {
  private static final Path PAGE = Path.of("CONTRIBUTING.md");
  private static final Pattern TESTS = Pattern.compile("-D(?:it\\.)?test=(\\S+)");
  private static final Pattern PROFILE = Pattern.compile("-P(\\w+)");
  private static final Pattern FILE =
      Pattern.compile(
          "(?<![\\w/.-])((?:src|packaging|docs|systemd|compose-templates|\\.ci|\\.github)/[\\w./*-]*[\\w*])");
  private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\|(.*)\\|(.*)\\|$");

  private static final String USAGE = output("./dev", "help");

  @TestFactory
  Stream<DynamicTest> every_command_can_be_given() throws IOException {
    var commands = commands();
    assertThat(commands).hasSizeGreaterThan(10);
    return commands.stream().map(c -> DynamicTest.dynamicTest(c, () -> check(c)));
  }

  @Test
  void every_row_of_the_table_says_how_long_its_command_takes() throws IOException {
    var rows = Files.readAllLines(PAGE).stream().map(ROW::matcher).filter(m -> m.find()).toList();
    assertThat(rows).hasSizeGreaterThan(8);
    assertThat(rows)
        .allSatisfy(row -> assertThat(row.group(3)).as(row.group(1)).matches(".*\\d+ (s|min|h).*"));
  }

  @Test
  void every_file_that_is_named_exists() throws IOException {
    var named =
        FILE.matcher(Files.readString(PAGE)).results().map(r -> r.group(1)).distinct().toList();
    assertThat(named).isNotEmpty().allSatisfy(f -> assertThat(exists(f)).as(f).isTrue());
  }

  /// The lines of the fenced blocks, without their comments, and the first column of the table.
  private static List<String> commands() throws IOException {
    var found = new ArrayList<String>();
    var fenced = false;
    for (var line : Files.readAllLines(PAGE)) {
      var row = ROW.matcher(line);
      if (line.strip().startsWith("```")) {
        fenced = !fenced;
      } else if (fenced && !line.isBlank()) {
        found.add(line.replaceFirst("\\s+#.*", "").strip());
      } else if (row.find()) {
        found.add(row.group(1));
      }
    }
    return found;
  }

  private static void check(String command) throws IOException {
    var words = command.split("\\s+", -1);
    switch (words[0]) {
      case "./dev" -> checkDev(command, words);
      case "mvn", "./mvnw" -> assertThat(Path.of("mvnw")).isExecutable();
      case "docker" -> checkStandIn(words);
      case "shellcheck" ->
          assertThat(List.of(words).subList(1, words.length)).allMatch(ContributingTest::exists);
      case ".ci/run" -> assertThat(Path.of(".ci/run")).isExecutable();
      case "git" -> assertThat(words[1]).isIn("push", "tag");
      default -> throw new AssertionError("this test does not know how to check: " + command);
    }
    for (var tests : TESTS.matcher(command).results().map(r -> r.group(1)).toList()) {
      // The usual way to run none of one kind; Maven has to be told that it is meant.
      if (tests.equals("none")) {
        assertThat(command).contains("-Dsurefire.failIfNoSpecifiedTests=false");
      } else {
        Stream.of(tests.split(",", -1)).forEach(ContributingTest::isATest);
      }
    }
    for (var profile : PROFILE.matcher(command).results().map(r -> r.group(1)).toList()) {
      assertThat(Files.readString(Path.of("pom.xml"))).contains("<id>" + profile + "</id>");
    }
  }

  /// The usage lists each command with its options; what is in capital letters is the user's.
  private static void checkDev(String command, String[] words) {
    assertThat(USAGE).containsPattern("(?m)^  " + words[1] + "\\b");
    for (var word : List.of(words).subList(2, words.length)) {
      if (word.replaceAll("[\\[\\]]", "").startsWith("--")) {
        assertThat(USAGE).as(command).contains(word.replaceAll("[\\[\\]]", ""));
      } else if (words[1].equals("quick") && !word.startsWith("TEST")) {
        isATest(word);
      } else if (words[1].equals("demo")) {
        assertThat(USAGE).contains("demo " + word);
      }
    }
  }

  private static void checkStandIn(String[] words) throws IOException {
    assertThat(List.of(words)).containsSubsequence("exec", "/standin", "ctl");
    var source = Files.readString(Path.of("src/test/rig/standin.c"));
    assertThat(source).contains("\"" + words[words.length - 1] + "\"");
  }

  /// @param name a class, `Class#method`, or a name with an asterisk
  private static void isATest(String name) {
    var type = name.replaceFirst("#.*", "");
    try (var files = Files.walk(Path.of("src/test/java"))) {
      var matcher = FileSystems.getDefault().getPathMatcher("glob:**/" + type + ".java");
      var source = files.filter(matcher::matches).findFirst();
      assertThat(source).as("the test " + type).isPresent();
      if (name.contains("#")) {
        assertThat(Files.readString(source.orElseThrow()))
            .contains("void " + name.replaceFirst(".*#", "") + "(");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean exists(String pattern) {
    var path = Path.of(pattern);
    var parent = path.getParent();
    if (parent == null || !pattern.contains("*")) {
      return Files.exists(path);
    }
    try (var found =
        Files.newDirectoryStream(parent, pattern.substring(pattern.lastIndexOf('/') + 1))) {
      return found.iterator().hasNext();
    } catch (IOException e) {
      return false;
    }
  }

  private static String output(String... command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
