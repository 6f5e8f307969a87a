package io.armory.agent.adapter.docker.http;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Problem;
import java.util.Locale;
import java.util.regex.Pattern;

/// Why an engine call did not do what was asked. Lives inside this room; becomes a [Failure] at its
/// door.
public final class EngineException extends Exception {
  private static final long serialVersionUID = 1L;

  /// Of an engine that was killed while it started a container: containerd still has a container of
  /// that ID, which the engine does not get rid of.
  private static final Pattern LEFTOVER =
      Pattern.compile("\\bid already in use|(container|task) \\S+: already exists");

  private final Failure.Kind kind;
  private final int status;
  private boolean away;
  private boolean closed;

  public EngineException(Failure.Kind kind, String message) {
    this(kind, message, 0);
  }

  private EngineException(Failure.Kind kind, String message, int status) {
    super(oneLine(message));
    this.kind = kind;
    this.status = status;
  }

  /// The engine answered with an error.
  static EngineException refused(int status, String message) {
    return new EngineException(kindOf(status, message.toLowerCase(Locale.ROOT)), message, status);
  }

  /// Nobody is at the socket, or who was has gone away in the midst of a call.
  static EngineException away(String message) {
    var away = new EngineException(Failure.Kind.UNREACHABLE, message);
    away.away = true;
    return away;
  }

  /// This process is not let in.
  static EngineException closed(String message) {
    var closed = new EngineException(Failure.Kind.UNREACHABLE, message);
    closed.closed = true;
    return closed;
  }

  /// Why nothing at all can be read. That the engine is away, or has not answered in its time, is
  /// proof of its fault; that the agent is not let in, or has no means left to ask, is none.
  public Failure unread() {
    var proven = away || kind == Failure.Kind.TIMEOUT;
    return new Failure(
        closed ? Failure.Kind.DENIED : kind,
        String.valueOf(getMessage()),
        proven ? Failure.Blame.ENGINE : blame());
  }

  public Failure.Kind kind() {
    return kind;
  }

  /// The HTTP status, 0 when there was no answer.
  public int status() {
    return status;
  }

  /// Whether the engine's words contain one of these.
  public boolean says(String... words) {
    var message = String.valueOf(getMessage()).toLowerCase(Locale.ROOT);
    for (var word : words) {
      if (message.contains(word)) {
        return true;
      }
    }
    return false;
  }

  public EngineException as(Failure.Kind other) {
    var copy = new EngineException(other, String.valueOf(getMessage()), status);
    copy.initCause(this);
    return copy;
  }

  /// The same, with what to do about it.
  public EngineException withAdvice(String advice) {
    var copy = new EngineException(kind, getMessage() + ": " + advice, status);
    copy.initCause(this);
    return copy;
  }

  /// A name or a path is not the engine's word: what is quoted is left out.
  private Failure.Blame blame() {
    return status == 0 ? Failure.Blame.UNKNOWN : EngineWords.blame(String.valueOf(getMessage()));
  }

  /// @param what the attempt in words, such as `create container spinnaker-gate-1`
  public Failure failure(String what) {
    return new Failure(kind, what + ": " + getMessage(), blame());
  }

  /// Statuses as the Engine API documents them, and the words moby uses where the status alone says
  /// too little: a taken port is a plain 500, a network in use a 403.
  private static Failure.Kind kindOf(int status, String message) {
    if (message.contains("port is already allocated")
        || message.contains("address already in use")
        || message.contains("ports are not available")) {
      return Failure.Kind.PORT_TAKEN;
    }
    if (message.contains("no space left on device") || message.contains("disk quota exceeded")) {
      return Failure.Kind.NO_ROOM;
    }
    if (LEFTOVER.matcher(message).find()) {
      return Failure.Kind.BROKEN;
    }
    if (message.contains("no such image") || message.contains("image not known")) {
      return Failure.Kind.IMAGE_UNAVAILABLE;
    }
    // Podman says these with status 500.
    if (message.contains("name is already in use")
        || message.contains("unique constraint failed: containerconfig.name")
        || message.contains("network already exists")
        || message.contains("has dependent containers")) {
      return Failure.Kind.CONFLICT;
    }
    return switch (status) {
      case 404 -> Failure.Kind.NOT_FOUND;
      case 409 -> Failure.Kind.CONFLICT;
      case 403 ->
          message.contains("has active endpoints") ? Failure.Kind.CONFLICT : Failure.Kind.INVALID;
      case 400, 405, 501 -> Failure.Kind.INVALID;
      default ->
          message.matches(".*network (\\S+ )?not found.*")
              ? Failure.Kind.NOT_FOUND
              : Failure.Kind.TRANSIENT;
    };
  }

  private static String oneLine(String message) {
    return Problem.oneLine(message.strip().replaceAll("\\s+", " "));
  }
}
