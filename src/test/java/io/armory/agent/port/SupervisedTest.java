package io.armory.agent.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.reconcile.driver.SystemThreads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class SupervisedTest {
  private static final Logger LOG = LoggerFactory.getLogger(SupervisedTest.class);
  private final AtomicInteger steps = new AtomicInteger();

  @Test
  void what_an_error_or_a_bug_ends_continues() {
    Deque<Throwable> thrown =
        new ArrayDeque<>(
            List.of(
                new StackOverflowError("nested"),
                new NoClassDefFoundError("gone"),
                new IllegalStateException("bug"),
                new AssertionError("no")));
    new Supervised(
            new SystemThreads(),
            LOG,
            "the test",
            Duration.ofNanos(1),
            () -> {
              steps.incrementAndGet();
              switch (thrown.poll()) {
                case Error e -> throw e;
                case RuntimeException e -> throw e;
                case null, default -> {
                  return steps.get() < 7;
                }
              }
            })
        .run();
    assertThat(steps).hasValue(7);
  }

  @Test
  void one_that_is_interrupted_ends() throws InterruptedException {
    var thread =
        Thread.ofVirtual()
            .start(
                new Supervised(
                    new SystemThreads(),
                    LOG,
                    "the test",
                    Duration.ofHours(1),
                    () -> {
                      steps.incrementAndGet();
                      throw new IllegalStateException("bug");
                    }));
    while (steps.get() == 0) {
      Thread.onSpinWait();
    }
    thread.interrupt();
    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    assertThat(steps).hasValue(1);
  }
}
