package io.armory.agent.compose;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// What a load finds wrong: problems refuse the project, warnings do not. The same finding is kept
/// once, however many stages come across it.
final class Findings {
  /// More problems than anybody reads; keeps hostile input bounded.
  static final int MOST_PROBLEMS = 200;

  private final Map<Problem, Path> problems = new LinkedHashMap<>();

  /// Where one of them is met again.
  private final Set<Path> again = new HashSet<>();

  private final Set<String> warnings = new LinkedHashSet<>();

  void problem(Mark mark, Path path, String message, String advice) {
    if (problems.size() < MOST_PROBLEMS) {
      problems.putIfAbsent(
          new Problem(mark.file(), mark.line(), mark.column(), path.toString(), message, advice),
          path);
    }
  }

  /// A problem of many places that is mended in one: told of the first.
  void once(Mark mark, Path path, String message, String advice) {
    if (problems.keySet().stream().anyMatch(p -> p.message().equals(message))) {
      again.add(path);
    } else {
      problem(mark, path, message, advice);
    }
  }

  /// A problem that may only be the consequence of another at, above or below the same path.
  void consequence(Mark mark, Path path, String message, String advice) {
    if (Stream.concat(problems.values().stream(), again.stream()).noneMatch(path::related)) {
      problem(mark, path, message, advice);
    }
  }

  /// A problem that an earlier stage may have said of the same place.
  void further(Mark mark, Path path, String message, String advice) {
    if (!problems.containsValue(path) && !again.contains(path)) {
      problem(mark, path, message, advice);
    }
  }

  /// Nobody reads more.
  boolean full() {
    return problems.size() >= MOST_PROBLEMS;
  }

  void fileProblem(String file, String message, String advice) {
    problems.putIfAbsent(new Problem(file, 0, 0, "", message, advice), Path.ROOT);
  }

  void warn(String warning) {
    warnings.add(warning);
  }

  boolean rejected() {
    return !problems.isEmpty();
  }

  /// In the order of files as they were met, then of lines.
  List<Problem> problems() {
    List<String> files = new ArrayList<>();
    problems.keySet().forEach(p -> files.add(p.file()));
    return problems.keySet().stream()
        .sorted(
            Comparator.<Problem>comparingInt(p -> files.indexOf(p.file()))
                .thenComparingInt(Problem::line)
                .thenComparingInt(Problem::column))
        .toList();
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }
}
