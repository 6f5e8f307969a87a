package io.armory.agent.compose.source;

import io.armory.agent.domain.Problem;
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
public final class Diagnostics {
  /// @param mark line 0: the file as a whole
  /// @param path where in the model: `services.gate.build`; empty: the model as a whole
  private record Found(Location mark, String path, String message, String advice) {
    Problem problem() {
      var where =
          mark.line() > 0 ? mark.file() + ":" + mark.line() + ":" + mark.column() : mark.file();
      return new Problem(where, path.isEmpty() ? message : path + ": " + message, advice);
    }
  }

  /// Of a path, a message or an advice; none that has no value of others in it is so long.
  private static final int LONGEST = 250;

  private final Map<Found, Path> problems = new LinkedHashMap<>();

  /// Where one of them is met again.
  private final Set<Path> again = new HashSet<>();

  private final Set<String> warnings = new LinkedHashSet<>();

  public void problem(Location mark, Path path, String message, String advice) {
    if (!full()) {
      problems.putIfAbsent(
          new Found(mark, shown(path.toString()), shown(message), shown(advice)), path);
    }
  }

  /// A problem of many places that is mended in one: told of the first.
  public void once(Location mark, Path path, String message, String advice) {
    if (problems.keySet().stream().anyMatch(p -> p.message().equals(shown(message)))) {
      again.add(path);
    } else {
      problem(mark, path, message, advice);
    }
  }

  /// A problem that may only be the consequence of another at, above or below the same path.
  public void consequence(Location mark, Path path, String message, String advice) {
    if (Stream.concat(problems.values().stream(), again.stream()).noneMatch(path::related)) {
      problem(mark, path, message, advice);
    }
  }

  /// A problem that an earlier stage may have said of the same place.
  public void further(Location mark, Path path, String message, String advice) {
    if (!problems.containsValue(path) && !again.contains(path)) {
      problem(mark, path, message, advice);
    }
  }

  /// Nobody reads more.
  public boolean full() {
    return problems.size() >= Problem.MOST;
  }

  public void fileProblem(String file, String message, String advice) {
    problems.putIfAbsent(
        new Found(new Location(file, 0, 0), "", shown(message), advice), Path.ROOT);
  }

  public void warn(String warning) {
    if (warnings.size() < Problem.MOST) {
      warnings.add(Problem.oneLine(shown(warning)));
    }
  }

  static String shown(String text) {
    return Problem.shortened(text, LONGEST);
  }

  public boolean rejected() {
    return !problems.isEmpty();
  }

  /// In the order of files as they were met, then of lines.
  public List<Problem> problems() {
    List<String> files = new ArrayList<>();
    problems.keySet().forEach(p -> files.add(p.mark().file()));
    return problems.keySet().stream()
        .sorted(
            Comparator.<Found>comparingInt(p -> files.indexOf(p.mark().file()))
                .thenComparingInt(p -> p.mark().line())
                .thenComparingInt(p -> p.mark().column()))
        .map(Found::problem)
        .toList();
  }

  public List<String> warnings() {
    return List.copyOf(warnings);
  }
}
