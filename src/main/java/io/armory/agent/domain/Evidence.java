package io.armory.agent.domain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What is kept of a container that failed with its revision, past the rollback that removes it.
/// Bounded, and without secrets as far as they are known.
///
/// @param revision the one that failed, by its ID
/// @param why the service's state and reason when the revision was given up
/// @param container its ID; empty: none could be made
/// @param before the image of the revision that was gone back to; empty: there was none
/// @param end the engine's words on how it stood: "running", "exited with code 1"
/// @param health what its health check last answered, the beginning of it; empty: nothing
/// @param lines the last it wrote
public record Evidence(
    Instant at,
    String service,
    String revision,
    String why,
    String container,
    String name,
    String before,
    String image,
    String end,
    String health,
    List<String> lines) {
  public static final int MOST_LINES = 200;
  public static final int MOST_HEALTH = 500;
  private static final int LONGEST_LINE = 1000;

  /// The same failure, with what was read of its container.
  public Evidence with(String read, List<String> log) {
    return new Evidence(at, service, revision, why, container, name, before, image, end, read, log);
  }

  private static final int MOST_CHARACTERS = 64 * 1024;

  public Evidence {
    why = cut(why, LONGEST_LINE);
    health = cut(health.strip(), MOST_HEALTH);
    lines = bounded(lines);
  }

  /// For the sentence that tells why the revision failed.
  public String summary() {
    var said = lines.isEmpty() ? "" : " (last log line: " + cut(lines.getLast().strip(), 300) + ")";
    var answered = health.isEmpty() ? "" : "; its health check answered: " + cut(health, 200);
    return answered + said;
  }

  /// The last ones, as many as there is room for.
  private static List<String> bounded(List<String> lines) {
    var last = new ArrayList<String>();
    var left = MOST_CHARACTERS;
    for (var line : lines.reversed()) {
      var shown = cut(line, LONGEST_LINE);
      left -= shown.length();
      if (left < 0 || last.size() == MOST_LINES) {
        break;
      }
      last.addFirst(shown);
    }
    return List.copyOf(last);
  }

  private static String cut(String text, int most) {
    return text.length() <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, text.codePointCount(0, most - 1))) + "…";
  }
}
