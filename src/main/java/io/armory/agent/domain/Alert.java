package io.armory.agent.domain;

import java.time.Instant;
import java.util.Locale;

/// What people are told without asking: a condition of the node that has begun, or is over.
///
/// @param over it is over; else it has begun
/// @param what in a few words: `not ready`, `revision 1f2e failed`
/// @param why in words; may be empty
/// @param since when the condition began
public record Alert(
    Condition condition,
    boolean over,
    String what,
    String why,
    Instant since,
    Instant at,
    Origin origin) {

  /// What can be told of. The names, in kebab case, are public interface.
  public enum Condition {
    /// A revision failed here, and the last good one is run instead.
    ROLLBACK,
    /// The node gets no traffic, for longer than is waited for.
    NOT_READY,
    /// Only a new node can help, and the group is asked for one.
    REPLACEMENT,
    /// The node goes out of service, or is out of it.
    DRAIN,
    /// The disk is fuller than it should be.
    DISK,
    /// A revision that failed on another node is not begun here.
    HELD_BACK,
    /// EC2 has something in its calendar for the instance.
    SCHEDULED;

    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// Which node it is about.
  ///
  /// @param node its instance, or else its host
  /// @param role empty: none is known
  /// @param revision empty: none is run
  public record Origin(String node, String host, String stack, String role, String revision) {}

  /// `begun` or `over`.
  public String state() {
    return over ? "over" : "begun";
  }

  /// The same, with its words rewritten.
  public Alert masked(java.util.function.UnaryOperator<String> mask) {
    return new Alert(condition, over, mask.apply(what), mask.apply(why), since, at, origin);
  }
}
