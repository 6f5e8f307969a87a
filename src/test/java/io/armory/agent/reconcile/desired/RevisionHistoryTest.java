package io.armory.agent.reconcile.desired;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Whose doing a revision is.
class RevisionHistoryTest {
  private final RevisionHistory history = new RevisionHistory();

  @Test
  void the_first_is_the_boots_and_what_comes_by_itself_the_polls() {
    assertThat(triggerOf("r1")).isEqualTo("boot");
    assertThat(triggerOf("r1")).as("its files are still being put").isEqualTo("boot");
    assertThat(triggerOf("r2")).isEqualTo("poll");
  }

  @Test
  void what_is_read_again_before_it_is_in_force_is_still_of_who_asked() {
    triggerOf("r1");
    history.askedBy("rollback by ann");

    assertThat(triggerOf("r0")).isEqualTo("rollback by ann");
    assertThat(triggerOf("r0")).as("a poll that comes close behind").isEqualTo("rollback by ann");
    assertThat(triggerOf("r1")).isEqualTo("poll");
  }

  @Test
  void who_asks_for_what_there_was_before_is_not_blamed_for_what_comes_later() {
    triggerOf("r1");
    history.askedBy("sync by bob");
    triggerOf("r1");

    assertThat(triggerOf("r2")).isEqualTo("poll");
  }

  @Test
  void what_is_asked_for_again_is_of_who_asked_last() {
    triggerOf("r1");
    triggerOf("r2");
    history.askedBy("sync --retry by bob");

    assertThat(triggerOf("r2")).isEqualTo("sync --retry by bob");
  }

  private String triggerOf(String offers) {
    history.reading(offers);
    return history.trigger();
  }
}
