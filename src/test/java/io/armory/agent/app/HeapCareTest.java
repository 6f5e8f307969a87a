package io.armory.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeapCareTest {
  private static final long MIB = 1 << 20;

  private final AtomicLong used = new AtomicLong(12 * MIB);
  private final AtomicInteger collected = new AtomicInteger();
  private final HeapCare care =
      new HeapCare(
          used::get,
          () -> {
            collected.incrementAndGet();
            used.addAndGet(-MIB);
          });

  @Test
  void what_is_little_is_left_alone() {
    used.addAndGet(MIB);
    care.tidy();

    assertThat(collected).hasValue(0);
  }

  @Test
  void what_has_grown_is_collected_once_and_measured_anew() {
    used.addAndGet(2 * MIB);
    care.tidy();
    care.tidy();
    assertThat(collected).hasValue(1);

    used.addAndGet(2 * MIB);
    care.tidy();
    assertThat(collected).hasValue(2);
  }
}
