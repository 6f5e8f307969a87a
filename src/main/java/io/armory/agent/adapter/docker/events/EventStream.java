package io.armory.agent.adapter.docker.events;

import io.armory.agent.adapter.docker.http.DeadlineCalls;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.domain.Backoff;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One project's container events, on a connection of their own, for as long as it is open. Three
/// threads: one reads and reconnects, one tells the listener (so that a slow listener never makes
/// the engine skip us), one asks now and then whether the engine still answers, because a dead
/// stream is silent as a quiet one.
public final class EventStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  private static final EngineEvent LOST = new EngineEvent("lost", "", "", "");
  private static final EngineEvent CONNECTED = new EngineEvent("connected", "", "", "");
  private static final int BACKLOG = 1024;
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

  /// A stream that said nothing for so long is replaced by a new one, in case it was forgotten.
  public static final Duration QUIET = Duration.ofMinutes(2);

  private final Path socket;
  private final String project;
  private final Consumer<EngineEvent> listener;
  private final Duration liveness;
  private final Supplier<Duration> untilQuestion;
  private final Duration quiet;
  private final BooleanSupplier engineAnswers;
  private final Runnable engineLost;
  private final BlockingQueue<EngineEvent> queue = new ArrayBlockingQueue<>(BACKLOG);
  private final DeadlineCalls calls = new DeadlineCalls(4);
  private final Object telling = new Object();
  private final List<Thread> threads;
  private volatile @Nullable EventConnection connection;
  private volatile boolean overflowed;
  private volatile boolean closed;

  /// @param liveness how long a new stream may take to open
  /// @param untilQuestion how long it takes until the engine is to be asked whether it is there
  /// @param quiet how long a stream may say nothing before it is replaced
  /// @param engineAnswers asks the engine whether it is there; may take as long as its own deadline
  /// @param engineLost told when the stream breaks: other connections are probably dead as well
  public EventStream(
      Path socket,
      String project,
      Consumer<EngineEvent> listener,
      Duration liveness,
      Supplier<Duration> untilQuestion,
      Duration quiet,
      BooleanSupplier engineAnswers,
      Runnable engineLost) {
    this.socket = socket;
    this.project = project;
    this.listener = listener;
    this.liveness = liveness;
    this.untilQuestion = untilQuestion;
    this.quiet = quiet;
    this.engineAnswers = engineAnswers;
    this.engineLost = engineLost;
    this.threads =
        List.of(
            Thread.ofVirtual().name("engine-events").unstarted(this::read),
            Thread.ofVirtual().name("engine-events-tell").unstarted(this::tell),
            Thread.ofVirtual().name("engine-events-liveness").unstarted(this::watchOver));
  }

  public void start() {
    threads.forEach(Thread::start);
  }

  private void read() {
    int tries = 0;
    boolean told = false;
    String since = "";
    while (!closed) {
      String from = since;
      since = "";
      try (var open =
          calls.within(
              new DeadlineCalls.Patience(liveness),
              () -> EventConnection.open(socket, project, from))) {
        connection = open;
        if (closed) {
          return;
        }
        if (!told) {
          offer(CONNECTED);
          told = true;
        }
        tries = 0;
        open.drain(this::offer);
        since = open.since();
      } catch (EngineException | RuntimeException e) {
        LOG.debug("event stream of {}: {}", project, e.getMessage());
      } catch (Error e) {
        // Whatever it was that was sent: without this thread no event is heard for good.
        LOG.error("the event stream of {} met a bug", project, e);
      } finally {
        connection = null;
      }
      if (!since.isEmpty()) {
        continue;
      }
      if (told && !closed) {
        told = false;
        engineLost.run();
        offer(LOST);
      }
      if (!sleep(BACKOFF.after(++tries))) {
        return;
      }
    }
  }

  private void offer(EngineEvent event) {
    if (!queue.offer(event)) {
      overflowed = true;
    }
  }

  private void tell() {
    try {
      while (!closed) {
        var event = queue.take();
        if (overflowed) {
          overflowed = false;
          tell(LOST);
          tell(CONNECTED);
        }
        tell(event);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(EngineEvent event) {
    synchronized (telling) {
      if (!closed) {
        try {
          listener.accept(event);
        } catch (RuntimeException | Error e) {
          LOG.error("a listener of engine events failed", e);
        }
      }
    }
  }

  private void watchOver() {
    while (sleep(untilQuestion.get())) {
      var open = connection;
      if (open == null) {
        continue;
      }
      try {
        if (!engineAnswers.getAsBoolean()) {
          open.close();
        } else if (open.silence().compareTo(quiet) > 0) {
          open.renew();
        }
      } catch (RuntimeException | Error e) {
        LOG.error("watching over the event stream of {} met a bug", project, e);
      }
    }
  }

  private boolean sleep(Duration pause) {
    try {
      Thread.sleep(pause);
      return !closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    synchronized (telling) {
      closed = true;
    }
    threads.forEach(Thread::interrupt);
    var open = connection;
    if (open != null) {
      Thread.ofVirtual().name("engine-close").start(open::close);
    }
  }
}
