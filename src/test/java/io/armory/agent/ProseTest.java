package io.armory.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What is decided is decided by types: a sentence that is meant for people can be put into other
/// words, and nothing else changes. Other programs' words are read where they come in, in the
/// adapters and in `compose`.
class ProseTest {
  private static final Path MAIN = Path.of("src/main/java/io/armory/agent");

  /// A text of two words or more that something is compared with.
  private static final Pattern COMPARED =
      Pattern.compile(
          "\\b(?:equals|equalsIgnoreCase|startsWith|endsWith|contains|indexOf|matches|compareTo)"
              + "\\(\\s*\"[^\"]*\\w[ ]\\w?[^\"]*\"");

  private static final Pattern CASE = Pattern.compile("\\bcase\\s+\"[^\"]* [^\"]*\"");

  @TestFactory
  Stream<DynamicTest> no_sentence_is_compared_in() {
    return Stream.of("plan", "reconcile", "health", "domain", "doctor", "view", "render")
        .map(room -> DynamicTest.dynamicTest(room, () -> assertThat(compared(room)).isEmpty()));
  }

  @Test
  void a_comparison_with_a_sentence_is_found() {
    assertThat(COMPARED.matcher("cause().equals(\"it was never started\")").find()).isTrue();
    assertThat(COMPARED.matcher("why.startsWith(\n    \"stopped by \")").find()).isTrue();
    assertThat(COMPARED.matcher("subject.startsWith(\"image \")").find()).isTrue();
    assertThat(COMPARED.matcher("event.action().equals(\"destroy\")").find()).isFalse();
  }

  private static List<String> compared(String room) throws IOException {
    var found = new ArrayList<String>();
    try (var files = Files.walk(MAIN.resolve(room))) {
      for (var file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
        var text = Files.readString(file);
        for (var pattern : List.of(COMPARED, CASE)) {
          pattern.matcher(text).results().forEach(r -> found.add(file + ": " + r.group()));
        }
      }
    }
    return found;
  }
}
