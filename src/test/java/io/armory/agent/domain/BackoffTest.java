package io.armory.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration FIRST = Duration.ofMillis(300);
  private static final Duration LONGEST = Duration.ofSeconds(2);
  private final Backoff backoff = new Backoff(FIRST, LONGEST);

  @Test
  void each_pause_is_twice_the_one_before_up_to_the_longest() {
    assertThat(IntStream.rangeClosed(1, 6).mapToObj(backoff::after).map(Duration::toMillis))
        .containsExactly(300L, 600L, 1200L, 2000L, 2000L, 2000L);
    assertThat(Stream.iterate(FIRST, backoff::longer).limit(5).map(Duration::toMillis))
        .containsExactly(300L, 600L, 1200L, 2000L, 2000L);
  }

  @Test
  void without_a_try_the_pause_is_the_first() {
    assertThat(backoff.after(0)).isEqualTo(FIRST);
    assertThat(backoff.after(Integer.MIN_VALUE)).isEqualTo(FIRST);
  }

  @Test
  void a_first_pause_beyond_the_longest_is_the_longest() {
    assertThat(new Backoff(LONGEST, FIRST).after(1)).isEqualTo(FIRST);
    assertThat(backoff.longer(LONGEST.plusNanos(1))).isEqualTo(LONGEST);
  }

  @Test
  void a_longest_that_is_a_doubling_is_met_and_not_passed() {
    var even = new Backoff(Duration.ofNanos(3), Duration.ofNanos(13));
    assertThat(even.after(3)).isEqualTo(Duration.ofNanos(12));
    assertThat(even.after(4)).isEqualTo(Duration.ofNanos(13));
    assertThat(new Backoff(Duration.ofNanos(3), Duration.ofNanos(12)).after(3))
        .isEqualTo(Duration.ofNanos(12));
  }

  @Test
  void no_number_of_tries_overflows() {
    var all = Duration.ofSeconds(Long.MAX_VALUE);
    assertThat(backoff.after(Integer.MAX_VALUE)).isEqualTo(LONGEST);
    assertThat(new Backoff(all, all).after(Integer.MAX_VALUE)).isEqualTo(all);
    assertThat(new Backoff(FIRST, all).longer(all)).isEqualTo(all);
  }

  @Test
  void no_pause_stays_none() {
    var none = new Backoff(Duration.ZERO, LONGEST);
    assertThat(none.after(Integer.MAX_VALUE)).isZero();
    assertThat(none.longer(Duration.ZERO)).isZero();
  }

  @Test
  void a_spread_pause_lies_between_its_bounds_and_is_seldom_the_same() {
    var random = new Random(1);
    var spread = Stream.generate(() -> Backoff.spread(LONGEST, 0.5, 1, random)).limit(200).toList();
    assertThat(spread).allMatch(p -> p.toMillis() >= 1000 && p.toMillis() < 2000);
    assertThat(spread.stream().distinct().count()).isGreaterThan(100);
    assertThat(Backoff.spread(LONGEST, 1, 1.2, () -> 0L)).isEqualTo(LONGEST);
  }
}
