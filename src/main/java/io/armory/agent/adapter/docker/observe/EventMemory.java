package io.armory.agent.adapter.docker.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient;
import io.armory.agent.adapter.docker.http.DeadlineCalls;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.JsonLines;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.Failure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What Docker remembers of late: its last 256 events of whatever kind, in order, also those that a
/// stream has lost. As long as the newest event that was known is among them, none in between is
/// missing. An engine that was started anew, or to which more has happened than it remembers, does
/// not have that event any more, and then nothing is proved. The question costs the engine a
/// thirtieth of a list of 100 containers.
final class EventMemory {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /// Lines that are read of an answer, more than any engine remembers.
  private static final int MOST = 1000;

  /// The actions of commands in a container, those of its health check above all.
  private static final String COMMAND = "exec_";

  /// @param nanos the engine's time of it, since 1970
  record Event(long nanos, String action, String subject) {
    /// What `since` takes.
    String time() {
      return time(nanos / 1_000_000_000, nanos % 1_000_000_000);
    }

    static String time(long seconds, long nanos) {
      return "%d.%09d".formatted(seconds, nanos);
    }
  }

  /// @param newest the newest event that the engine remembers; `null`: there is none, or it does
  ///   not tell
  /// @param held whether the event that was known is among what was told
  /// @param quiet nothing is missing since that event, and nothing but commands came after it
  record Told(@Nullable Event newest, boolean held, boolean quiet) {
    private static final Told NOTHING = new Told(null, false, false);
  }

  private EventMemory() {}

  /// Whatever is wrong with the answer proves nothing.
  ///
  /// @param known the newest event as of the last time; `null`: none was known
  static Told since(@Nullable Event known, Session session, DeadlineCalls calls) {
    try {
      return calls.within(new DeadlineCalls.Patience(PATIENCE), () -> ask(known, session));
    } catch (EngineException e) {
      return Told.NOTHING;
    }
  }

  private static Told ask(@Nullable Event known, Session session) throws EngineException {
    // An end in the past: the engine says what it remembers, and waits for nothing.
    var now = Instant.now();
    var query =
        Query.of("since", known == null ? "1" : known.time())
            .and("until", Event.time(now.getEpochSecond(), now.getNano()));
    try (var answer =
        session.http().stream("GET", session.path("/events" + query), null, Map.of())) {
      return read(known, answer);
    } catch (IOException e) {
      throw session.http().unreachable(e);
    }
  }

  private static Told read(@Nullable Event known, DockerHttpClient.Response answer)
      throws IOException, EngineException {
    var lines = new JsonLines(answer.getBody());
    Event newest = null;
    boolean held = false;
    boolean quiet = true;
    int count = 0;
    for (var line = lines.next(); line != null; line = lines.next()) {
      var event = event(line);
      if (++count > MOST) {
        throw new EngineException(Failure.Kind.TRANSIENT, "the engine's memory has no end");
      }
      if (event.equals(known)) {
        held = true;
        quiet = true;
      } else {
        quiet &= event.action().startsWith(COMMAND);
      }
      newest = event;
    }
    return new Told(newest, held, held && quiet);
  }

  private static Event event(JsonNode line) throws EngineException {
    var event =
        new Event(
            line.path("timeNano").asLong(),
            line.path("Action").asText(""),
            line.at("/Actor/ID").asText(""));
    if (event.nanos() <= 0 || event.action().isEmpty()) {
      throw new EngineException(Failure.Kind.TRANSIENT, "the engine's memory makes no sense");
    }
    return event;
  }
}
