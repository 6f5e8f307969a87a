package io.armory.agent.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.Check;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckListTest {
  @Test
  void what_to_do_is_never_cut_off_however_much_there_is_to_say() {
    var check = Check.wrong("role", "looked at " + "everything; ".repeat(80), "set the tag");
    var line = CheckList.text(List.of(check), Style.PLAIN, false).lines().findFirst().orElseThrow();
    assertThat(line).startsWith("WRONG   role: looked at everything").endsWith("…; set the tag");
    assertThat(line).hasSizeLessThan(620);
  }

  @Test
  void on_a_terminal_no_word_is_torn() {
    var check = Check.wrong("role", "looked at " + "everything; ".repeat(20), "set the tag");
    var lines = CheckList.text(List.of(check), new Style(80, false), true).lines().toList();
    assertThat(lines.getFirst()).startsWith("WRONG   role: looked at everything");
    assertThat(lines.subList(1, lines.size() - 1))
        .hasSizeGreaterThan(2)
        .allMatch(l -> l.startsWith("        ") && l.length() <= 80);
  }
}
