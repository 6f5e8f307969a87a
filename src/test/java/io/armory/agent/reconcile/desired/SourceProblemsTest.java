package io.armory.agent.reconcile.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceProblemsTest {
  private static final Problem NAME = new Problem("env/1A", "is no variable's name", "");
  private static final Problem FILE = new Problem("config/a/b", "is no file's name", "");

  private final SourceProblems complaints = new SourceProblems();

  @Test
  void only_what_was_not_said_yet_is_news() {
    complaints.put(SourceProblems.REVISION, List.of(NAME));
    assertThat(complaints.news(false)).contains(List.of(NAME));
    complaints.put(SourceProblems.REVISION, List.of(FILE, NAME));
    assertThat(complaints.news(false)).contains(List.of(FILE));
    assertThat(complaints.news(false)).isEmpty();
    complaints.put(SourceProblems.REVISION, List.of(NAME));
    assertThat(complaints.news(false)).as("one less").isEmpty();
    complaints.put(SourceProblems.REVISION, List.of());
    assertThat(complaints.news(false)).as("in order again").contains(List.of());
    assertThat(complaints.news(false)).isEmpty();
  }

  @Test
  void an_outage_is_news_once_and_what_is_wrong_after_it_is_said_again() {
    complaints.put(SourceProblems.REVISION, List.of(NAME));
    assertThat(complaints.news(false)).isPresent();
    complaints.put(SourceProblems.SOURCES, "no answer");
    assertThat(complaints.news(true)).isPresent();
    complaints.put(SourceProblems.SOURCES, "still no answer");
    assertThat(complaints.news(true)).isEmpty();
    complaints.settle(SourceProblems.SOURCES);
    assertThat(complaints.news(false)).contains(List.of(NAME));
  }
}
