package io.armory.agent.reconcile.driver;

import io.armory.agent.port.Threads;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a thread of its own does time and again. An Error or a bug would end the thread for good,
/// and nobody would notice: it is logged, and the work continues after a pause.
public final class Supervised implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Threads threads;
  private final String name;
  private final Duration pause;
  private final Step step;

  @FunctionalInterface
  public interface Step {
    /// @return whether there is another one
    boolean take() throws InterruptedException;
  }

  /// @param name for people, such as "the drain"
  public Supervised(Threads threads, String name, Step step) {
    this(threads, name, PAUSE, step);
  }

  Supervised(Threads threads, String name, Duration pause, Step step) {
    this.threads = threads;
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
      LOG.error("{} met a bug and goes on", name, e);
      threads.sleep(pause);
      return true;
    }
  }
}
