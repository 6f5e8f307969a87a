package io.armory.agent.domain;

import java.time.Instant;

/// An operator went back to a revision, which is run in the place of what the sources say.
public record Hold(String revision, String by, Instant at) {}
