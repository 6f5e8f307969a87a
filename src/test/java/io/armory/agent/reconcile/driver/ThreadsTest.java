package io.armory.agent.reconcile.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.SteppedThreads;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the real threads keep, and those of the tests.
@Timeout(60)
class ThreadsTest {
  private static final Duration SHORT = Duration.ofMillis(5);
  private static final Duration LONG = Duration.ofHours(1);

  static Stream<Threads> both() {
    return Stream.of(new SystemThreads(), new SteppedThreads());
  }

  @ParameterizedTest
  @MethodSource("both")
  void who_waits_goes_on_when_it_is_rung_for_or_its_time_is_over(Threads threads) throws Exception {
    var bell = threads.semaphore(0);
    var began = threads.nanos();
    assertThat(bell.tryAcquire(SHORT.toNanos(), TimeUnit.NANOSECONDS)).isFalse();
    threads.sleep(SHORT);
    assertThat(threads.nanos() - began).isGreaterThanOrEqualTo(SHORT.multipliedBy(2).toNanos());

    var ringer = threads.start("rings", bell::release);
    assertThat(bell.tryAcquire(LONG.toNanos(), TimeUnit.NANOSECONDS)).isTrue();
    assertThat(threads.join(ringer, LONG)).isTrue();
    assertThat(ringer.isAlive()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("both")
  void who_waits_can_be_interrupted(Threads threads) throws Exception {
    var interrupted = new CompletableFuture<Boolean>();
    var waits =
        threads.startPlatform(
            "waits",
            () -> {
              try {
                threads.sleep(LONG);
                interrupted.complete(false);
              } catch (InterruptedException e) {
                interrupted.complete(true);
              }
            });
    assertThat(threads.join(waits, SHORT)).isFalse();
    waits.interrupt();
    assertThat(threads.get(interrupted, LONG)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("both")
  void an_answer_is_waited_for_no_longer_than_said(Threads threads) throws Exception {
    var answer = new CompletableFuture<String>();
    assertThatThrownBy(() -> threads.get(answer, SHORT)).isInstanceOf(TimeoutException.class);
    threads.start("answers", () -> answer.complete("yes"));
    assertThat(threads.get(answer, LONG)).isEqualTo("yes");
  }

  @ParameterizedTest
  @MethodSource("both")
  void a_timer_does_what_is_due_and_not_what_was_cancelled(Threads threads) throws Exception {
    var done = new CompletableFuture<String>();
    try (var timer = threads.timer("test")) {
      timer.after(SHORT, () -> done.complete("cancelled")).run();
      timer.after(SHORT.multipliedBy(2), () -> timer.elsewhere(() -> done.complete("due")));
      assertThat(threads.get(done, LONG)).isEqualTo("due");
    }
  }
}
