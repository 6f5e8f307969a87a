package io.armory.agent.reconcile.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.port.Glance;
import io.armory.agent.reconcile.SteppedThreads;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A changed file counts when two looks at it agree.
@Timeout(60)
class FileSettlingTest {
  private final SteppedThreads threads = new SteppedThreads();
  private final Semaphore refresh = threads.semaphore(0);
  private final AtomicInteger looks = new AtomicInteger();

  @Test
  void files_that_did_not_change_or_changed_long_ago_are_waited_for_by_nobody() throws Exception {
    var seen = new Glance("old", Instant.now());
    var rest = new FileSettling(() -> seen, threads);
    rest.read(new Glance("old", Instant.EPOCH));
    rest.await(false, refresh);
    rest.read(new Glance("older", Instant.EPOCH));
    var longAgo =
        new FileSettling(() -> new Glance("new", Instant.now().minusSeconds(11)), threads);
    longAgo.await(false, refresh);
  }

  @Test
  void a_file_that_is_still_written_is_waited_for() throws Exception {
    var rest =
        new FileSettling(
            () -> {
              var n = looks.incrementAndGet();
              return new Glance("half " + Math.min(n, 4), Instant.now().plusSeconds(3600));
            },
            threads,
            Duration.ofMillis(200));
    rest.await(false, refresh);
    assertThat(looks).hasValueGreaterThan(4);
  }

  @Test
  void one_who_asks_waits_a_moment_for_a_write_that_goes_on_and_no_longer() throws Exception {
    var rest =
        new FileSettling(
            () -> new Glance("new", Instant.now().minusMillis(1100)), threads, Duration.ofDays(1));
    rest.await(true, refresh);
    refresh.release();
    rest.await(false, refresh);
  }

  @Test
  void files_that_never_rest_are_read_in_the_end() throws Exception {
    var rest =
        new FileSettling(
            () -> new Glance(looks.incrementAndGet(), Instant.now()),
            threads,
            Duration.ofMillis(50));
    rest.await(false, refresh);
    assertThat(looks).hasValueGreaterThan(1);
  }
}
