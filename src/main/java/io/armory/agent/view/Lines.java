package io.armory.agent.view;

import io.armory.agent.view.Style.Tone;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The lines of a text for a terminal, none wider than it is.
final class Lines {
  private final Style style;
  private final List<String> all = new ArrayList<>();

  Lines(Style style) {
    this.style = style;
  }

  Style style() {
    return style;
  }

  int columns() {
    return style.columns();
  }

  void add(String line) {
    all.add(line);
  }

  /// In one tone, cut to the width.
  void add(Tone tone, String line) {
    all.add(style.paint(tone, Style.line(line, columns())));
  }

  /// A head in a tone, and the rest in none; cut to the width.
  void add(String indent, Tone tone, String head, String rest) {
    var width = columns() - indent.length() - head.length();
    all.add(indent + style.paint(tone, head) + Style.line(rest, width));
  }

  /// Over several lines, at most so many.
  void wrap(String indent, String text, int most) {
    var width = columns() - indent.length();
    var rest = text;
    for (var i = 1; i < most && rest.length() > width; i++) {
      var space = rest.lastIndexOf(' ', width);
      var end = space > 0 ? space : width;
      all.add(indent + rest.substring(0, end));
      rest = rest.substring(end).strip();
    }
    all.add(indent + Style.line(rest, width));
  }

  String text() {
    return String.join("\n", all) + "\n";
  }

  static String pad(String text, int width) {
    return String.format(Locale.ROOT, "%-" + width + "s", text);
  }
}
