package io.armory.agent.adapter.files;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.port.ParameterSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Refuses the site's files whose names nothing can use, each by its name: they are left out, and
/// the others are used. A name has to be UTF-8, as what mounts the file says it as text, and on one
/// line.
///
/// @param directories of the site's files
public record SiteNames(List<Path> directories) implements ParameterSource {
  private static final int DEEPEST = 5;

  @Override
  public String name() {
    return "names of the site's files";
  }

  @Override
  public Outcome<Parameters> read(NodeIdentity identity) {
    var problems = new ArrayList<Problem>();
    try {
      for (var directory : directories) {
        if (Files.isDirectory(directory)) {
          look(directory, problems);
        }
      }
    } catch (IOException e) {
      return Outcome.failed(DiskFailure.of("cannot look at the site's files", e));
    }
    return Outcome.done(new Parameters(Map.of(), Map.of(), Map.of(), problems));
  }

  private static void look(Path directory, List<Problem> problems) throws IOException {
    try (var walk = Files.walk(directory, DEEPEST, FileVisitOption.FOLLOW_LINKS)) {
      walk.filter(p -> !isSound(p) && Files.isRegularFile(p))
          .sorted()
          .forEach(p ->
              problems.add(
                  new Problem(
                      directory + "/" + shown(directory, p),
                      "is left out: its name is not UTF-8, or has a control character in it",
                      "rename it; the other files are used")));
    } catch (UncheckedIOException e) {
      throw e.getCause() == null ? new IOException(e) : e.getCause();
    }
  }

  /// Whether the file is found again by what its name says.
  static boolean isSound(Path path) {
    var name = path.toString();
    try {
      return name.chars().noneMatch(Character::isISOControl) && Path.of(name).equals(path);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /// With every byte that is not plain text as `%FF`.
  static String shown(Path directory, Path path) {
    var base = directory.toUri().getRawPath();
    var all = path.toUri().getRawPath();
    var from = base.endsWith("/") ? base.length() : base.length() + 1;
    return all.startsWith(base) && all.length() > from ? all.substring(from) : all;
  }
}
