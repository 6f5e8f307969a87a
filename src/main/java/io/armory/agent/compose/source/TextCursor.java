package io.armory.agent.compose.source;

/// A text that is read from its beginning to its end and edited where it is read. What is behind
/// the last edit and what is before it stand apart, so that an edit moves what was read since the
/// last one, and never the rest of the text.
final class TextCursor implements CharSequence {
  /// What is longer than this is not read, however it became so.
  private static final int MOST = 2 * YamlReader.MOST_BYTES;

  private final String file;

  /// The text is what stands before `gap`, then what stands from `rest` on.
  private char[] characters;

  private int gap;
  private int rest;

  /// Where the part that is read now begins, and the line that it begins in.
  private int start;

  private int line;

  /// Where to read on.
  int at;

  TextCursor(String file, String text) {
    this.file = file;
    this.characters = text.toCharArray();
  }

  /// Whether there is more. What is read from here on is a part of its own; nothing before it is
  /// edited any more.
  boolean next() {
    for (; start < at && start < length(); start++) {
      if (charAt(start) == '\n') {
        line = start + 1;
      }
    }
    return at < length();
  }

  /// Of the part's beginning, from 0.
  int column() {
    return start - line;
  }

  /// Of what stands ahead, behind a line break of the part.
  int columnAhead(int index) {
    int begin = index;
    while (begin > 0 && charAt(begin - 1) != '\n') {
      begin--;
    }
    return index - begin;
  }

  @Override
  public int length() {
    return characters.length - (rest - gap);
  }

  @Override
  public char charAt(int index) {
    return characters[index < gap ? index : index + (rest - gap)];
  }

  @Override
  public String subSequence(int from, int to) {
    var part = new StringBuilder(to - from);
    for (int i = from; i < to; i++) {
      part.append(charAt(i));
    }
    return part.toString();
  }

  @Override
  public String toString() {
    return subSequence(0, length());
  }

  /// A line break beyond the end.
  char peek(int index) {
    return index < length() ? charAt(index) : '\n';
  }

  boolean isSpace(int index) {
    return peek(index) == ' ' || peek(index) == '\t';
  }

  boolean blank(int index) {
    return isSpace(index) || peek(index) == '\n' || peek(index) == '\r';
  }

  /// Of three characters.
  boolean starts(int index, String mark) {
    return length() >= index + 3
        && charAt(index) == mark.charAt(0)
        && charAt(index + 1) == mark.charAt(1)
        && charAt(index + 2) == mark.charAt(2);
  }

  /// Whether a document begins or ends there, ahead.
  boolean marker(int index) {
    return columnAhead(index) == 0
        && (starts(index, "---") || starts(index, "..."))
        && blank(index + 3);
  }

  /// Reads the rest of the line, but not its end.
  void skipLine() {
    while (at < length() && charAt(at) != '\n') {
      at++;
    }
  }

  void set(int index, char c) {
    characters[index < gap ? index : index + (rest - gap)] = c;
  }

  void insert(int index, String text) {
    replace(index, index, text);
  }

  /// Throws [Refusal] if so many characters more are too many.
  void grows(long more) {
    if (length() + more > MOST) {
      throw refusal(
          at, "its escapes and line breaks make more than " + MOST + " characters", "write less");
    }
  }

  void replace(int from, int to, String text) {
    moveGap(to);
    gap = from;
    if (rest - gap < text.length()) {
      grows(text.length());
      grow(text.length());
    }
    text.getChars(0, text.length(), characters, gap);
    gap += text.length();
  }

  private void moveGap(int to) {
    if (to < gap) {
      System.arraycopy(characters, to, characters, rest - (gap - to), gap - to);
    } else {
      System.arraycopy(characters, rest, characters, gap, to - gap);
    }
    rest += to - gap;
    gap = to;
  }

  private void grow(int least) {
    char[] more = new char[characters.length + Math.max(least, characters.length / 2 + 64)];
    int after = characters.length - rest;
    System.arraycopy(characters, 0, more, 0, gap);
    System.arraycopy(characters, rest, more, more.length - after, after);
    rest = more.length - after;
    characters = more;
  }

  Refusal refusal(int index, String what, String advice) {
    int lines = 1 + (int) subSequence(0, index).chars().filter(c -> c == '\n').count();
    return new Refusal(
        new Location(file, lines, columnAhead(index) + 1), "not valid YAML: " + what, advice);
  }
}
