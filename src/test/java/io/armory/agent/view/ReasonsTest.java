package io.armory.agent.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.testing.Reports;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever the width and however long the names, a reason is shown whole, and before the names.
class ReasonsTest {
  private static final String SENTENCE =
      "the registry does not have it and says so in many words, of which the last one is the one"
          + " that counts: ENOWAY";

  static Stream<HealthReport> lagging() {
    return Stream.of(Reports.heldUp(Reports.NOW), Reports.rejected(Reports.NOW));
  }

  @ParameterizedTest
  @MethodSource("lagging")
  void status_says_at_80_columns_why_what_was_asked_for_does_not_run(HealthReport report) {
    var text = StatusText.write(report, Reports.NOW, new Style(80, false));
    assertThat(text.lines().limit(3)).anyMatch(l -> l.contains("manifest unknown"));
    assertThat(text.lines()).allMatch(l -> l.length() <= 80);
    assertThat(text).contains("123456789012.dkr.ecr", "…", "4711");
  }

  @Test
  void plan_says_at_80_columns_why_an_image_cannot_be_pulled() {
    var text = Lists.plan(Reports.heldUp(Reports.NOW), new Style(80, false));
    assertThat(text.lines().limit(1)).allMatch(l -> l.startsWith("Held up: manifest unknown"));
    assertThat(text.lines()).allMatch(l -> l.length() <= 80);
    assertThat(text).contains("Requested image not found", "in 8 s");
  }

  @Test
  void an_empty_plan_is_not_called_the_end_while_something_is_waited_for() {
    var draft = Reports.unknown(Reports.NOW);
    assertThat(draft.plan().isEmpty()).isTrue();
    assertThat(Lists.plan(draft, new Style(80, false)))
        .startsWith("Nothing to do at this moment: ");
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 81, 97, 120})
  void no_sentence_of_a_report_is_cut(int columns) {
    var style = new Style(columns, false);
    var draft = Reports.wordy(Reports.NOW, SENTENCE);
    for (var text :
        List.of(StatusText.write(draft, Reports.NOW, style), Lists.plan(draft, style))) {
      assertThat(text.lines()).allMatch(l -> l.length() <= columns);
      assertThat(joined(text)).contains("manifest unknown: Requested image not found");
    }
    assertThat(joined(StatusText.write(draft, Reports.NOW, style)))
        .contains("NOT READY for 0 s: " + SENTENCE, "NEEDS REPLACEMENT: " + SENTENCE);
  }

  @Test
  void what_keeps_a_node_from_being_ready_is_said_once() {
    var report = Reports.unready(Reports.NOW, new Problem("identity", SENTENCE, "mend it"));
    var text = joined(StatusText.write(report, Reports.NOW, new Style(80, false)));
    assertThat(text).containsOnlyOnce("ENOWAY").doesNotContain("problem: ");
  }

  @Test
  void a_path_is_never_cut() {
    var path = "/etc/armory-agent/config/" + "x".repeat(90) + "/gate-local.yml";
    var problem = new Problem(path, "cannot be read: permission denied", "check its permissions");
    var text = new Lines(new Style(80, false));
    text.wrap("", "problem: " + problem.line());
    assertThat(text.text()).contains(path + ":").contains("permission denied");
  }

  @Test
  void a_name_is_cut_in_its_middle_and_a_word_not_at_all() {
    assertThat(Style.words("short words " + "x".repeat(48))).doesNotContain("…");
    var image = Reports.LONG_IMAGE;
    assertThat(Style.words(image))
        .hasSize(48)
        .startsWith("123456789012.dkr.ecr")
        .endsWith("-custom-build-4711");
  }

  private static String joined(String text) {
    return text.replaceAll("\\s+", " ");
  }
}
