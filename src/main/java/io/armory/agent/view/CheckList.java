package io.armory.agent.view;

import io.armory.agent.domain.report.Check;
import io.armory.agent.view.Style.Tone;
import java.util.List;

/// `armory-agent doctor`.
public final class CheckList {
  private static final int LONGEST = 600;
  private static final int SHORTEST = 100;

  private CheckList() {}

  /// @param wraps over as many lines as the terminal needs; otherwise one line each
  public static String text(List<Check> checks, Style style, boolean wraps) {
    var lines = new Lines(style);
    for (var check : checks) {
      var text = "  " + line(check);
      if (wraps) {
        lines.hang("        ", tone(check), word(check), text);
      } else {
        lines.add(style.paint(tone(check), word(check)) + text);
      }
    }
    lines.add(summary(checks));
    return lines.text();
  }

  /// What to do is never cut off.
  private static String line(Check c) {
    var todo = c.todo().isEmpty() ? "" : "; " + c.todo();
    return Style.line(c.subject() + ": " + c.words(), Math.max(SHORTEST, LONGEST - todo.length()))
        + Style.line(todo, LONGEST);
  }

  private static String summary(List<Check> checks) {
    var wrong = checks.stream().filter(c -> c.result() == Check.Result.WRONG).count();
    if (wrong > 0) {
      return wrong + " of " + checks.size() + " are wrong.";
    }
    var isKnown =
        checks.stream()
            .noneMatch(c -> c.subject().equals("ready") && c.result() != Check.Result.FINE);
    return isKnown
        ? "Nothing is wrong."
        : "Nothing is wrong as far as can be seen without the agent.";
  }

  private static String word(Check check) {
    return switch (check.result()) {
      case FINE -> "fine  ";
      case ADVICE -> "advice";
      case WRONG -> "WRONG ";
    };
  }

  private static Tone tone(Check check) {
    return switch (check.result()) {
      case FINE -> Tone.GOOD;
      case ADVICE -> Tone.BUSY;
      case WRONG -> Tone.BAD;
    };
  }

  /// `{"fine": true, "checks": [{"subject": …, "result": "fine|advice|wrong", "words", "todo"}]}`
  public static String json(List<Check> checks) {
    return Json.object(json ->
        json.field("fine", isFine(checks))
            .objects(
                "checks",
                checks,
                (j, c) ->
                    j.field("subject", c.subject())
                        .field("result", ReportJson.word(c.result()))
                        .field("words", c.words())
                        .field("todo", c.todo())))
        + "\n";
  }

  public static boolean isFine(List<Check> checks) {
    return checks.stream().noneMatch(c -> c.result() == Check.Result.WRONG);
  }
}
