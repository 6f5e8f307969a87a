package io.armory.agent.reconcile.driver;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes to disk in order, off the loop's thread, and tells the loop how it went.
final class StateWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  private final Threads threads;
  private final Consumer<Message> mailbox;
  private CompletableFuture<@Nullable Void> last = CompletableFuture.completedFuture(null);

  StateWriter(Threads threads, Consumer<Message> mailbox) {
    this.threads = threads;
    this.mailbox = mailbox;
  }

  /// @param ended told of the end, on the loop's thread
  void write(Supplier<Outcome<String>> write, Consumer<Outcome<String>> ended) {
    last =
        last.handleAsync(
            (_, _) -> {
              var outcome = guarded(write);
              mailbox.accept(new Message.Asked(() -> ended.accept(outcome)));
              return null;
            },
            task -> threads.start("state-writer", task));
  }

  private static Outcome<String> guarded(Supplier<Outcome<String>> write) {
    try {
      return write.get();
    } catch (RuntimeException | Error e) {
      LOG.error("writing met a bug", e);
      return Outcome.failed(Failure.Kind.TRANSIENT, "bug while writing: " + e);
    }
  }

  /// What was asked for is still written.
  @Override
  public void close() {
    try {
      threads.get(last, LONGEST_END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.error("what was to be written may not be", e);
    }
  }
}
