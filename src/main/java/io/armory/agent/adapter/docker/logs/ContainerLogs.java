package io.armory.agent.adapter.docker.logs;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/// The last lines of a container.
public record ContainerLogs(Session session, String container) {
  private static final int MOST_CHARACTERS = 256 * 1024;

  public List<LogLine> read(LogRange range) throws EngineException {
    var inspected = session.get(Paths.container(container, "/json"));
    var path = session.path(path(container, range, false));
    try (var response = session.http().stream("GET", path, null, Map.of())) {
      var kept = new Kept(range.lines());
      var lines = new LogLines(range, kept::add);
      LogFrames.read(response.getBody(), isTerminal(inspected), lines);
      lines.end();
      return List.copyOf(kept.lines);
    } catch (IOException e) {
      throw session.http().unreachable(e);
    }
  }

  static boolean isTerminal(JsonNode inspected) {
    return inspected.path("Config").path("Tty").asBoolean();
  }

  /// @param follow go on with what is written until the container ends
  static String path(String container, LogRange range, boolean follow) {
    var query =
        Query.of("stdout", "1").and("stderr", "1").and("timestamps", "1").and("tail", tail(range));
    var since = range.since();
    if (since.isAfter(Instant.EPOCH)) {
      // Podman 5.8 reads it as a floating point number, up to a microsecond too late: what is
      // earlier is left out here.
      query.and("since", stamp(since.minusMillis(1)));
    }
    if (!range.isOpen()) {
      query.and("until", stamp(range.until()));
    }
    if (follow) {
      query.and("follow", "1");
    }
    return Paths.container(container, "/logs" + query);
  }

  /// Engines count from the end of the log, not from that of the range.
  private static String tail(LogRange range) {
    return range.lines() == LogRange.ALL || !range.isOpen()
        ? "all"
        : Integer.toString(range.lines());
  }

  private static String stamp(Instant at) {
    return "%d.%09d".formatted(at.getEpochSecond(), at.getNano());
  }

  /// The last lines within a bound; the earliest are let go whole, so that no half of a secret is
  /// left.
  private static final class Kept {
    private final int most;
    private final Deque<LogLine> lines = new ArrayDeque<>();
    private int characters;

    Kept(int most) {
      this.most = most;
    }

    void add(LogLine line) {
      lines.add(line);
      characters += line.text().length();
      while (lines.size() > most || (characters > MOST_CHARACTERS && lines.size() > 1)) {
        characters -= lines.remove().text().length();
      }
    }
  }
}
