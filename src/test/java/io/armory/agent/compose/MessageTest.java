package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Whatever a file holds, a message about it is one line with its place.
class MessageTest {
  @Test
  void control_characters_of_keys_and_values_are_written_out() {
    var yaml =
        "services:\n  a:\n    image: i\n    \"x\\ny\\e[31m\\u202e\": 1\n    cgroup: \"a\\r\\nb\"\n";
    assertThat(Loading.problems(yaml))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.chars()).noneMatch(Character::isISOControl))
        .anySatisfy(line -> assertThat(line).contains("x\\ny\\u001b[31m\\u202e"))
        .anySatisfy(line -> assertThat(line).contains("a\\r\\nb"));
    assertThat(Problem.oneLine("plain \u00e4")).isEqualTo("plain \u00e4");
  }

  @Test
  void what_is_no_text_is_told_with_its_line() {
    var bytes = "services:\n  a:\n    image: \u0000x\n".getBytes(StandardCharsets.UTF_8);
    assertThat(problems(bytes))
        .singleElement()
        .asString()
        .startsWith("/p/compose.yaml:3:12: holds a character that is not text (U+0000)");
    bytes = "services:\n  a: {image: X}\n".getBytes(StandardCharsets.UTF_8);
    bytes[22] = (byte) 0xff;
    assertThat(problems(bytes))
        .singleElement()
        .asString()
        .startsWith("/p/compose.yaml:2:13: is not UTF-8 text");
  }

  @Test
  void a_version_of_yaml_is_told_in_words() {
    assertThat(Loading.problems("%YAML 9.7\n---\nservices: {a: {image: i}}\n"))
        .singleElement()
        .asString()
        .contains("%YAML 9.7 is not accepted by Compose; remove the line");
  }

  @Test
  void an_included_file_that_cannot_be_read_names_who_includes_it() {
    var files = new MemoryFiles();
    files.put("/p/compose.yaml", "include: [more.yaml]\nservices: {a: {image: i}}\n");
    var result =
        ComposeLoader.load(
            ComposeRequest.of("/p", List.of("compose.yaml")),
            (path, most) ->
                path.endsWith("more.yaml")
                    ? new io.armory.agent.domain.SourceFiles.Unreadable("permission denied")
                    : files.read(path, most));
    assertThat(Loading.problems(result))
        .singleElement()
        .asString()
        .startsWith("/p/compose.yaml")
        .contains("/p/more.yaml cannot be read: permission denied");
  }

  private static List<String> problems(byte[] bytes) {
    return Loading.problems(
        ComposeLoader.load(
            ComposeRequest.of("/p", List.of("compose.yaml")).withEnvironment(Map.of()),
            (path, most) -> new io.armory.agent.domain.SourceFiles.Content(bytes)));
  }
}
