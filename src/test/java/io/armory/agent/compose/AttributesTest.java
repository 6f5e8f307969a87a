package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.ComposeResult.Loaded;
import io.armory.agent.domain.stack.Stack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every attribute of the specification is carried out, refused or warned about, as
/// `compose/attributes.txt` says: none is accepted and ignored.
class AttributesTest {
  private static final String SERVICE =
      """
      services:
        a: {image: i, %s}
        b: {image: i, environment: {FROM: b}}
      networks: {n: {%s}}
      volumes: {vol: {%s}}
      configs: {c: {%s}}
      secrets: {s: {%s}}
      """;

  @TestFactory
  Stream<DynamicTest> no_attribute_is_ignored() throws IOException {
    return Files.readAllLines(Path.of("src/test/resources/compose/attributes.txt")).stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> List.of(line.split(" \\| ?", -1)))
        .map(row -> DynamicTest.dynamicTest(row.get(0), () -> check(row)));
  }

  private static void check(List<String> row) {
    String attribute = row.get(0);
    ComposeResult with = load(attribute, row.get(2));
    switch (row.get(1)) {
      case "refused" -> names(Loading.problems(with), attribute);
      case "warned" -> names(Loading.loaded(with).warnings(), attribute);
      default -> {
        Loaded loaded = Loading.loaded(with);
        Loaded without = Loading.loaded(load(attribute, row.size() > 3 ? row.get(3) : ""));
        assertThat(essence(loaded)).isNotEqualTo(essence(without));
      }
    }
  }

  /// A group of attributes may be named as one.
  private static void names(List<String> messages, String attribute) {
    List<String> names = List.of(attribute.replace("[]", "").split("\\.", -1));
    assertThat(messages)
        .anySatisfy(m ->
            assertThat(names.subList(Math.max(1, names.size() - 3), names.size()))
                .anySatisfy(name -> assertThat(m).containsPattern("[.]" + name + "\\b")));
  }

  private static ComposeResult load(String attribute, String said) {
    String kind = attribute.substring(0, attribute.indexOf('.'));
    String yaml =
        SERVICE.formatted(
            (kind.equals("service") && !said.isEmpty() && !said.startsWith("image:")
                    ? said + ", "
                    : "")
                + used(kind.equals("service") ? said : ""),
            kind.equals("network") ? said : "",
            kind.equals("volume") ? said : "",
            kind.equals("config") && !said.isEmpty() ? said : "file: one.env",
            kind.equals("secret") && !said.isEmpty() ? said : "file: one.env");
    if (said.startsWith("image:")) {
      yaml = yaml.replaceFirst("image: i", said);
    }
    return Loading.load(
        Map.of(
            Loading.FILE,
            yaml,
            "/p/one.env",
            "X='1'\n",
            "/p/other.yaml",
            "services: {x: {image: i, user: other}}\n"),
        Map.of("PATH", "/bin"));
  }

  /// What is used is not dropped.
  private static String used(String said) {
    List<String> uses = new ArrayList<>();
    if (!said.startsWith("networks:") && !said.startsWith("network_mode:")) {
      uses.add("networks: {n: }");
    }
    if (!said.startsWith("volumes:")) {
      uses.add("volumes: [\"vol:/v\"]");
    }
    if (!said.startsWith("configs:")) {
      uses.add("configs: [c]");
    }
    if (!said.startsWith("secrets:")) {
      uses.add("secrets: [s]");
    }
    return String.join(", ", uses);
  }

  /// All but the hashes, which hold every attribute.
  private static Object essence(Loaded loaded) {
    Stack stack = loaded.stack();
    List<Object> all = new ArrayList<>();
    stack
        .services()
        .forEach((name, s) ->
            all.add(
                List.of(
                    name,
                    s.replicas(),
                    s.container(),
                    s.pullPolicy(),
                    s.dependsOn(),
                    s.stopGracePeriod(),
                    s.postStart(),
                    s.preStop(),
                    s.startFirst())));
    stack
        .networks()
        .values()
        .forEach(n -> all.add(n.toString().replaceAll("definitionHash=\\w+", "")));
    stack
        .volumes()
        .values()
        .forEach(v -> all.add(v.toString().replaceAll("definitionHash=\\w+", "")));
    all.add(loaded.files());
    return all;
  }
}
