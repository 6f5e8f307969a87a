package io.armory.agent.render;

import io.armory.agent.domain.Problem;
import java.util.List;
import java.util.regex.Pattern;

/// Finds the line that publishes a service, for people to go to. The files are read as text: what
/// counts was decided on the loaded stack.
final class PortLines {
  private PortLines() {}

  /// @param texts in the order they are merged
  static Problem problem(List<SourceText> texts, ExposurePolicy.Violation violation) {
    return new Problem(
        where(texts, violation),
        violation.what(),
        "publish it on a private address, such as ${NODE_PRIVATE_IP}, or list "
            + violation.service()
            + " under expose: in agent.yaml");
  }

  private static String where(List<SourceText> texts, ExposurePolicy.Violation violation) {
    var key = violation.port().isEmpty() ? "network_mode" : "ports";
    var port = violation.port().replaceAll("^.*:", "").replaceAll("/.*$", "");
    // The last file that says it is the one that counts.
    for (var text : texts.reversed()) {
      var line = find(text, violation.service(), key, port);
      if (line >= 0) {
        return text.where(line);
      }
    }
    return "services." + violation.service() + "." + key;
  }

  /// @return index of the line with the port, else of the key's, or -1
  private static int find(SourceText text, String service, String key, String port) {
    var name = Pattern.compile("(\\s+)[\"']?" + Pattern.quote(service) + "[\"']?\\s*:.*");
    var lines = text.lines();
    for (var i = 0; i < lines.size(); i++) {
      var start = name.matcher(lines.get(i));
      if (!start.matches()) {
        continue;
      }
      var end = endOfBlock(lines, i, start.group(1).length());
      var keyLine = line(lines, i, end, ".*\\b" + key + "[\"']?\\s*:.*");
      if (keyLine >= 0) {
        var portLine = line(lines, keyLine, end, ".*\\b" + port + "\\b.*");
        return port.isEmpty() || portLine < 0 ? keyLine : portLine;
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

  private static int line(List<String> lines, int from, int to, String pattern) {
    var compiled = Pattern.compile(pattern);
    for (var i = from; i < to; i++) {
      var line = lines.get(i);
      if (!line.stripLeading().startsWith("#") && compiled.matcher(line).matches()) {
        return i;
      }
    }
    return -1;
  }
}
