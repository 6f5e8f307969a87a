package io.armory.agent.domain;

import java.time.Duration;

/// One answer, or the lack of it.
///
/// @param detail in words: "200", "answers 503: DOWN", "connection refused", "no answer in 5 s"
/// @param answered whether anything answered at all: a service that says 503 is alive and may be
///   waiting for something else; one that is silent hangs
public record ProbeResult(boolean healthy, boolean answered, String detail, Duration took) {}
