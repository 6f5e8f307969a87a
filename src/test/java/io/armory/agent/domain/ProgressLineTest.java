package io.armory.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final List<String> said = new ArrayList<>();
  private final ProgressLine line = new ProgressLine(said::add, Instant.EPOCH);

  private void tell(int second, String count, String doing) {
    line.tell(count, doing, Instant.EPOCH.plusSeconds(second));
  }

  @Test
  void a_change_is_said_at_once_and_each_tenth_of_a_pull_is_one() {
    tell(0, "0 of 2 up", "gate starting");
    tell(1, "0 of 2 up", "gate starting");
    tell(2, "1 of 2 up", "orca pulling orca:1, 1 of 7 layers, 41 %");
    tell(3, "1 of 2 up", "orca pulling orca:1, 2 of 7 layers, 48 %");
    tell(4, "1 of 2 up", "orca pulling orca:1, 3 of 7 layers, 50 %");
    tell(5, "2 of 2 up", "");
    assertThat(said)
        .containsExactly(
            "0 of 2 up, 0 s: gate starting",
            "1 of 2 up, 2 s: orca pulling orca:1, 40 %",
            "1 of 2 up, 4 s: orca pulling orca:1, 50 %");
  }

  @Test
  void whoever_waits_long_hears_that_it_goes_on() {
    for (var second = 0; second <= 65; second++) {
      tell(second, "", "waits for orca: 2 messages in hand");
    }
    assertThat(said)
        .containsExactly(
            "0 s: waits for orca: 2 messages in hand",
            "30 s: waits for orca: 2 messages in hand",
            "1 min 0 s: waits for orca: 2 messages in hand");
  }
}
