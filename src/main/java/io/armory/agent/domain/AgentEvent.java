package io.armory.agent.domain;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One line of the node's history: what was done or happened, to what, and why.
///
/// @param kind short and stable, for filters: `action`, `failure`, `state`, `revision`, `operator`,
///   …
/// @param subject service or resource; empty: the node
/// @param took how long an action took
public record AgentEvent(
    Instant at, String kind, String subject, String what, String why, @Nullable Duration took) {}
