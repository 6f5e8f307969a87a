package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final Instant START = Instant.parse("2026-11-23T07:00:00Z");
  @TempDir Path directory;

  @Test
  void events_survive_a_restart_as_they_were() throws IOException {
    var journal = Journal.open(directory);
    var event =
        new AgentEvent(START, "action", "gate", "restart \"x\"\n", "é", Duration.ofMillis(384));
    journal.append(event);
    journal.append(event(1));

    assertThat(all(Journal.open(directory))).containsExactly(event, event(1));
  }

  @Test
  void the_last_thousand_survive_and_the_disk_holds_no_more_than_twice_that() throws IOException {
    var journal = Journal.open(directory);
    for (var i = 0; i < 3500; i++) {
      journal.append(event(i));
    }

    var reopened = all(Journal.open(directory));

    assertThat(reopened).hasSize(Journal.KEPT);
    assertThat(reopened.getFirst()).isEqualTo(event(2500));
    assertThat(reopened.getLast()).isEqualTo(event(3499));
    assertThat(lines("events.jsonl") + lines("events.1.jsonl")).isLessThanOrEqualTo(2000);
  }

  @Test
  void a_torn_last_line_is_dropped_and_the_next_one_is_whole() throws IOException {
    Journal.open(directory).append(event(0));
    Files.writeString(
        directory.resolve("events.jsonl"), "{\"at\":\"2026-11", StandardOpenOption.APPEND);

    var journal = Journal.open(directory);
    journal.append(event(1));

    assertThat(all(Journal.open(directory))).containsExactly(event(0), event(1));
  }

  @Test
  void a_line_it_does_not_know_is_passed_over() throws IOException {
    Journal.open(directory).append(event(0));
    Files.writeString(
        directory.resolve("events.jsonl"),
        "\u0000\u0000\nnull\n[]\n{\"at\":\"never\"}\n",
        StandardOpenOption.APPEND);

    assertThat(all(Journal.open(directory))).containsExactly(event(0));
  }

  @Test
  void since_and_limit_choose_the_latest() throws IOException {
    var journal = Journal.open(directory);
    for (var i = 0; i < 10; i++) {
      journal.append(event(i));
    }

    assertThat(journal.events(START.plusSeconds(4), 100)).hasSize(6).first().isEqualTo(event(4));
    assertThat(journal.events(START, 2)).containsExactly(event(8), event(9));
    assertThat(journal.events(START, -1)).isEmpty();
  }

  @Test
  void a_journal_that_cannot_be_written_still_remembers() throws IOException {
    var journal = Journal.open(directory);
    Files.createDirectory(directory.resolve("events.jsonl"));

    assertThat(journal.append(event(0))).isInstanceOf(Outcome.Failed.class);
    assertThat(all(journal)).containsExactly(event(0));
  }

  private long lines(String name) throws IOException {
    return Files.readAllLines(directory.resolve(name)).size();
  }

  private static List<AgentEvent> all(Journal journal) {
    return journal.events(Instant.MIN, Integer.MAX_VALUE);
  }

  private static AgentEvent event(int n) {
    return new AgentEvent(START.plusSeconds(n), "state", "gate", "event " + n, "", null);
  }
}
