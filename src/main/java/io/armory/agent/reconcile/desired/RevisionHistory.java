package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.RevisionEntry.End;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The last revisions of the node: what had them rolled out, what they changed, how they ended.
/// Changed on the core's thread, read from any.
public final class RevisionHistory {
  public static final int MOST = 10;

  private volatile List<RevisionEntry> entries = List.of();
  private Optional<String> askedBy = Optional.empty();
  private List<String> dropped = List.of();
  private String trigger = "boot";
  private String offered = "";
  private boolean booted;

  public void recalled(List<RevisionEntry> kept) {
    entries = List.copyOf(kept);
  }

  /// The oldest first.
  public List<RevisionEntry> all() {
    return entries;
  }

  public Optional<RevisionEntry> last() {
    return entries.isEmpty() ? Optional.empty() : Optional.of(entries.getLast());
  }

  /// The newest was not good yet, and not given up.
  boolean isUnderWay() {
    return last().filter(e -> e.end() == End.UNDER_WAY).isPresent();
  }

  /// Somebody asked for the sources to be read: what the next reading brings is his doing.
  public void askedBy(String whose) {
    askedBy = Optional.of(whose);
  }

  /// A reading is taken in. One that only offers again what is about to be in force was made for
  /// nothing of its own.
  ///
  /// @param offers the revision that may be begun; empty: none
  public void reading(String offers) {
    if (booted && askedBy.isEmpty() && offers.equals(offered)) {
      return;
    }
    offered = offers;
    trigger = askedBy.orElse(booted ? "poll" : "boot");
    askedBy = Optional.empty();
    booted = true;
  }

  /// What had the revision read that the last reading offers.
  public String trigger() {
    return trigger;
  }

  /// @return whether it is news: one that was good before, and is run again as the agent starts, is
  ///   none
  public boolean begins(RevisionEntry entry) {
    var before = last();
    if (before.filter(b -> b.id().equals(entry.id()) && entry.changes().isEmpty()).isPresent()) {
      return false;
    }
    var all = new ArrayList<>(entries);
    before
        .filter(b -> b.end() == End.UNDER_WAY)
        .ifPresent(b ->
            all.set(
                all.size() - 1,
                b.ended(End.SUPERSEDED, "revision " + entry.id() + " came", entry.at())));
    all.add(entry);
    var from = Math.max(0, all.size() - MOST);
    dropped = all.subList(0, from).stream().map(RevisionEntry::id).toList();
    entries = List.copyOf(all.subList(from, all.size()));
    return true;
  }

  /// Those that are in it no longer, of which nobody was told yet.
  public List<String> dropped() {
    var known = entries.stream().map(RevisionEntry::id).toList();
    var gone = dropped.stream().filter(id -> !known.contains(id)).distinct().toList();
    dropped = List.of();
    return gone;
  }

  /// @return whether that is news
  public boolean ends(String id, End end, String why, Instant now) {
    var all = new ArrayList<>(entries);
    for (int i = all.size() - 1; i >= 0; i--) {
      var e = all.get(i);
      if (e.id().equals(id)) {
        if (e.end() == end) {
          return false;
        }
        all.set(i, e.ended(end, why, now));
        entries = List.copyOf(all);
        return true;
      }
    }
    return false;
  }
}
