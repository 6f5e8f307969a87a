package io.armory.agent.compose.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// `compose/attributes.txt` says of every attribute that is let in what becomes of it; that it is
/// so is tried by `AttributesTest`.
class SpecificationTest {
  private static final Map<String, Shape> KINDS =
      Map.of(
          "service", ServiceSpecification.SERVICE,
          "network", Specification.NETWORK,
          "volume", Specification.VOLUME,
          "config", Specification.CONFIG,
          "secret", Specification.SECRET);

  @Test
  void every_attribute_is_accounted_for() throws IOException {
    var known =
        Files.readAllLines(Path.of("src/test/resources/compose/attributes.txt")).stream()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.split(" \\|", 2)[0].replaceAll("\\[]|\\.\\*", ""))
            .collect(Collectors.toSet());
    // Nothing is built: it is for those who build.
    known.add("service.build");
    var missing = new TreeSet<String>();
    KINDS.forEach((kind, shape) -> walk(kind, shape, known, missing));

    assertThat(missing).isEmpty();
  }

  /// One may be accounted for as a whole, or by its parts.
  private static void walk(String path, Shape shape, Set<String> known, Set<String> missing) {
    if (known.contains(path)) {
      return;
    }
    if (known.stream().noneMatch(name -> name.startsWith(path + "."))) {
      missing.add(path);
    }
    var keys = shape.keys();
    var items = shape.items();
    shape.fields().forEach((name, field) -> walk(path + "." + name, field, known, missing));
    if (keys != null) {
      walk(path, keys.value(), known, missing);
    }
    if (items != null) {
      walk(path, items, known, missing);
    }
  }
}
