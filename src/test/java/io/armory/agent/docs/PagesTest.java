package io.armory.agent.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What holds for every page: links lead somewhere, and a decision is found by its number.
class PagesTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  @Test
  void every_link_to_a_file_or_heading_leads_somewhere() throws IOException {
    var broken = new ArrayList<String>();
    for (var page : pages()) {
      for (var link :
          LINK.matcher(Files.readString(page)).results().map(r -> r.group(1)).toList()) {
        if (!link.startsWith("https://") && !leadsSomewhere(page, link)) {
          broken.add(page + ": " + link);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void decisions_are_numbered_upwards_and_each_once() throws IOException {
    var numbers =
        headings(Path.of("docs/decisions.md")).stream()
            .filter(h -> h.matches("\\d+\\. .*"))
            .map(h -> Integer.valueOf(h.substring(0, h.indexOf('.'))))
            .toList();
    assertThat(numbers).isNotEmpty().isSorted().doesNotHaveDuplicates();
  }

  @Test
  void a_decision_that_is_named_exists() throws IOException {
    var decided = Files.readString(Path.of("docs/decisions.md"));
    var missing = new ArrayList<String>();
    for (var page : pages()) {
      for (var number :
          Pattern.compile("\\[decision (\\d+)\\]")
              .matcher(Files.readString(page))
              .results()
              .map(r -> r.group(1))
              .toList()) {
        if (!decided.contains("\n## " + number + ". ")) {
          missing.add(page + ": decision " + number);
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static boolean leadsSomewhere(Path page, String link) throws IOException {
    var parts = link.split("#", 2);
    var file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
    return Files.exists(file)
        && (parts.length == 1
            || headings(file).stream().map(PagesTest::anchor).anyMatch(parts[1]::equals));
  }

  /// As the code hosts make it of a heading.
  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\w\\s-]", "").replace(' ', '-');
  }

  private static List<String> headings(Path page) throws IOException {
    return Files.readAllLines(page).stream()
        .filter(l -> l.startsWith("#"))
        .map(l -> l.replaceFirst("^#+ ", ""))
        .toList();
  }

  private static List<Path> pages() throws IOException {
    var found = new ArrayList<Path>();
    for (var folder :
        List.of(".", "docs", "packaging/ssm", "packaging/aws", "packaging/aws/terraform")) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        files
            .filter(f -> f.toString().endsWith(".md"))
            .map(Path::normalize)
            .sorted()
            .forEach(found::add);
      }
    }
    assertThat(found).hasSizeGreaterThan(10);
    return found;
  }
}
