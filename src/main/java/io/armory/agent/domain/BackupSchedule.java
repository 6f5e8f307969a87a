package io.armory.agent.domain;

import java.time.Duration;
import java.util.Optional;

/// When the agent itself makes backups, and where they go.
///
/// @param every between two of them; empty: it makes none
/// @param to a directory, or `s3://BUCKET/PREFIX`
/// @param keep of those in a directory; what is in a bucket its own lifecycle rules remove
public record BackupSchedule(Optional<Duration> every, String to, int keep) {}
