package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Where the nodes of a group register themselves and take turns at changing, in a store that they
/// share. Whatever is written expires by the store's own clock. Every call blocks a few seconds at
/// most and never throws; one that failed may have worked all the same.
public interface TurnStore extends AutoCloseable {

  /// What is changed: a revision of one node, and the digest that the same change has on all of
  /// them.
  record Change(String digest, String revision) {}

  /// One node, as it registers itself.
  ///
  /// @param node unique in the group
  /// @param reason why it is ready, or not
  /// @param since it is ready, or not; by its own clock
  /// @param revision that is in force there
  /// @param good digest of the revision that was proven there last; empty: none
  /// @param wants what it waits to change to
  /// @param waitsSince by the store's clock, in milliseconds; 0: it does not wait in line;
  ///   [#UNAPPROVED]: nor will it before somebody approves
  /// @param version of its agent
  record Member(
      String node,
      String role,
      boolean ready,
      String reason,
      Instant since,
      String revision,
      String good,
      Optional<Change> wants,
      long waitsSince,
      String version) {
    public static final long UNAPPROVED = -1;

    /// What waits there to be approved; empty: nothing does.
    public Optional<Change> awaits() {
      return wants.filter(w -> waitsSince == UNAPPROVED);
    }
  }

  /// A node that has the turn.
  ///
  /// @param token larger for each turn than for all before it
  /// @param since by the holder's own clock
  record Holder(String node, long token, Change change, Instant since) {}

  /// A change that failed on a node, so that the others do not begin it.
  ///
  /// @param lifted an operator wants it tried again
  record HeldBack(Change change, String node, String reason, Instant at, boolean lifted) {}

  /// A change that somebody has approved, so that every node may begin it in its turn.
  record Approved(Change change, String by, Instant at) {}

  /// All that the store says. What had expired is not in it.
  ///
  /// @param token of the newest turn that there was
  /// @param epoch another one after the store has forgotten everything
  /// @param now by the store's clock, in milliseconds
  /// @param age since the epoch began
  record Board(
      List<Member> members,
      List<Holder> holders,
      List<HeldBack> heldBack,
      List<Approved> approved,
      long token,
      String epoch,
      long now,
      Duration age) {

    public Board {
      members = List.copyOf(members);
      holders = List.copyOf(holders);
      heldBack = List.copyOf(heldBack);
      approved = List.copyOf(approved);
    }

    public Optional<Holder> holder(String node) {
      return holders.stream().filter(h -> h.node().equals(node)).findFirst();
    }

    /// By whom a change was approved; empty: by nobody.
    public Optional<Approved> approved(String digest) {
      return approved.stream().filter(a -> a.change().digest().equals(digest)).findFirst();
    }

    /// Why a change is held back; empty: it is not.
    public Optional<HeldBack> heldBack(String digest) {
      return heldBack.stream()
          .filter(h -> h.change().digest().equals(digest) && !h.lifted())
          .findFirst();
    }
  }

  /// What a node asks for beside registering itself.
  sealed interface Step {
    record Tell() implements Step {}

    /// The turn, if none was given since the board that was seen.
    record Take(Change change, Instant since, long seenToken, String seenEpoch) implements Step {}

    /// The turn, whoever has it: for a node that is changing already.
    record Force(Change change, Instant since) implements Step {}

    /// That the turn lasts.
    ///
    /// @param restores it is put back if the store has forgotten everything since this epoch;
    ///   empty: it is not
    record Keep(Holder held, Optional<String> restores) implements Step {}

    /// That what failed is held back from now on.
    record Fail(HeldBack what) implements Step {}

    /// That what failed is tried again.
    record Lift(String digest) implements Step {}

    /// That what somebody has approved may begin on every node.
    record Approve(Approved what) implements Step {}

    /// That it may no longer, as the sources give another.
    record Withdraw(String digest) implements Step {}

    record Pass(Holder held) implements Step {}
  }

  /// Registers the node for a time, does the step and reads everything, as one.
  ///
  /// @param highest token that was ever seen: a new one is larger, even where the store forgot it
  /// @param known what failed as far as this node knows: added where the store knows nothing of it
  Outcome<Board> exchange(Member me, Duration ttl, Step step, long highest, List<HeldBack> known);

  @Override
  void close();
}
