package io.armory.agent.reconcile.driver;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// Carries out steps, each on a virtual thread, a bounded number at once. Pulls have a bound of
/// their own, so that a slow registry never keeps a service from being mended.
final class ActionExecutor {
  private static final int CALLS = 16;
  private static final int PULLS = 3;

  private final ContainerEngine engine;
  private final Consumer<Message> mailbox;
  private final Threads threads;
  private final Semaphore calls;
  private final Semaphore pulls;

  ActionExecutor(ContainerEngine engine, Consumer<Message> mailbox, Threads threads) {
    this.engine = engine;
    this.mailbox = mailbox;
    this.threads = threads;
    this.calls = threads.semaphore(CALLS);
    this.pulls = threads.semaphore(PULLS);
  }

  void launch(Plan.Step step) {
    threads.start("action " + step.action().subject(), () -> run(step));
  }

  private void run(Plan.Step step) {
    var limit = step.action() instanceof Action.PullImage ? pulls : calls;
    limit.acquireUninterruptibly();
    var began = threads.nanos();
    Outcome<String> outcome;
    try {
      outcome =
          engine.execute(
              step.action(),
              line -> mailbox.accept(new Message.Progressed(step.action().subject(), line)));
    } catch (RuntimeException | Error e) {
      outcome = Outcome.failed(Failure.Kind.TRANSIENT, step.action().describe() + " failed: " + e);
    } finally {
      limit.release();
    }
    mailbox.accept(new Message.Acted(step, outcome, Duration.ofNanos(threads.nanos() - began)));
  }
}
