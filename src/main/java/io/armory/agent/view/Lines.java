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

  /// A head in a tone, and words in none, over as many lines as they need.
  void add(String indent, Tone tone, String head, String words) {
    hang(indent, indent + "  ", tone, head, Style.words(words));
  }

  /// As the other, with nothing shortened.
  void hang(String hanging, Tone tone, String head, String words) {
    hang("", hanging, tone, head, words);
  }

  private void hang(String indent, String hanging, Tone tone, String head, String words) {
    var first = all.size();
    wrap("", hanging, indent + head + words);
    var line = all.get(first);
    var from = indent.length();
    var to = Math.min(line.length(), from + head.length());
    all.set(
        first,
        line.substring(0, from) + style.paint(tone, line.substring(from, to)) + line.substring(to));
  }

  /// Words over as many lines as they need.
  void wrap(String indent, String words) {
    wrap(indent, indent, Style.words(words));
  }

  /// @param hanging what the lines after the first begin with
  void wrap(String indent, String hanging, String text) {
    var rest = text;
    var before = indent;
    while (rest.length() > columns() - before.length()) {
      var width = columns() - before.length();
      var space = rest.lastIndexOf(' ', width);
      var end = space > 0 && !rest.substring(0, space).isBlank() ? space : endOfWord(rest, width);
      all.add((before + rest.substring(0, end)).stripTrailing());
      rest = rest.substring(end).strip();
      before = hanging;
    }
    all.add(before + rest);
  }

  /// A path goes over the edge rather than be two.
  private static int endOfWord(String text, int width) {
    var end = text.stripLeading().startsWith("/") ? text.indexOf(' ', width) : width;
    return end < 0 ? text.length() : end;
  }

  String text() {
    return String.join("\n", all) + "\n";
  }

  static String pad(String text, int width) {
    return String.format(Locale.ROOT, "%-" + width + "s", text);
  }
}
