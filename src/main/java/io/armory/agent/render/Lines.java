package io.armory.agent.render;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Finds the line that says something about a service or a network, for people to go to. The files
/// are read as text: what counts was decided on the loaded stack.
final class Lines {
  private Lines() {}

  /// @param text the line itself
  record Found(String where, String text) {}

  /// The key of a thing, in the last file that has it, which is the one that counts.
  ///
  /// @param of the thing's name
  /// @param token in the line; empty, or not found: the key's line
  /// @param otherwise where nothing is found
  static Found find(List<SourceText> texts, String of, String key, String token, String otherwise) {
    for (var text : texts.reversed()) {
      var line = find(text, of, key, token);
      if (line >= 0) {
        return new Found(text.where(line), text.lines().get(line));
      }
    }
    return new Found(otherwise, "");
  }

  /// Whether any file has a key of this name below another.
  static boolean isNamed(List<SourceText> texts, String name) {
    var key = named(name);
    return texts.stream().anyMatch(t -> t.lines().stream().anyMatch(l -> key.matcher(l).matches()));
  }

  private static Pattern named(String name) {
    return Pattern.compile("(\\s+)[\"']?" + Pattern.quote(name) + "[\"']?\\s*:.*");
  }

  /// @return index of the line with the token, else of the key's, or -1
  private static int find(SourceText text, String of, String key, String token) {
    var name = named(of);
    var lines = text.lines();
    for (var i = 0; i < lines.size(); i++) {
      var start = name.matcher(lines.get(i));
      if (!start.matches()) {
        continue;
      }
      var end = endOfBlock(lines, i, start.group(1).length());
      var keyLine = line(lines, i, end, Pattern.compile(".*\\b" + key + "[\"']?\\s*:.*"));
      if (keyLine >= 0) {
        var whole = "(?<![\\w.])" + Pattern.quote(token) + "(?![\\w.])";
        var tokenLine =
            token.isEmpty() ? -1 : line(lines, keyLine, end, Pattern.compile(".*" + whole + ".*"));
        return tokenLine < 0 ? keyLine : tokenLine;
      }
    }
    return -1;
  }

  private static int endOfBlock(List<String> lines, int start, int indent) {
    for (var i = start + 1; i < lines.size(); i++) {
      var line = lines.get(i);
      var stripped = line.stripLeading();
      var isContent = !stripped.isEmpty() && !stripped.startsWith("#");
      if (isContent && line.length() - stripped.length() <= indent) {
        return i;
      }
    }
    return lines.size();
  }

  private static int line(List<String> lines, int from, int to, Pattern pattern) {
    for (var i = from; i < to; i++) {
      var line = lines.get(i);
      if (!line.stripLeading().startsWith("#") && pattern.matcher(line).matches()) {
        return i;
      }
    }
    return -1;
  }

  /// The parameters that a line uses.
  static List<String> variables(String line) {
    return new ArrayList<>(VariableUses.names(List.of(new SourceText("", List.of(line)))));
  }
}
