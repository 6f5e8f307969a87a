package io.armory.agent.domain;

import java.time.Instant;

/// One line a container wrote.
///
/// @param at when, as the engine noted it
/// @param text without its end; of a very long line the beginning
public record LogLine(Instant at, String text) {}
