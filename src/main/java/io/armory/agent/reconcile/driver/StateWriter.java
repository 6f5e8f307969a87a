package io.armory.agent.reconcile.driver;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.reconcile.Message;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes to disk in order, off the loop's thread, and tells the loop how it went.
final class StateWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final long LONGEST_END_SECONDS = 5;

  private final Consumer<Message> mailbox;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("state-writer").factory());

  StateWriter(Consumer<Message> mailbox) {
    this.mailbox = mailbox;
  }

  /// @param ended told of the end, on the loop's thread
  void write(Supplier<Outcome<String>> write, Consumer<Outcome<String>> ended) {
    thread.execute(() -> {
      var outcome = guarded(write);
      mailbox.accept(new Message.Asked(() -> ended.accept(outcome)));
    });
  }

  private static Outcome<String> guarded(Supplier<Outcome<String>> write) {
    try {
      return write.get();
    } catch (RuntimeException | Error e) {
      LOG.error("writing met a bug", e);
      return Outcome.failed(new Failure(Failure.Kind.TRANSIENT, "bug while writing: " + e));
    }
  }

  /// What was asked for is still written.
  @Override
  public void close() {
    thread.shutdown();
    try {
      var _ = thread.awaitTermination(LONGEST_END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
