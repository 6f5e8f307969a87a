package io.armory.agent.compose.source;

import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/// What the reference's parser refuses and ours reads: an escape of one half of a surrogate pair,
/// and a directive that YAML does not know. Fed with all events of a file.
final class ParserGaps {
  private static final Pattern SURROGATE = Pattern.compile("(u|U0000)[dD][89a-fA-F]");
  private static final Pattern DIRECTIVE = Pattern.compile("%(?!(YAML|TAG)\\s)\\S*");

  private final String file;
  private final String text;
  private final boolean escapes;
  private final boolean directives;

  ParserGaps(String file, String text) {
    this.file = file;
    this.text = text;
    this.escapes = SURROGATE.matcher(text).find();
    this.directives = text.startsWith("%") || text.contains("\n%");
  }

  /// @throws Refusal at the first of them
  void see(Event event) {
    switch (event) {
      case ScalarEvent scalar
          when escapes && scalar.getScalarStyle() == ScalarStyle.DOUBLE_QUOTED ->
          escapes(scalar);
      case DocumentStartEvent start when directives && start.isExplicit() -> directives(start);
      default -> {}
    }
  }

  private void escapes(ScalarEvent scalar) {
    String written = written(scalar);
    for (int at = written.indexOf('\\'); at >= 0; at = written.indexOf('\\', at + 2)) {
      if (SURROGATE.matcher(written).region(at + 1, written.length()).lookingAt()) {
        throw new Refusal(
            mark(scalar),
            "not valid YAML: an escape of half a character, " + written.substring(at, at + 6) + "…",
            "write the character itself, or \\U and its 8 digits");
      }
    }
  }

  private void directives(DocumentStartEvent start) {
    written(start)
        .lines()
        .map(DIRECTIVE::matcher)
        .filter(java.util.regex.Matcher::lookingAt)
        .findFirst()
        .ifPresent(unknown -> {
          throw new Refusal(
              mark(start),
              "not valid YAML: unknown directive " + unknown.group(),
              "remove the line");
        });
  }

  /// Marks count code points.
  private String written(Event event) {
    int from = event.getStartMark().orElseThrow().getIndex();
    int to = event.getEndMark().orElseThrow().getIndex();
    int start = text.offsetByCodePoints(0, from);
    return text.substring(start, text.offsetByCodePoints(start, to - from));
  }

  private Location mark(Event event) {
    var mark = event.getStartMark().orElseThrow();
    return new Location(file, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
