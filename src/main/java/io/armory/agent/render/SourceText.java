package io.armory.agent.render;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.SourceFiles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A Compose file as text: what has to be known of it by name and line before it is loaded.
record SourceText(String path, List<String> lines) {
  private static final long MOST_BYTES = 4L * 1024 * 1024;

  SourceText {
    lines = List.copyOf(lines);
  }

  /// Those that can be read; the others are problems.
  static List<SourceText> read(List<String> paths, SourceFiles files, List<Problem> problems) {
    var texts = new ArrayList<SourceText>();
    for (var path : paths) {
      switch (files.read(path, MOST_BYTES)) {
        case SourceFiles.Content(var bytes) ->
            texts.add(
                new SourceText(path, new String(bytes, StandardCharsets.UTF_8).lines().toList()));
        case SourceFiles.Missing() ->
            problems.add(new Problem(path, "is not there", "reinstall the package, or add it"));
        case SourceFiles.Directory() ->
            problems.add(new Problem(path, "is a directory", "put a Compose file there"));
        case SourceFiles.TooLarge(var size) ->
            problems.add(new Problem(path, "is too large: " + size + " bytes", "make it smaller"));
        case SourceFiles.Unreadable(var reason) ->
            problems.add(new Problem(path, "cannot be read: " + reason, "check its permissions"));
      }
    }
    return texts;
  }

  /// `FILE:LINE`.
  ///
  /// @param index of the line, from 0
  String where(int index) {
    return path + ":" + (index + 1);
  }
}
