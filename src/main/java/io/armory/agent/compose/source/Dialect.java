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
  private static final Pattern SEPARATOR = Pattern.compile("[\u2028\u2029]");
  private static final Pattern BLANKS = Pattern.compile("[ \t]");
  private static final Pattern OTHERS = Pattern.compile("\r\n?|\u0085");
  private static final Pattern LINES = Pattern.compile("\n+");
  private static final String ESCAPES = "0abt\tnvfre \"'\\N_LPxuU\n\r";

  private final String file;

  /// With its line breaks as they were; from [#at] on it is otherwise the same as the text.
  private final String written;

  private final StringBuilder text;
  private final boolean separators;
  private int at;

  /// Up to where no line break is to be kept.
  private int searched;

  private int flow;

  /// Whether a question mark in a flow collection begins the key, which may have several lines.
  private boolean asked;

  /// Column of the block collection that is open.
  private int indent = -1;

  private Dialect(String file, String written, String text) {
    this.file = file;
    this.written = written;
    this.text = new StringBuilder(text);
    this.separators = SEPARATOR.matcher(written).find();
  }

  /// @throws Refusal where the reference reads none of it
  static String translated(String file, String text) {
    String lines = BREAKS.matcher(text).replaceAll("\n");
    if (STAND_INS.matcher(text).find()) {
      return lines;
    }
    Dialect dialect = new Dialect(file, text, lines);
    while (dialect.at < dialect.text.length()) {
      dialect.token();
    }
    return dialect.text.toString();
  }

  /// A scalar's value as it was written.
  static String restored(String value) {
    return STAND_INS.matcher(value).find() ? value.replace(DASH, '-').replace(COLON, ':') : value;
  }

  private char peek(int index) {
    return index < text.length() ? text.charAt(index) : '\n';
  }

  private boolean blank(int index) {
    char c = peek(index);
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

  private boolean starts(int index, String mark) {
    return text.length() >= index + 3 && text.substring(index, index + 3).equals(mark);
  }

  private int column(int index) {
    return index - (text.lastIndexOf("\n", index - 1) + 1);
  }

  private void token() {
    char c = peek(at);
    switch (c) {
      case ' ', '\t', '\n', '\r' -> at++;
      case '#' -> line();
      case '[', '{' -> {
        flow++;
        at++;
      }
      case ']', '}' -> {
        flow = Math.max(0, flow - 1);
        at++;
      }
      case '\'' -> quoted();
      case '"' -> doubled();
      case '&', '*' -> named(c == '*');
      case '!' -> tag();
      case '|', '>' -> {
        if (flow == 0) {
          block();
        } else {
          at++;
        }
      }
      case '%' -> directive();
      default -> other(c);
    }
  }

  private void other(char c) {
    boolean alone = blank(at + 1);
    if (c == '-' && flow == 0 && column(at) == 0 && starts(at, "---")) {
      at += 3;
    } else if (c == '-' && alone && flow == 0) {
      indent = column(at);
      at++;
    } else if (c == ',' && flow > 0) {
      at++;
    } else if ((c == '?' || c == ':') && (alone || flow > 0)) {
      asked = c == '?' && flow > 0;
      if (c == '?' && flow == 0) {
        indent = column(at);
      }
      at++;
      if (c == '?' && !alone) {
        text.insert(at, ' ');
      }
    } else if (c == '-' && alone) {
      at++;
    } else {
      plain();
    }
  }

  private void line() {
    int end = text.indexOf("\n", at);
    at = end < 0 ? text.length() : end;
  }

  private void directive() {
    if (column(at) == 0 && flow == 0) {
      line();
    } else {
      plain();
    }
  }

  private void quoted() {
    int start = at++;
    while (at < text.length() && (peek(at) != '\'' || peek(at + 1) == '\'')) {
      separator(start + 1);
      at += peek(at) == '\'' ? 2 : 1;
    }
    at++;
    key(start);
  }

  private void doubled() {
    int start = at++;
    int escaped = at;
    while (at < text.length() && peek(at) != '"') {
      if (peek(at) == '\\') {
        escape();
        escaped = at + 1;
      } else {
        separator(escaped);
      }
      at++;
    }
    at++;
    key(start);
  }

  /// In quotes and plain text, U+2028 and U+2029 are kept, without the blanks around. After one as
  /// the first of several line breaks all others are kept, too; after another one, all but that.
  ///
  /// @param from no blank before it is one of these
  /// @return whether there was one: then [#at] is at the last character of the breaks
  private boolean separator(int from) {
    if (at < searched || !blank(at)) {
      return false;
    }
    int end = at;
    while (end < text.length() && blank(end)) {
      end++;
    }
    searched = end;
    int shift = written.length() - text.length();
    String breaks = BLANKS.matcher(written.substring(at + shift, end + shift)).replaceAll("");
    if (!SEPARATOR.matcher(breaks).find()) {
      return false;
    }
    int begin = at;
    while (begin > from && (peek(begin - 1) == ' ' || peek(begin - 1) == '\t')) {
      begin--;
    }
    int line = end;
    while (peek(line - 1) == ' ' || peek(line - 1) == '\t') {
      line--;
    }
    String kept = OTHERS.matcher(breaks).replaceAll("\n");
    // One line break alone would be a blank.
    kept =
        LINES
            .matcher(kept.startsWith("\n") ? kept.substring(1) : kept)
            .replaceAll("$0\n" + text.substring(line, end));
    text.replace(begin, end, kept);
    at = begin + kept.length() - 1;
    searched = at + 1;
    return true;
  }

  /// At its backslash; ends at its last character that is not of a code.
  private void escape() {
    char c = peek(++at);
    if (ESCAPES.indexOf(c) < 0) {
      throw refusal(at - 1, "'\\" + c + "' is no escape", "write the character itself");
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
      text.replace(at, at + 1, code);
    }
  }

  /// In block style, what stands before `: ` is a key and says how far its collection is indented.
  private void key(int start) {
    boolean simple = !asked;
    asked = false;
    int next = at;
    while (peek(next) == ' ' || peek(next) == '\t') {
      next++;
    }
    if (peek(next) != ':' || !blank(next + 1) || next >= text.length()) {
      return;
    }
    if (separators && simple && SEPARATOR.matcher(text).region(start, at).find()) {
      throw refusal(start, "a key goes over several lines", "write it in one");
    }
    if (flow == 0) {
      indent = column(start);
    }
  }

  private void named(boolean alias) {
    int start = at++;
    while (at < text.length() && isName(peek(at))) {
      at++;
    }
    if (at == start + 1 || (!blank(at) && "?:,]}%@`".indexOf(peek(at)) < 0)) {
      throw refusal(
          start,
          "the name of an anchor is made of letters, digits, '-' and '_'",
          "choose another name");
    }
    if (alias && peek(at) == ':' && blank(at + 1)) {
      if (flow == 0) {
        indent = column(start);
      }
      text.insert(at, ' ');
      at++;
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
    while (at < text.length() && !blank(at) && (flow == 0 || ",]}".indexOf(peek(at)) < 0)) {
      at++;
    }
  }

  /// Where line breaks are to be kept it becomes text in quotes.
  private void block() {
    int shift = written.length() - text.length();
    BlockScalar scalar = BlockScalar.at(at + shift, written, indent);
    if (scalar == null) {
      line();
    } else if (!separators) {
      comment();
      at = scalar.end() - shift;
    } else if (scalar.tab() >= 0) {
      throw refusal(scalar.tab() - shift, "a tab in the indentation", "indent with spaces");
    } else {
      // Where a key must stand, text in quotes would be one.
      String aside = column(at) == indent ? " " : "";
      text.replace(at, scalar.end() - shift, aside + scalar.quoted());
      at = scalar.end() - written.length() + text.length();
    }
  }

  /// May follow the header at once.
  private void comment() {
    int header = at + 1;
    while ("+-0123456789".indexOf(peek(header)) >= 0) {
      header++;
    }
    if (peek(header) == '#') {
      text.setCharAt(header, ' ');
      if (peek(header + 1) != '\n') {
        text.setCharAt(header + 1, '#');
      }
    }
  }

  /// Over as many lines as it has.
  private void plain() {
    int start = at;
    while (at < text.length()) {
      word();
      int next = at;
      boolean broken = false;
      while (blank(next) && next < text.length()) {
        broken |= peek(next) == '\n';
        next++;
      }
      boolean ends =
          next == at
              || next >= text.length()
              || peek(next) == '#'
              || (peek(next) == ':' && (blank(next + 1) || flow > 0))
              || (broken && flow == 0 && column(next) <= indent)
              || (broken && isMarker(next));
      if (ends) {
        break;
      }
      if (flow > 0 && ",[]{}?".indexOf(peek(next)) >= 0) {
        at = next;
        break;
      }
      at = broken && separator(start) ? at + 1 : next;
    }
    key(start);
  }

  private boolean isMarker(int index) {
    return column(index) == 0 && (starts(index, "---") || starts(index, "...")) && blank(index + 3);
  }

  /// Up to a blank or an indicator that ends it.
  private void word() {
    int start = at;
    while (at < text.length() && !blank(at)) {
      char c = peek(at);
      if (c == ':' && blank(at + 1)) {
        return;
      }
      if (flow > 0) {
        if (c == '?') {
          throw refusal(
              at, "a '?' ends a word between brackets or braces", "write the word in quotes");
        }
        if (",[]{}".indexOf(c) >= 0) {
          return;
        }
        if (c == ':') {
          text.setCharAt(at, COLON);
        } else if (c == '-' && at == start && ",]}".indexOf(peek(at + 1)) >= 0) {
          text.setCharAt(at, DASH);
        }
      }
      at++;
    }
  }

  private Refusal refusal(int index, String what, String advice) {
    int line = 1 + (int) text.substring(0, index).chars().filter(c -> c == '\n').count();
    return new Refusal(
        new Location(file, line, column(index) + 1), "not valid YAML: " + what, advice);
  }
}
