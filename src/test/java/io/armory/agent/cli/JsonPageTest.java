package io.armory.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.report.Finding;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.ImportReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `docs/json.md` has every field of every output in JSON, and no other.
class JsonPageTest {
  private static final Path PAGE = Path.of("docs/json.md");
  private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([^|]+) \\| (.+) \\|");
  private static final Pattern WORD = Pattern.compile("`([^`]+)`");

  /// Where the code names a field.
  private static final Pattern WRITTEN =
      Pattern.compile("\\.(?:field|object|objects|strings|numbers)\\(\\s*\"(\\w+)\"");

  @TempDir Path root;

  /// @param type as the page says, without what follows
  /// @param rare it may be absent
  private record Field(String type, boolean nullable, boolean rare, String meaning) {
    static Field of(String type, String meaning) {
      var plain = type.replace(", may be absent", "");
      return new Field(
          plain.replace(" or null", ""),
          plain.endsWith(" or null"),
          type.endsWith(", may be absent"),
          meaning);
    }

    boolean isForOperatorsAlone() {
      return meaning.endsWith(" *");
    }
  }

  /// What was seen of one section's outputs.
  private static final class Seen {
    final Map<String, Set<String>> types = new TreeMap<>();

    /// The objects by their path, each with the paths that it has.
    final Map<String, List<Set<String>>> objects = new TreeMap<>();

    void walk(String path, JsonNode node) {
      if (node.isObject()) {
        note(path, "object");
        var has = new TreeSet<String>();
        node.properties()
            .forEach(e -> {
              var name = named(path.isEmpty() ? e.getKey() : path + "." + e.getKey(), e.getValue());
              has.add(e.getValue().isArray() ? name + "[]" : name);
              walk(name, e.getValue());
            });
        objects.computeIfAbsent(path, _ -> new ArrayList<>()).add(has);
      } else if (node.isArray()) {
        types.computeIfAbsent(path + "[]", _ -> new TreeSet<>());
        node.forEach(n -> walk(path + "[]", n));
      } else {
        note(path, type(node));
      }
    }

    private void note(String path, String type) {
      types.computeIfAbsent(path, _ -> new TreeSet<>()).add(type);
    }

    /// Names that are not fixed.
    private static String named(String path, JsonNode value) {
      return path.startsWith("identity.facts.") && value.isObject()
              || path.startsWith("systems.") && value.isBoolean()
          ? path.substring(0, path.lastIndexOf('.')) + ".NAME"
          : path;
    }

    private static String type(JsonNode node) {
      return switch (node.getNodeType()) {
        case NULL -> "null";
        case BOOLEAN -> "boolean";
        case NUMBER -> node.isIntegralNumber() ? "integer" : "number";
        default -> isInstant(node.asText()) ? "instant" : "text";
      };
    }

    private static boolean isInstant(String text) {
      try {
        Instant.parse(text);
        return true;
      } catch (DateTimeParseException e) {
        return false;
      }
    }
  }

  @Test
  void every_field_is_on_the_page_with_its_type_and_no_other_is() throws IOException {
    var sections = sections();
    var outputs = new JsonSamples(root).all();
    assertThat(sections.keySet()).containsExactlyInAnyOrderElementsOf(outputs.keySet());
    var wrong = new SoftAssertions();
    for (var section : sections.entrySet()) {
      var seen = new Seen();
      found(outputs, section.getKey()).forEach(o -> seen.walk("", read(o)));
      compare(wrong, section.getKey(), section.getValue(), seen);
    }
    wrong.assertAll();
  }

  private static void compare(
      SoftAssertions wrong, String name, Map<String, Field> page, Seen seen) {
    seen.types.remove("");
    seen.types.remove("[]");
    wrong
        .assertThat(seen.types.keySet())
        .as(name)
        .containsExactlyInAnyOrderElementsOf(page.keySet());
    page.forEach((path, field) -> {
      var types = seen.types.getOrDefault(path, Set.of());
      wrong.assertThat(types).as("%s: %s", name, path).isSubsetOf(types(field));
      wrong
          .assertThat(types.contains("null"))
          .as("%s: %s is null in some output", name, path)
          .isEqualTo(field.nullable);
      var parents = seen.objects.getOrDefault(parent(path), List.of());
      wrong
          .assertThat(parents.stream().anyMatch(has -> !has.contains(path)))
          .as("%s: %s is absent in some output", name, path)
          .isEqualTo(field.rare);
    });
  }

  private static Set<String> types(Field field) {
    return switch (field.type) {
      // Text of others may look like anything.
      case "text" -> Set.of("text", "instant", "null");
      default -> Set.of(field.type, "null");
    };
  }

  private static String parent(String path) {
    var dot = path.lastIndexOf('.');
    return dot < 0 ? "" : path.substring(0, dot);
  }

  /// A field that no sample has would not be missed otherwise.
  @Test
  void every_name_in_the_code_is_on_the_page() throws IOException {
    var known =
        sections().values().stream()
            .flatMap(s -> s.keySet().stream())
            .map(p -> p.substring(p.lastIndexOf('.') + 1).replace("[]", ""))
            .collect(Collectors.toSet());
    for (var file : writers()) {
      var written = WRITTEN.matcher(Files.readString(file)).results().map(m -> m.group(1)).toList();
      assertThat(known).as(file.toString()).containsAll(written);
    }
  }

  /// All but what commands stream to their own client, and what a support bundle says of itself.
  private static List<Path> writers() throws IOException {
    try (var files = Files.walk(Path.of("src/main/java/io/armory/agent"))) {
      return files
          .filter(f -> f.toString().endsWith(".java"))
          .filter(f -> f.toString().contains("/view/") || imports(f))
          .filter(f -> !f.endsWith("Commands.java") && !f.endsWith("SupportBundleCommand.java"))
          .toList();
    }
  }

  private static boolean imports(Path file) {
    try {
      return Files.readString(file).contains("import io.armory.agent.view.Json;");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void what_the_health_port_tells_nobody_is_marked() throws IOException {
    var page = found(sections(), JsonSamples.STATUS);
    var open = new Seen();
    JsonSamples.publicReports().forEach(o -> open.walk("", read(o)));
    var hidden = new TreeSet<>(page.keySet());
    hidden.removeAll(open.types.keySet());
    var marked =
        page.entrySet().stream()
            .filter(p -> p.getValue().isForOperatorsAlone())
            .map(Map.Entry::getKey)
            .toList();
    assertThat(hidden).containsExactlyInAnyOrderElementsOf(marked);
  }

  @Test
  void the_words_that_programs_compare_are_all_named() throws IOException {
    var sections = sections();
    var status = found(sections, JsonSamples.STATUS);
    assertWords(found(status, "phase"), Phase.values());
    assertWords(found(status, "services[].state"), ServiceReport.State.values());
    assertWords(found(status, "redis.state"), RedisReport.State.values());
    assertWords(found(status, "lifecycle.drain.cause"), Drain.Cause.values());
    assertWords(found(status, "lifecycle.drain.step"), Drain.Step.values());
    assertWords(
        found(found(sections, "`history --json`"), "revisions[].end"), RevisionEntry.End.values());
    assertWords(
        found(found(sections, "`doctor --json`"), "checks[].result"), Check.Result.values());
    assertWords(
        found(found(sections, "`import --json`"), "findings[].kind"), Finding.Kind.values());
    assertWords(
        found(found(sections, "`import --json`"), "files[].state"), ImportReport.State.values());
    assertWords(found(found(sections, "Alerts"), "condition"), Alert.Condition.values());
  }

  private static <V> V found(Map<String, V> all, String key) {
    return Objects.requireNonNull(all.get(key), key);
  }

  private static void assertWords(Field field, Enum<?>... constants) {
    var named =
        WORD.matcher(field.meaning).results().map(m -> m.group(1).replace(' ', '-')).toList();
    var words =
        Arrays.stream(constants)
            .map(c -> c.name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .toList();
    assertThat(named).containsExactlyInAnyOrderElementsOf(words);
  }

  @Test
  void every_command_with_json_has_a_section() throws IOException {
    var page = Files.readString(PAGE);
    for (var command : commands()) {
      var help = new JsonSamples(root).run(command, "--help");
      assertThat(page.contains("\n## `" + command + " --json`"))
          .as(command)
          .isEqualTo(Pattern.compile("(?m)^ +--json\\b").matcher(help).find());
    }
  }

  private List<String> commands() {
    return Pattern.compile("(?m)^  ([a-z][a-z-]+) +[A-Z]")
        .matcher(new JsonSamples(root).run("--help"))
        .results()
        .map(r -> r.group(1))
        .toList();
  }

  private static JsonNode read(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new AssertionError(text, e);
    }
  }

  /// The tables by their headings; a section without one has nothing to be compared.
  private static Map<String, Map<String, Field>> sections() throws IOException {
    var all = new LinkedHashMap<String, Map<String, Field>>();
    for (var part : Files.readString(PAGE).split("\n## ", -1)) {
      var fields = new LinkedHashMap<String, Field>();
      ROW.matcher(part)
          .results()
          .forEach(
              m -> assertThat(fields.put(m.group(1), Field.of(m.group(2), m.group(3)))).isNull());
      if (!fields.isEmpty()) {
        all.put(part.lines().findFirst().orElseThrow(), fields);
      }
    }
    return all;
  }
}
