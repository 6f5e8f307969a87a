package io.armory.agent.reconcile.driver;

import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.Message;
import io.armory.agent.reconcile.desired.Sources;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the sources at their pace, and at once when asked to, on a thread of its own.
///
/// The pace: the polling interval, a little off it so that the nodes of a group do not ask
/// together; in proportion longer where a look takes many calls; sooner while nothing can be read.
final class SourcePoller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final Duration RETRY = Duration.ofSeconds(5);
  private static final int READINGS = 3;

  /// So many calls a polling interval are every node's due; SSM's rate is the whole account's.
  private static final int DUE_CALLS = 10;

  private final ReconcilerPorts parts;
  private final Sources sources;
  private final Supplier<Parameters> parameters;
  private final Consumer<Message> mailbox;
  private final FileSettling rest;
  private final Semaphore refresh;
  private @Nullable Thread thread;

  /// @param parameters as they are known
  SourcePoller(ReconcilerPorts parts, Supplier<Parameters> parameters, Consumer<Message> mailbox) {
    this.parts = parts;
    this.sources = parts.sources();
    this.parameters = parameters;
    this.mailbox = mailbox;
    this.rest = new FileSettling(sources::glance, parts.threads());
    this.refresh = parts.threads().semaphore(0);
  }

  void start() {
    thread = parts.threads().start("sources", this::readForever);
  }

  void refresh() {
    refresh.release();
  }

  private void readForever() {
    var failures = 0;
    try {
      while (true) {
        var reading = readAtRest();
        mailbox.accept(new Message.SourcesRead(reading));
        failures = isInVain(reading.made()) ? failures + 1 : 0;
        var pause = pause(failures, parts.settings().pollEvery(), calls(reading.made()));
        var jittered = Backoff.spread(pause, 0.9, 1.1, parts.random());
        rest.await(refresh.tryAcquire(jittered.toMillis(), TimeUnit.MILLISECONDS), refresh);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// A reading in whose time no file changed; when they never rest, the last of a few.
  private Sources.Reading readAtRest() throws InterruptedException {
    refresh.drainPermits();
    mailbox.accept(new Message.SourcesBegun());
    for (var attempt = 1; ; attempt++) {
      var before = sources.glance();
      var reading = readOnce();
      rest.read(before);
      if (attempt == READINGS || sources.glance().isAs(before)) {
        return reading;
      }
      // Who asks meanwhile gets a reading of his own.
      rest.await(true, parts.threads().semaphore(0));
    }
  }

  /// A bug in a source is said and tried again; it must not end the reading for good.
  private Sources.Reading readOnce() {
    try {
      return sources.read();
    } catch (RuntimeException | Error e) {
      LOG.error("reading the sources met a bug", e);
      return new Sources.Reading(
          Optional.empty(),
          parameters.get(),
          new Sources.Unreadable(new Problem("agent", "bug while reading the sources: " + e, "")));
    }
  }

  /// A node that nobody has given a role yet is about to get one.
  private static boolean isInVain(Sources.Made made) {
    return switch (made) {
      case Sources.Unreadable _ -> true;
      case Sources.Refused(_, var roleless) -> roleless;
      case Sources.Ready _ -> false;
    };
  }

  /// A look that fails costs next to nothing: it ends with the call that failed.
  private int calls(Sources.Made made) {
    return made instanceof Sources.Unreadable ? 0 : sources.calls();
  }

  /// What was looked for in vain is tried again soon, then at the usual pace.
  ///
  /// @param failures in a row until now
  /// @param usual the polling interval
  /// @param calls that the look takes
  static Duration pause(int failures, Duration usual, int calls) {
    var wanted = failures > 0 ? new Backoff(RETRY, usual).after(failures) : usual;
    return wanted.multipliedBy(Math.max(calls, DUE_CALLS)).dividedBy(DUE_CALLS);
  }

  @Override
  public void close() {
    Threads.interrupt(thread);
  }
}
