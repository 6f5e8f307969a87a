package io.armory.agent.compose.source;

import java.util.regex.Pattern;

/// Line breaks of Unicode in quotes and plain text: U+2028 and U+2029 are kept, without the blanks
/// around. After one as the first of several line breaks all others are kept, too; after another
/// one, all but that.
final class KeptBreaks {
  static final Pattern SEPARATOR = Pattern.compile("[\u2028\u2029]");
  private static final Pattern BLANKS = Pattern.compile("[ \t]");
  private static final Pattern OTHERS = Pattern.compile("\r\n?|\u0085");
  private static final Pattern LINES = Pattern.compile("\n+");

  private final TextCursor text;

  /// With its line breaks as they were; from where the text is read on it is otherwise the same.
  private final String written;

  /// Up to where no line break is to be kept.
  private int searched;

  KeptBreaks(TextCursor text, String written) {
    this.text = text;
    this.written = written;
  }

  /// Writes those that stand where the text is read.
  ///
  /// @param from no blank before it is one of these
  /// @return whether there was one: then the text is read at the last character of the breaks
  boolean keep(int from) {
    if (text.at < searched || !text.blank(text.at)) {
      return false;
    }
    int end = text.at;
    while (end < text.length() && text.blank(end)) {
      end++;
    }
    searched = end;
    int shift = written.length() - text.length();
    String breaks = BLANKS.matcher(written.substring(text.at + shift, end + shift)).replaceAll("");
    if (!SEPARATOR.matcher(breaks).find()) {
      return false;
    }
    int begin = text.at;
    while (begin > from && text.isSpace(begin - 1)) {
      begin--;
    }
    int line = end;
    while (text.isSpace(line - 1)) {
      line--;
    }
    String kept = kept(OTHERS.matcher(breaks).replaceAll("\n"), line, end);
    text.replace(begin, end, kept);
    text.at = begin + kept.length() - 1;
    searched = text.at + 1;
    return true;
  }

  /// One line break alone would be a blank; what follows several is indented as it was.
  private String kept(String breaks, int line, int end) {
    String several = breaks.startsWith("\n") ? breaks.substring(1) : breaks;
    text.grows(LINES.matcher(several).results().count() * (end - line));
    return LINES.matcher(several).replaceAll("$0\n" + text.subSequence(line, end));
  }
}
