package io.armory.agent.compose.source;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A block scalar as the reference's scanner reads it (`scannerc.go` of go-yaml 3): U+2028 and
/// U+2029 end a line like a line feed, but stay in the text, folded or not.
final class BlockScalar {
  private static final Pattern HEADER =
      Pattern.compile("([|>])([+-]?)([1-9]?)([+-]?)[ \t]*(?:#[^\n\r\u0085\u2028\u2029]*)?");
  private static final Pattern BREAK = Pattern.compile("\r\n|[\n\r\u0085\u2028\u2029]");

  private final String text;
  private final StringBuilder value = new StringBuilder();

  /// Breaks of empty lines after the last one with content.
  private final StringBuilder trailing = new StringBuilder();

  private int at;

  /// Where the line begins, and how many ended.
  private int line;

  private int lines;

  /// Columns before the content; 0: as its first line says.
  private int indent;

  /// Where a tab stands among them, or -1.
  private int tab = -1;

  private BlockScalar(String text, int at, int indent) {
    this.text = text;
    this.at = at;
    this.indent = indent;
  }

  /// `null`: what stands there is no header.
  ///
  /// @param outer column of the collection that holds it
  static @Nullable BlockScalar at(int start, String text, int outer) {
    Matcher header = HEADER.matcher(text).region(start, text.length());
    if (!header.lookingAt() || !(header.group(2).isEmpty() || header.group(4).isEmpty())) {
      return null;
    }
    String said = header.group(3);
    BlockScalar scalar =
        new BlockScalar(
            text, header.end(), said.isEmpty() ? 0 : Math.max(0, outer) + Integer.parseInt(said));
    if (scalar.lineBreak().isEmpty() && scalar.more()) {
      return null;
    }
    scalar.read(header.group(1).equals(">"), header.group(2) + header.group(4), outer);
    return scalar;
  }

  /// A comment may follow the header at once, which our parser does not take.
  static void setOffComment(TextCursor text) {
    int header = text.at + 1;
    while ("+-0123456789".indexOf(text.peek(header)) >= 0) {
      header++;
    }
    if (text.peek(header) == '#') {
      text.set(header, ' ');
      if (text.peek(header + 1) != '\n') {
        text.set(header + 1, '#');
      }
    }
  }

  int tab() {
    return tab;
  }

  /// Where the line begins that is no more of it.
  int end() {
    return more() ? line : at;
  }

  /// The same in one line, and as many empty ones as it had.
  String quoted() {
    String escaped =
        value
            .toString()
            .replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("\n", "\\n")
            .replace("\t", "\\t");
    return "\"" + escaped + "\"" + "\n".repeat(lines);
  }

  private void read(boolean folded, String chomping, int outer) {
    emptyLines(outer);
    String last = "";
    boolean indented = false;
    while (at - line == indent && more()) {
      boolean more = text.charAt(at) == ' ' || text.charAt(at) == '\t';
      boolean joined = folded && !indented && !more && last.equals("\n");
      value.append(!joined ? last : trailing.isEmpty() ? " " : "").append(trailing);
      trailing.setLength(0);
      indented = more;
      Matcher end = BREAK.matcher(text);
      int to = end.find(at) ? end.start() : text.length();
      value.append(text, at, to);
      at = to;
      last = lineBreak();
      emptyLines(outer);
    }
    value.append(chomping.equals("-") ? "" : last).append(chomping.equals("+") ? trailing : "");
  }

  private void emptyLines(int outer) {
    int furthest = 0;
    String found = "\n";
    while (!found.isEmpty()) {
      while (inIndent() && text.charAt(at) == ' ') {
        at++;
      }
      furthest = Math.max(furthest, at - line);
      if (inIndent() && text.charAt(at) == '\t' && tab < 0) {
        tab = at;
      }
      found = lineBreak();
      trailing.append(found);
    }
    if (indent == 0) {
      indent = Math.max(Math.max(furthest, outer + 1), 1);
    }
  }

  private boolean more() {
    return at < text.length();
  }

  private boolean inIndent() {
    return more() && (indent == 0 || at - line < indent);
  }

  private String lineBreak() {
    Matcher found = BREAK.matcher(text).region(at, text.length());
    if (!found.lookingAt()) {
      return "";
    }
    at = found.end();
    line = at;
    lines++;
    String kind = found.group();
    return kind.equals("\u2028") || kind.equals("\u2029") ? kind : "\n";
  }
}
