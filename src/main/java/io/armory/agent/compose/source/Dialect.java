package io.armory.agent.compose.source;

import java.util.regex.Pattern;

/// Text in the dialect of the reference's parser → the same in that of ours, character for
/// character wherever it can be, so that places in messages stay.
///
/// The rules are those of the scanner of go-yaml 3, which is libyaml's: Unicode's line breaks end a
/// line; in a flow collection a colon is an indicator only before a blank, a lone dash is text and
/// a question mark ends a word; the name of an alias is made of letters, digits, `-` and `_`; a
/// comment may follow the header of a block scalar at once; and the escapes differ.
final class Dialect {
  /// Stand for a dash and a colon that are text. They are no characters, so no text has them.
  private static final char DASH = '\uFDD0';

  private static final char COLON = '\uFDD1';
  private static final Pattern STAND_INS = Pattern.compile("[\uFDD0\uFDD1]");
  private static final Pattern BREAKS = Pattern.compile("[\u0085\u2028\u2029]");
  private static final String ESCAPES = "0abt\tnvfre \"'\\N_LPxuU\n\r";

  /// With its line breaks as they were; from where it is read on it is otherwise the same as the
  /// text.
  private final String written;

  private final TextCursor text;
  private final KeptBreaks breaks;
  private final boolean separators;
  private int flow;

  /// Whether a question mark in a flow collection begins the key, which may have several lines.
  private boolean asked;

  /// Column of the block collection that is open.
  private int indent = -1;

  private Dialect(String written, TextCursor text) {
    this.written = written;
    this.text = text;
    this.breaks = new KeptBreaks(text, written);
    this.separators = KeptBreaks.SEPARATOR.matcher(written).find();
  }

  /// @throws Refusal where the reference reads none of it
  static String translated(String file, String text) {
    String lines = BREAKS.matcher(text).replaceAll("\n");
    if (STAND_INS.matcher(text).find()) {
      return lines;
    }
    TextCursor cursor = new TextCursor(file, lines);
    Dialect dialect = new Dialect(text, cursor);
    while (cursor.next()) {
      dialect.token();
    }
    return cursor.toString();
  }

  /// A scalar's value as it was written.
  static String restored(String value) {
    return STAND_INS.matcher(value).find() ? value.replace(DASH, '-').replace(COLON, ':') : value;
  }

  private void token() {
    char c = text.peek(text.at);
    switch (c) {
      case ' ', '\t', '\n', '\r' -> text.at++;
      case '#' -> text.skipLine();
      case '[', '{' -> {
        flow++;
        text.at++;
      }
      case ']', '}' -> {
        flow = Math.max(0, flow - 1);
        text.at++;
      }
      case '\'' -> quoted();
      case '"' -> doubled();
      case '&', '*' -> named(c == '*');
      case '!' -> tag();
      case '|', '>' -> {
        if (flow == 0) {
          block();
        } else {
          text.at++;
        }
      }
      case '%' -> directive();
      default -> other(c);
    }
  }

  private void other(char c) {
    boolean alone = text.blank(text.at + 1);
    if (c == '-' && flow == 0 && text.column() == 0 && text.starts(text.at, "---")) {
      text.at += 3;
    } else if (c == '-' && alone && flow == 0) {
      indent = text.column();
      text.at++;
    } else if (c == ',' && flow > 0) {
      text.at++;
    } else if ((c == '?' || c == ':') && (alone || flow > 0)) {
      asked = c == '?' && flow > 0;
      if (c == '?' && flow == 0) {
        indent = text.column();
      }
      text.at++;
      if (c == '?' && !alone) {
        text.insert(text.at, " ");
      }
    } else if (c == '-' && alone) {
      text.at++;
    } else {
      plain();
    }
  }

  private void directive() {
    if (text.column() == 0 && flow == 0) {
      text.skipLine();
    } else {
      plain();
    }
  }

  private void quoted() {
    int start = text.at++;
    while (text.at < text.length()
        && (text.peek(text.at) != '\'' || text.peek(text.at + 1) == '\'')) {
      breaks.keep(start + 1);
      text.at += text.peek(text.at) == '\'' ? 2 : 1;
    }
    text.at++;
    key(start);
  }

  private void doubled() {
    int start = text.at++;
    int escaped = text.at;
    while (text.at < text.length() && text.peek(text.at) != '"') {
      if (text.peek(text.at) == '\\') {
        escape();
        escaped = text.at + 1;
      } else {
        breaks.keep(escaped);
      }
      text.at++;
    }
    text.at++;
    key(start);
  }

  /// At its backslash; ends at its last character that is not of a code.
  private void escape() {
    char c = text.peek(++text.at);
    if (ESCAPES.indexOf(c) < 0) {
      throw text.refusal(text.at - 1, "'\\" + c + "' is no escape", "write the character itself");
    }
    String code =
        switch (c) {
          case 'L' -> "u2028";
          case 'P' -> "u2029";
          case 'N' -> "u0085";
          case '\'' -> "x27";
          default -> "";
        };
    if (!code.isEmpty()) {
      text.replace(text.at, text.at + 1, code);
    }
  }

  /// In block style, what stands before `: ` is a key and says how far its collection is indented.
  private void key(int start) {
    boolean simple = !asked;
    asked = false;
    int next = text.at;
    while (text.isSpace(next)) {
      next++;
    }
    if (text.peek(next) != ':' || !text.blank(next + 1) || next >= text.length()) {
      return;
    }
    if (separators && simple && KeptBreaks.SEPARATOR.matcher(text).region(start, text.at).find()) {
      throw text.refusal(start, "a key goes over several lines", "write it in one");
    }
    if (flow == 0) {
      indent = text.column();
    }
  }

  private void named(boolean alias) {
    int start = text.at++;
    while (text.at < text.length() && isName(text.peek(text.at))) {
      text.at++;
    }
    if (text.at == start + 1
        || (!text.blank(text.at) && "?:,]}%@`".indexOf(text.peek(text.at)) < 0)) {
      throw text.refusal(
          start,
          "the name of an anchor is made of letters, digits, '-' and '_'",
          "choose another name");
    }
    if (alias && text.peek(text.at) == ':' && text.blank(text.at + 1)) {
      if (flow == 0) {
        indent = text.column();
      }
      text.insert(text.at, " ");
      text.at++;
    }
  }

  private static boolean isName(char c) {
    return (c >= '0' && c <= '9')
        || (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || c == '-'
        || c == '_';
  }

  private void tag() {
    while (text.at < text.length()
        && !text.blank(text.at)
        && (flow == 0 || ",]}".indexOf(text.peek(text.at)) < 0)) {
      text.at++;
    }
  }

  /// Where line breaks are to be kept it becomes text in quotes.
  private void block() {
    int shift = written.length() - text.length();
    BlockScalar scalar = BlockScalar.at(text.at + shift, written, indent);
    if (scalar == null) {
      text.skipLine();
    } else if (!separators) {
      BlockScalar.setOffComment(text);
      text.at = scalar.end() - shift;
    } else if (scalar.tab() >= 0) {
      throw text.refusal(scalar.tab() - shift, "a tab in the indentation", "indent with spaces");
    } else {
      // Where a key must stand, text in quotes would be one.
      String aside = text.column() == indent ? " " : "";
      text.replace(text.at, scalar.end() - shift, aside + scalar.quoted());
      text.at = scalar.end() - written.length() + text.length();
    }
  }

  /// Over as many lines as it has.
  private void plain() {
    int start = text.at;
    while (text.at < text.length()) {
      word();
      int next = text.at;
      boolean broken = false;
      while (text.blank(next) && next < text.length()) {
        broken |= text.peek(next) == '\n';
        next++;
      }
      boolean ends =
          next == text.at
              || next >= text.length()
              || text.peek(next) == '#'
              || (text.peek(next) == ':' && (text.blank(next + 1) || flow > 0))
              || (broken && flow == 0 && text.columnAhead(next) <= indent)
              || (broken && text.marker(next));
      if (ends) {
        break;
      }
      if (flow > 0 && ",[]{}?".indexOf(text.peek(next)) >= 0) {
        text.at = next;
        break;
      }
      text.at = broken && breaks.keep(start) ? text.at + 1 : next;
    }
    key(start);
  }

  /// Up to a blank or an indicator that ends it.
  private void word() {
    int start = text.at;
    while (text.at < text.length() && !text.blank(text.at)) {
      char c = text.peek(text.at);
      if (c == ':' && text.blank(text.at + 1)) {
        return;
      }
      if (flow > 0) {
        if (c == '?') {
          throw text.refusal(
              text.at, "a '?' ends a word between brackets or braces", "write the word in quotes");
        }
        if (",[]{}".indexOf(c) >= 0) {
          return;
        }
        if (c == ':') {
          text.set(text.at, COLON);
        } else if (c == '-' && text.at == start && ",]}".indexOf(text.peek(text.at + 1)) >= 0) {
          text.set(text.at, DASH);
        }
      }
      text.at++;
    }
  }
}
