package io.armory.agent.importing.legacy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/// A block-style YAML file by its lines: which key each line is, below which others. Enough to take
/// keys out and to change values without losing the comments and the order of the rest. What is
/// written in flow style (`{…}`) is one value to it.
final class YamlLines {
  private static final Pattern KEY =
      Pattern.compile(
          "(\"[^\"]*\"|'[^']*'|[^\\s#:\"'\\[{&*!|>%@`-][^:#]*|-[^\\s:#][^:#]*)\\s*:(\\s.*)?");
  private static final Pattern BLOCK_TEXT = Pattern.compile("[|>][-+0-9]*(\\s+#.*)?");

  /// A key, or an item of a list (then the key is empty and the value is the item).
  static final class Entry {
    final int line;
    final String path;
    final String key;
    final String value;
    final List<Entry> below = new ArrayList<>();
    private final int depth;
    private int end;
    private boolean removed;

    private Entry(int line, int depth, String path, String key, String value) {
      this.line = line;
      this.end = line;
      this.depth = depth;
      this.path = path;
      this.key = key;
      this.value = value;
    }

    boolean isItem() {
      return key.isEmpty();
    }

    /// A text of several lines, `|` or `>`.
    boolean isBlockText() {
      return BLOCK_TEXT.matcher(value).matches();
    }

    void remove() {
      removed = true;
    }
  }

  private final List<String> lines;
  private final List<Entry> top = new ArrayList<>();
  private final List<Entry> all = new ArrayList<>();

  private YamlLines(List<String> lines) {
    this.lines = new ArrayList<>(lines);
  }

  static YamlLines of(String text) {
    var yaml = new YamlLines(text.lines().toList());
    yaml.read();
    return yaml;
  }

  /// Every key and item, in the order of the file.
  List<Entry> all() {
    return all;
  }

  List<Entry> top() {
    return top;
  }

  /// Puts another value in the place of an entry's.
  void replace(Entry entry, String value) {
    var line = lines.get(entry.line - 1);
    var at = line.lastIndexOf(entry.value);
    lines.set(entry.line - 1, line.substring(0, at) + value);
  }

  /// The file without what was removed, nor the keys that are empty by that.
  String text() {
    top.forEach(YamlLines::removeEmptied);
    var gone = new boolean[lines.size() + 1];
    for (var entry : all) {
      if (entry.removed) {
        for (var i = entry.line; i <= entry.end; i++) {
          gone[i] = true;
        }
      }
    }
    var out = new StringBuilder();
    for (var i = 0; i < lines.size(); i++) {
      if (!gone[i + 1]) {
        out.append(lines.get(i)).append('\n');
      }
    }
    return out.toString();
  }

  boolean isEmpty() {
    top.forEach(YamlLines::removeEmptied);
    return top.stream().allMatch(e -> e.removed);
  }

  private static void removeEmptied(Entry entry) {
    entry.below.forEach(YamlLines::removeEmptied);
    entry.removed |= !entry.below.isEmpty() && entry.below.stream().allMatch(e -> e.removed);
  }

  private void read() {
    Deque<Entry> open = new ArrayDeque<>();
    var textDeeperThan = -1;
    for (var i = 0; i < lines.size(); i++) {
      var line = lines.get(i);
      var indent = indent(line);
      var content = line.substring(indent);
      if (textDeeperThan >= 0 && (content.isEmpty() || indent > textDeeperThan)) {
        extend(open, i + 1);
        continue;
      }
      textDeeperThan = -1;
      if (content.isEmpty() || content.startsWith("#") || content.startsWith("---")) {
        continue;
      }
      if (entries(open, i + 1, indent, content)) {
        var last = all.getLast();
        textDeeperThan = last.isBlockText() ? indent : -1;
      }
      extend(open, i + 1);
    }
  }

  /// The items and the key that begin on this line; none: it goes on with the line before.
  private boolean entries(Deque<Entry> open, int line, int indent, String content) {
    var at = indent;
    var rest = content;
    var any = false;
    while (rest.equals("-") || rest.startsWith("- ")) {
      close(open, 2 * at + 1);
      var inner = rest.substring(1);
      var skip = 1 + indent(inner);
      rest = rest.substring(skip);
      add(open, new Entry(line, 2 * at + 1, path(open, "[]"), "", rest));
      at += skip;
      any = true;
    }
    var match = KEY.matcher(rest);
    if (!match.matches()) {
      return any;
    }
    close(open, 2 * at);
    var key = unquoted(match.group(1).strip());
    var value = match.group(2) == null ? "" : match.group(2).strip();
    add(open, new Entry(line, 2 * at, path(open, key), key, value));
    return true;
  }

  private static void close(Deque<Entry> open, int depth) {
    while (!open.isEmpty() && open.peek().depth >= depth) {
      open.pop();
    }
  }

  private void add(Deque<Entry> open, Entry entry) {
    var parent = open.peek();
    (parent == null ? top : parent.below).add(entry);
    all.add(entry);
    open.push(entry);
  }

  private static void extend(Deque<Entry> open, int line) {
    open.forEach(e -> e.end = line);
  }

  private static String path(Deque<Entry> open, String key) {
    var parent = open.peek();
    return parent == null ? key : parent.path + (key.equals("[]") ? key : "." + key);
  }

  private static int indent(String line) {
    var i = 0;
    while (i < line.length() && line.charAt(i) == ' ') {
      i++;
    }
    return i;
  }

  /// Without quotes and without a comment behind it.
  static String unquoted(String value) {
    var first = value.isEmpty() ? ' ' : value.charAt(0);
    if (first == '"' || first == '\'') {
      var end = value.indexOf(first, 1);
      return end < 0 ? value : value.substring(1, end);
    }
    var comment = value.indexOf(" #");
    return comment < 0 ? value : value.substring(0, comment).strip();
  }
}
