package io.armory.agent.app;

import io.armory.agent.adapter.files.Journal;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.port.EventLog;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journal behind the loop: written in order, on a thread of its own, so that a slow disk never
/// holds the loop up.
final class JournalLog implements EventLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.agent");

  private final Journal journal;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("journal").factory());

  JournalLog(Journal journal) {
    this.journal = journal;
  }

  @Override
  public void append(AgentEvent event) {
    writer.execute(() ->
        journal
            .append(event)
            .whyFailed()
            .ifPresent(f -> LOG.warn("an event could not be kept: {}", f.message())));
  }

  @Override
  public List<AgentEvent> since(Instant from, int limit) {
    return journal.events(from, limit);
  }

  @Override
  public void close() {
    writer.shutdown();
    try {
      var _ = writer.awaitTermination(5, java.util.concurrent.TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
