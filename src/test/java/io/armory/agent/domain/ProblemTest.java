package io.armory.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProblemTest {
  @Test
  void the_words_of_an_engine_are_said_whole() {
    var words = "Bind for 0.0.0.0:8084 failed: port is already allocated; ".repeat(20);

    assertThat(new Problem("revision", words, "").line()).contains(words);
  }

  @Test
  void one_of_many_lines_tells_of_each() {
    var lines =
        IntStream.range(0, 60)
            .mapToObj(i -> "/etc/armory-agent/env/node.env:" + i + ": NAME has no closing quote")
            .toList();

    assertThat(new Problem("env", String.join("\n", lines), "").what().lines())
        .containsExactlyElementsOf(lines);
  }

  @Test
  void a_long_value_of_others_is_told_by_its_ends() {
    var line = new Problem("file:1", "x".repeat(2_000_000), "y".repeat(2_000_000)).line();

    assertThat(line).hasSizeLessThan(4_100).contains("…");
    assertThat(
            new Problem(
                    "f",
                    IntStream.range(0, 9_000).mapToObj(i -> "z").collect(Collectors.joining("\n")),
                    "")
                .what()
                .lines())
        .hasSize(Problem.MOST);
  }
}
