package io.armory.agent.adapter.docker;

import com.github.dockerjava.api.DockerClient;
import io.armory.agent.adapter.docker.DockerEngine.Deadlines;
import io.armory.agent.adapter.docker.http.DeadlineCalls;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.http.Sessions;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.nio.file.Path;
import java.time.Duration;

/// Calls to one engine by their kind: each in the session in use, within its deadline, and a sign
/// that the engine is there.
final class EngineCalls implements AutoCloseable {
  private static final int MOST = 48;

  private final Path socket;
  private final Deadlines deadlines;
  private final Sessions sessions;
  private final DeadlineCalls within = new DeadlineCalls(MOST);

  /// When the engine last answered anything, by `System.nanoTime`.
  private volatile long answeredAt;

  EngineCalls(Path socket, Deadlines deadlines) {
    this.socket = socket;
    this.deadlines = deadlines;
    this.sessions = new Sessions(socket);
    this.answeredAt = System.nanoTime() - deadlines.betweenQuestions().toNanos();
  }

  interface Effect {
    void on(Session session) throws EngineException;
  }

  interface Lasting<T> {
    /// @param alive told whenever something came or went
    T run(Session session, Runnable alive) throws EngineException;
  }

  Path socket() {
    return socket;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  Sessions sessions() {
    return sessions;
  }

  DeadlineCalls within() {
    return within;
  }

  // ---- what changes something

  <T> T act(Sessions.Call<T> call) throws EngineException {
    return by(deadlines.act(), call);
  }

  String effect(Effect effect) throws EngineException {
    return effect(deadlines.act(), effect);
  }

  String effect(Duration deadline, Effect effect) throws EngineException {
    return by(
        deadline,
        session -> {
          effect.on(session);
          return "";
        });
  }

  /// One with a deadline of its own.
  <T> T by(Duration deadline, Sessions.Call<T> call) throws EngineException {
    return call(new DeadlineCalls.Patience(deadline), call);
  }

  /// One that may take as long as it goes on: it is given up after a silence as of a pull.
  <T> T lasting(Lasting<T> call) throws EngineException {
    var patience = new DeadlineCalls.Patience(deadlines.pullSilence());
    return call(patience, s -> call.run(s, patience::signOfLife));
  }

  // ---- what only asks

  /// Asks for what is seen, and again when the engine broke off: after its restart the first call
  /// meets an old socket.
  <T> T look(Sessions.Call<T> question) throws EngineException {
    return ask(deadlines.look(), question);
  }

  private <T> T ask(Duration deadline, Sessions.Call<T> question) throws EngineException {
    var patience = new DeadlineCalls.Patience(deadline);
    try {
      return call(patience, question);
    } catch (EngineException e) {
      if (e.kind() != Failure.Kind.UNREACHABLE || !sessions.wasOpen()) {
        throw e;
      }
      return call(patience, question);
    }
  }

  // ---- how it went, as data

  /// As [#act].
  ///
  /// @param what the attempt in words
  <T> Outcome<T> outcome(String what, Sessions.Call<T> call) {
    return attempt(what, () -> act(call));
  }

  /// As [#look].
  <T> Outcome<T> seen(String what, Sessions.Call<T> question) {
    return attempt(what, () -> look(question));
  }

  /// As the other.
  <T> Outcome<T> lasting(String what, Lasting<T> call) {
    return attempt(what, () -> lasting(call));
  }

  static <T> Outcome<T> attempt(String what, DeadlineCalls.Call<T> call) {
    try {
      return Outcome.done(call.run());
    } catch (EngineException e) {
      return Outcome.failed(e.failure(what));
    }
  }

  // ---- whether the engine is there

  /// As long after its last answer to anything as passes between two questions; after a question
  /// that was not answered, from then on.
  Duration untilQuestion() {
    var left = leftUntilQuestion();
    return left.isPositive() ? left : deadlines.betweenQuestions();
  }

  /// Not positive when a question is due.
  private Duration leftUntilQuestion() {
    return Duration.ofNanos(answeredAt - System.nanoTime()).plus(deadlines.betweenQuestions());
  }

  /// On a connection that is there, as it is asked all the time; not asked at all when something
  /// else was answered since the last question was due.
  boolean answers() {
    if (leftUntilQuestion().isPositive()) {
      return true;
    }
    try {
      ask(
          deadlines.liveness(),
          session -> {
            session.run(DockerClient::pingCmd);
            return true;
          });
      return true;
    } catch (EngineException e) {
      return false;
    }
  }

  private <T> T call(DeadlineCalls.Patience patience, Sessions.Call<T> call)
      throws EngineException {
    try {
      var answer = within.within(patience, () -> sessions.use(call));
      answeredAt = System.nanoTime();
      return answer;
    } catch (EngineException e) {
      if (e.kind() == Failure.Kind.TIMEOUT) {
        sessions.dropCurrent();
        throw new EngineException(e.kind(), "Docker Engine at " + socket + ": " + e.getMessage());
      }
      throw e;
    }
  }

  @Override
  public void close() {
    sessions.close();
  }
}
