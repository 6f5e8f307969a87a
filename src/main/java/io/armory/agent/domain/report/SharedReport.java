package io.armory.agent.domain.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the node shares with the others of its group.
///
/// @param redis the remote Redis; empty: the stack has none
/// @param poller the election of the one poller; empty: none is held here
/// @param group the nodes that take turns; empty: this one takes none
public record SharedReport(
    Optional<RedisReport> redis, Optional<PollerReport> poller, Optional<GroupReport> group) {
  public static final SharedReport NONE = new SharedReport(Optional.empty(), Optional.empty());

  /// Of a node that takes no turns.
  public SharedReport(Optional<RedisReport> redis, Optional<PollerReport> poller) {
    this(redis, poller, Optional.empty());
  }

  /// @param address `redis.internal:6379`
  /// @param state how it is
  /// @param reason in words, whatever the state
  /// @param since when the state began
  /// @param doing what the agent does about it; empty: nothing is to be done
  /// @param latency of the last PING; `null`: it did not answer
  /// @param version empty: not known
  /// @param warnings it works, but will not do in the long run: one line each
  public record RedisReport(
      String address,
      State state,
      String reason,
      Instant since,
      String doing,
      @Nullable Duration latency,
      String version,
      List<String> warnings) {

    public RedisReport {
      warnings = List.copyOf(warnings);
    }

    public enum State {
      /// Not asked yet.
      UNKNOWN,
      UP,
      /// The last answer was a failure; it may be a hiccup.
      FAILING,
      DOWN
    }

    /// A shared outage: the node is not ready, nothing is restarted for it, and no new node would
    /// help.
    public boolean isOut() {
      return state == State.DOWN || state == State.UNKNOWN;
    }
  }

  /// @param here this node polls, or is about to
  /// @param holder the node that does, for people; empty: none is known
  /// @param token of its lease: larger than any before it
  /// @param since when it was elected, by its own clock; `null`: nobody is known to be
  /// @param isStale the lease cannot be read at present
  /// @param reason in words
  public record PollerReport(
      boolean here,
      String holder,
      long token,
      @Nullable Instant since,
      boolean isStale,
      String reason) {}
}
