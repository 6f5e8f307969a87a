package io.armory.agent.domain;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The text of an alert, with `{placeholders}` for its parts.
public record AlertTemplate(String text) {
  public static final AlertTemplate STANDARD =
      new AlertTemplate("{node} ({stack}, {role}): {what}: {why}");

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

  private static final Map<String, Function<Alert, String>> PARTS = parts();

  private static Map<String, Function<Alert, String>> parts() {
    var all = new LinkedHashMap<String, Function<Alert, String>>();
    all.put("node", a -> a.origin().node());
    all.put("host", a -> a.origin().host());
    all.put("stack", a -> a.origin().stack());
    all.put("role", a -> a.origin().role());
    all.put("revision", a -> a.origin().revision());
    all.put("condition", a -> a.condition().word());
    all.put("state", Alert::state);
    all.put("what", a -> (a.over() ? "over: " : "") + a.what());
    all.put("why", Alert::why);
    all.put("since", a -> a.since().toString());
    all.put("at", a -> a.at().toString());
    return all;
  }

  /// What is wrong with it, as a placeholder that does not exist; empty: nothing.
  public Optional<String> problem() {
    return PLACEHOLDER
        .matcher(text)
        .results()
        .map(m -> m.group(1))
        .filter(p -> !PARTS.containsKey(p))
        .findFirst()
        .map(p ->
            "there is no {%s}; %s"
                .formatted(
                    p,
                    Suggestion.of(p, PARTS.keySet())
                        .map(near -> "did you mean {" + near + "}?")
                        .orElse("known: {" + String.join("}, {", PARTS.keySet()) + "}")));
  }

  public String render(Alert alert) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(m -> {
          var part = PARTS.get(m.group(1));
          return Matcher.quoteReplacement(part == null ? m.group() : part.apply(alert));
        });
  }
}
