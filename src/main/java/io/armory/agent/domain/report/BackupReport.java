package io.armory.agent.domain.report;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How the agent's own backups fare.
///
/// @param every how often one is to be made
/// @param last the newest that was made; empty: none yet
/// @param to where it is; empty: none yet
/// @param failed when one failed since; empty: none did
/// @param why it failed, in words; empty: none did
public record BackupReport(
    Duration every, Optional<Instant> last, String to, Optional<Instant> failed, String why) {}
