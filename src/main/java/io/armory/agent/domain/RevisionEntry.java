package io.armory.agent.domain;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One revision in the node's history of them.
///
/// @param trigger what had it rolled out: `poll`, `boot`, `rollback`, `sync by ann`
/// @param changes what it changed against the one before, one line each, without a secret
/// @param why it ended so; empty: there is nothing to say
/// @param endedAt null: it is under way
public record RevisionEntry(
    String id,
    String role,
    Instant at,
    String trigger,
    List<String> changes,
    End end,
    String why,
    @Nullable Instant endedAt) {

  public RevisionEntry {
    changes = List.copyOf(changes);
  }

  /// How it ended.
  public enum End {
    /// It is let begin by an approval, or by the hours for changes.
    WAITING,
    UNDER_WAY,
    GOOD,
    ROLLED_BACK,
    /// It failed, with nothing to go back to.
    FAILED,
    /// Another one came before it was good.
    SUPERSEDED
  }

  public RevisionEntry ended(End how, String reason, Instant now) {
    return new RevisionEntry(id, role, at, trigger, changes, how, reason, now);
  }
}
