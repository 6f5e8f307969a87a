package io.armory.agent.domain;

/// Why something could not be done, translated at the adapter's door.
///
/// @param kind what kind of answer the caller owes it
/// @param message one line: what is wrong, where, and what to do
/// @param blame whose fault it is, where that is known for certain
public record Failure(Kind kind, String message, Blame blame) {

  /// Of an unknown fault, which counts as the mildest.
  public Failure(Kind kind, String message) {
    this(kind, message, Blame.UNKNOWN);
  }

  /// The same, for what was attempted.
  public Failure saying(String attempt) {
    return new Failure(kind, attempt + message, blame);
  }

  /// Whose fault it is. Only [#ENGINE] is cured by another node, so only proof makes it that.
  public enum Blame {
    /// Nobody knows: nothing follows from it.
    UNKNOWN,
    /// What somebody wrote: the same on every node.
    DEFINITION,
    /// What the node has of something is used up, or taken by somebody else on it.
    NODE,
    /// Something outside is away, or refuses, that other nodes share: a log collector, a registry,
    /// a file server, AWS.
    OUTSIDE,
    /// The engine of this node is broken, by its own words.
    ENGINE
  }

  public enum Kind {
    /// The other side does not answer at all; nothing was learned.
    UNREACHABLE(true),
    /// No answer in the call's deadline; it may yet have worked: observe before deciding.
    TIMEOUT(true),
    /// The other side is busy or failing; the same call may work later.
    TRANSIENT(true),
    /// The other side's disk is full: it works again when there is room.
    NO_ROOM(true, "make room on its disk"),
    /// What it acts on is not there (any more): observe again.
    NOT_FOUND(true),
    /// Somebody else has the name, or changed it meanwhile: observe again.
    CONFLICT(true),
    /// The engine has damaged what it acts on, and will refuse it for ever: another must be made.
    BROKEN(true),
    /// A host port is taken by another program.
    PORT_TAKEN(true, "end the program that has the port, or publish another one"),
    /// The image is neither here nor in the registry, or the registry refuses us.
    IMAGE_UNAVAILABLE(true, "check the name and the release, and whether this node may pull it"),
    /// The other side refuses us: no credentials, or not enough permission. Somebody may mend that
    /// without telling us.
    DENIED(true, "check the credentials and what they allow"),
    /// The definition itself is refused; only a change of it helps.
    INVALID(false, "change its definition"),
    /// It was done and did not get healthy; only a change of it helps.
    UNHEALTHY(false);

    private final boolean retryable;
    private final String todo;

    Kind(boolean retryable) {
      this(retryable, "");
    }

    Kind(boolean retryable, String todo) {
      this.retryable = retryable;
      this.todo = todo;
    }

    /// What a person can do about it, in words; empty: that is in the message, or not known.
    public String todo() {
      return todo;
    }

    public boolean retryable() {
      return retryable;
    }
  }
}
