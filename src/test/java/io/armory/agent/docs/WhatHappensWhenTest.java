package io.armory.agent.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Every row of `docs/what-happens-when.md` names tests that exist: `Class`, or `Class#method`.
class WhatHappensWhenTest {
  private static final Path PAGE = Path.of("docs/what-happens-when.md");
  private static final Path TESTS = Path.of("src/test/java");
  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+)(?:#(\\w+))?`");

  @Test
  void every_row_names_a_test_that_exists() throws IOException {
    var wrong = new ArrayList<String>();
    var rows = rows();
    for (var row : rows) {
      var cells = row.split("(?<!\\\\)\\|", -1);
      var proof = NAMED.matcher(cells.length == 5 ? cells[3] : "");
      var found = false;
      while (proof.find()) {
        found = true;
        if (!exists(proof.group(1), proof.group(2))) {
          wrong.add("no test " + proof.group() + ": " + row);
        }
      }
      if (!found) {
        wrong.add("names no test, or has not three cells: " + row);
      }
    }
    assertThat(rows).isNotEmpty();
    assertThat(wrong).isEmpty();
  }

  private static List<String> rows() throws IOException {
    return Files.readAllLines(PAGE).stream()
        .filter(l -> l.startsWith("| ") && !l.startsWith("| when |"))
        .toList();
  }

  private static boolean exists(String type, @Nullable String method) throws IOException {
    try (var files = Files.walk(TESTS)) {
      var source = files.filter(f -> f.endsWith(type + ".java")).findFirst();
      return source.isPresent()
          && (method == null
              || Pattern.compile("\\bvoid " + method + "\\(")
                  .matcher(Files.readString(source.get()))
                  .find());
    }
  }
}
