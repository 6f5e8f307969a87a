package io.armory.agent.port;

import java.time.Duration;
import org.slf4j.Logger;

/// What a thread of its own does time and again. An Error or a bug would end the thread for good,
/// and nobody would notice: it is logged, and the work continues after a pause.
public final class Supervised implements Runnable {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Threads threads;
  private final Logger log;
  private final String name;
  private final Duration pause;
  private final Step step;

  @FunctionalInterface
  public interface Step {
    /// @return whether there is another one
    boolean take() throws InterruptedException;
  }

  /// @param name for people, such as "the drain"
  public Supervised(Threads threads, Logger log, String name, Step step) {
    this(threads, log, name, PAUSE, step);
  }

  /// @param pause after a bug
  public Supervised(Threads threads, Logger log, String name, Duration pause, Step step) {
    this.threads = threads;
    this.log = log;
    this.name = name;
    this.pause = pause;
    this.step = step;
  }

  @Override
  public void run() {
    try {
      while (isToContinue()) {
        // The step has done its work.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isToContinue() throws InterruptedException {
    try {
      return step.take();
    } catch (RuntimeException | Error e) {
      log.error("{} met a bug and goes on", name, e);
      threads.sleep(pause);
      return true;
    }
  }
}
