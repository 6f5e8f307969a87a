package io.armory.agent.adapter.docker.observe;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.DeadlineCalls;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.domain.stack.Observation.Unknown;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// The things of one look that are asked for one by one. One that cannot be read, for whatever
/// reason, is unknown by itself, as long as the engine answers anything at all.
final class Parts {
  /// For one that did not answer a moment ago.
  private static final Duration GLIMPSE = Duration.ofMillis(500);

  private final Session session;
  private final DeadlineCalls calls;
  private final Troubles troubles;
  private final Instant at;

  /// For one thing, and for all that are waited for one after the other.
  private final Duration patience;

  private final Duration together;
  private final long began = System.nanoTime();
  private final List<Unknown> unknown = new CopyOnWriteArrayList<>();
  private volatile boolean brokeOff;

  /// @param look for everything of the look
  Parts(Session session, DeadlineCalls calls, Troubles troubles, Instant at, Duration look) {
    this.patience = look.multipliedBy(3).dividedBy(10);
    this.together = look.multipliedBy(6).dividedBy(10);
    this.session = session;
    this.calls = calls;
    this.troubles = troubles;
    this.at = at;
  }

  /// What is made of an answer; `null` where the answer is not about the thing.
  interface Reading<T> {
    @Nullable T read(JsonNode answer);
  }

  /// @param name for people
  record About(Thing thing, String key, String name) {
    static About of(Thing thing, String key) {
      return new About(thing, key, key);
    }

    Troubles.Subject subject() {
      return new Troubles.Subject(thing, key);
    }
  }

  /// Asks for one thing.
  ///
  /// @return `null` if it is not there, or is now among [#unknown]
  <T> @Nullable T ask(About about, String path, Reading<T> reading) {
    var silent = troubles.isSilent(about.subject(), System.nanoTime());
    try {
      var read = reading.read(answer(path, silent ? GLIMPSE : patience));
      if (read == null) {
        unknown(about, "the engine's answer is not about it", !silent);
      } else {
        troubles.mended(about.subject());
      }
      return read;
    } catch (EngineException e) {
      failed(about, e, !silent);
      return null;
    } catch (RuntimeException e) {
      unknown(about, "the engine's answer makes no sense: " + e.getMessage(), !silent);
      return null;
    }
  }

  private void failed(About about, EngineException e, boolean waited) {
    if (e.status() == 404) {
      troubles.mended(about.subject());
      return;
    }
    brokeOff |= e.kind() == Failure.Kind.UNREACHABLE || e.kind() == Failure.Kind.TIMEOUT;
    // How long was waited differs from look to look.
    var reason =
        e.kind() == Failure.Kind.TIMEOUT
            ? "the engine does not answer about it"
            : String.valueOf(e.getMessage());
    unknown(about, reason, waited);
  }

  /// A list of things.
  ///
  /// @return empty: it cannot be read, and its things are to be asked for one by one
  Optional<JsonNode> list(Thing thing, String path, Reading<JsonNode> reading) {
    var subject = new Troubles.Subject(thing, "");
    var silent = troubles.isSilent(subject, System.nanoTime());
    try {
      var list = reading.read(answer(path, silent ? GLIMPSE : patience));
      if (list != null && list.isContainerNode()) {
        troubles.mended(subject);
        return Optional.of(list);
      }
    } catch (EngineException e) {
      brokeOff |= e.kind() == Failure.Kind.UNREACHABLE || e.kind() == Failure.Kind.TIMEOUT;
    }
    troubles.failed(subject, !silent, at, System.nanoTime());
    return Optional.empty();
  }

  private JsonNode answer(String path, Duration most) throws EngineException {
    var left = together.minusNanos(System.nanoTime() - began);
    var limit = left.compareTo(most) < 0 ? left : most;
    var waits = limit.compareTo(GLIMPSE) < 0 ? GLIMPSE : limit;
    return calls.within(new DeadlineCalls.Patience(waits), () -> session.get(path));
  }

  private void unknown(About about, String reason, boolean waited) {
    var since = troubles.failed(about.subject(), waited, at, System.nanoTime());
    unknown.add(new Unknown(about.thing(), about.key(), about.name(), reason, since));
  }

  boolean isUnknown(Thing thing, String key) {
    return unknown.stream().anyMatch(u -> u.thing() == thing && u.key().equals(key));
  }

  List<Unknown> unknown() {
    return unknown.stream()
        .sorted(Comparator.comparing(Unknown::thing).thenComparing(Unknown::key))
        .toList();
  }

  /// Whether it was the things, not the engine, that did not answer.
  void confirmEngine() throws EngineException {
    if (brokeOff) {
      calls.within(new DeadlineCalls.Patience(patience), () -> session.get("/_ping"));
    }
  }
}
