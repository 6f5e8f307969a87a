package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.compose.ComposeResult.Loaded;
import io.armory.agent.compose.ComposeResult.Rejected;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.ComposeGeneration;
import io.armory.agent.domain.stack.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every case gets the reference's answer, or the deviation that `compose/deviations.txt` records
/// with its reason.
class ComposeCasesTest {
  private static final Path RESOURCES = Path.of("src/test/resources/compose");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static List<ReferenceCase> cases() throws IOException {
    try (Stream<Path> files = Files.list(RESOURCES.resolve("cases"))) {
      return files.sorted().map(ComposeCasesTest::read).toList();
    }
  }

  /// More inputs, each with the reference's answer.
  @TestFactory
  Stream<DynamicTest> answers_as_the_reference_to_many_more() throws IOException {
    List<ReferenceCase> many = new ArrayList<>();
    try (Stream<Path> files = Files.list(RESOURCES.resolve("differential"))) {
      for (Path file : files.sorted().toList()) {
        many.addAll(ReferenceCase.parseAll(Files.readString(file)));
      }
    }
    assertThat(many).hasSizeGreaterThan(1000);
    Map<String, String> deviations = deviations();
    return many.stream()
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c, deviations.get(c.name()))));
  }

  private static ReferenceCase read(Path file) {
    try {
      String name = file.getFileName().toString().replace(".txt", "");
      return ReferenceCase.parse(name, Files.readString(file));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Case → kind.
  private static Map<String, String> deviations() throws IOException {
    Map<String, String> deviations = new TreeMap<>();
    for (String line : Files.readAllLines(RESOURCES.resolve("deviations.txt"))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.split("\\s+", 3);
        assertThat(parts).as("CASE KIND REASON: %s", line).hasSize(3);
        List.of(parts[0].split(",", -1)).forEach(name -> deviations.put(name, parts[1]));
      }
    }
    return deviations;
  }

  @TestFactory
  Stream<DynamicTest> answers_as_the_reference() throws IOException {
    Map<String, String> deviations = deviations();
    return cases().stream()
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c, deviations.get(c.name()))));
  }

  @Test
  void every_deviation_is_of_a_case_and_they_are_few() throws IOException {
    List<String> all = new ArrayList<>(cases().stream().map(ReferenceCase::name).toList());
    try (Stream<Path> files = Files.list(RESOURCES.resolve("differential"))) {
      for (Path file : files.toList()) {
        ReferenceCase.parseAll(Files.readString(file)).forEach(c -> all.add(c.name()));
      }
    }
    assertThat(all).containsAll(deviations().keySet());
    try (Stream<String> lines = Files.lines(RESOURCES.resolve("deviations.txt"))) {
      assertThat(lines.filter(line -> !line.isBlank() && !line.startsWith("#")))
          .hasSizeLessThan(20);
    }
  }

  private static void check(ReferenceCase c, @Nullable String deviation) throws IOException {
    ComposeResult result = ComposeLoader.load(c.request(), c.sources());
    if ("rejected".equals(deviation)) {
      assertThat(c.expected("err")).as("the reference accepts it").isNull();
      rejected(result);
    } else if ("accepted".equals(deviation)) {
      assertThat(c.expected("err")).as("the reference rejects it").isNotNull();
      assertThat(result).isInstanceOf(Loaded.class);
    } else if (c.expected("err") != null) {
      rejected(result);
    } else {
      equal(c, result, deviation);
    }
  }

  private static void rejected(ComposeResult result) {
    assertThat(result).isInstanceOf(Rejected.class);
    List<Problem> problems = ((Rejected) result).problems();
    assertThat(problems).isNotEmpty();
    assertThat(problems)
        .allSatisfy(p -> {
          assertThat(p.where()).startsWith("/cases/");
          assertThat(p.what()).isNotBlank();
          assertThat(p.todo()).isNotBlank();
        });
  }

  private static void equal(ReferenceCase c, ComposeResult result, @Nullable String deviation)
      throws IOException {
    Loaded loaded = loaded(result);
    if (!"json".equals(deviation)) {
      json(c, loaded, Objects.requireNonNull(c.expected("json")));
    }
    if (!"hash".equals(deviation)) {
      hashes(c, loaded);
    }
    warnings(c, loaded);
    String all = c.expected("all.json");
    if (all != null) {
      json(c, loaded(everything(c)), all);
    }
    readsItself(loaded);
  }

  private static Loaded loaded(ComposeResult result) {
    assertThat(result)
        .as(() ->
            result instanceof Rejected r
                ? String.join("\n", r.problems().stream().map(Problem::line).toList())
                : "")
        .isInstanceOf(Loaded.class);
    return (Loaded) result;
  }

  private static ComposeResult everything(ReferenceCase c) {
    return ComposeLoader.load(c.request().withProfiles(List.of("*")), c.sources());
  }

  private static void json(ReferenceCase c, Loaded loaded, String expected) throws IOException {
    JsonNode ours = JSON.readTree(loaded.model().json());
    // Printed since 5.3 alone.
    ours.path("networks")
        .forEach(n -> {
          if (n.path("ipam") instanceof ObjectNode ipam) {
            ipam.remove("options");
          }
        });
    JsonNode theirs = JSON.readTree(c.placed(expected));
    assertThat(pretty(ours)).isEqualTo(pretty(theirs));
  }

  private static String pretty(JsonNode node) throws IOException {
    Object plain = JSON.treeToValue(node, Object.class);
    return JSON.writerWithDefaultPrettyPrinter()
        .with(com.fasterxml.jackson.databind.SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
        .writeValueAsString(plain);
  }

  /// Those of both references; the container of another service has no ID here.
  private static void hashes(ReferenceCase c, Loaded loaded) {
    hashes(c.expected("hash"), ComposeGeneration.V2_26, loaded);
    hashes(c.expected("hash.2.40"), ComposeGeneration.of("2.40.3"), loaded);
    hashes(c.expected("hash.5"), ComposeGeneration.V5_0, loaded);
  }

  private static void hashes(
      @Nullable String expected, ComposeGeneration generation, Loaded loaded) {
    if (expected == null) {
      return;
    }
    Map<String, String> ours = new HashMap<>();
    loaded
        .stack()
        .services()
        .forEach((name, s) ->
            ours.put(
                name,
                Objects.requireNonNull(s.configHashes().byGeneration().get(generation)).value()));
    expected
        .lines()
        .filter(line -> !line.isBlank())
        .forEach(line -> {
          String[] parts = line.split(" ", 2);
          assertThat(ours).containsEntry(parts[0], parts[1]);
        });
  }

  private static void warnings(ReferenceCase c, Loaded loaded) {
    String expected = c.expected("warn");
    if (expected == null) {
      return;
    }
    for (String line : c.placed(expected).lines().toList()) {
      String message = line.replaceFirst("^level=warning msg=\"", "").replaceFirst("\"$", "");
      assertThat(loaded.warnings()).contains(message.replace("\\\"", "\""));
    }
  }

  /// Not of the newest: it tells a host path that shall not be made from one that is not spoken of,
  /// and what we write says it either way.
  private static List<String> readAgain(Service service) {
    return service.configHashes().byGeneration().entrySet().stream()
        .filter(e -> e.getKey() != ComposeGeneration.NEWEST)
        .map(e -> e.getValue().value())
        .toList();
  }

  /// What we write loads to the same again.
  private static void readsItself(Loaded loaded) {
    MemoryFiles files = new MemoryFiles();
    files.put("/again/compose.yaml", loaded.model().yaml());
    ComposeRequest request =
        ComposeRequest.of("/again", List.of("compose.yaml")).withProfiles(List.of("*"));
    Loaded again = loaded(ComposeLoader.load(request, files));
    loaded
        .stack()
        .services()
        .forEach((name, service) ->
            assertThat(readAgain(Objects.requireNonNull(again.stack().services().get(name))))
                .as(loaded.model().yaml())
                .isEqualTo(readAgain(service)));
  }
}
