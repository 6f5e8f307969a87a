package io.armory.agent.adapter.docker.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The same question about many things, a few at a time.
public final class Parallel {
  private Parallel() {}

  public interface Question<A, B> {
    @Nullable B ask(A about) throws EngineException;
  }

  /// The answers in the order of the subjects, those that are `null` left out. The first failure
  /// ends it all; the caller's interrupt is passed on.
  public static <A, B> List<B> ask(List<A> subjects, int width, Question<A, B> question)
      throws EngineException {
    var answers = new ArrayList<@Nullable B>();
    subjects.forEach(s -> answers.add(null));
    var next = new AtomicInteger();
    var failure = new AtomicReference<@Nullable Throwable>();
    Runnable worker =
        () -> {
          int i;
          while (failure.get() == null && (i = next.getAndIncrement()) < subjects.size()) {
            try {
              var answer = question.ask(subjects.get(i));
              synchronized (answers) {
                answers.set(i, answer);
              }
            } catch (EngineException | RuntimeException e) {
              failure.compareAndSet(null, e);
            }
          }
        };
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < Math.min(width, subjects.size()); i++) {
      threads.add(Thread.ofVirtual().name("engine-ask").start(worker));
    }
    joinAll(threads);
    var failed = failure.get();
    if (failed instanceof EngineException e) {
      throw e;
    }
    if (failed instanceof RuntimeException e) {
      throw e;
    }
    var present = new ArrayList<B>();
    for (var answer : answers) {
      if (answer != null) {
        present.add(answer);
      }
    }
    return present;
  }

  private static void joinAll(List<Thread> threads) throws EngineException {
    try {
      for (var thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
      throw new EngineException(io.armory.agent.domain.Failure.Kind.TIMEOUT, "interrupted");
    }
  }
}
