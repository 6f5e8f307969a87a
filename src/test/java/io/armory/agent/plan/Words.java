package io.armory.agent.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// One line of a situation file, word by word; `"…"` is one word.
final class Words {
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
  private final String line;
  private final List<String> words = new ArrayList<>();

  Words(String line) {
    this.line = line;
    var matcher = WORD.matcher(line);
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
  }

  boolean isEmpty() {
    return words.isEmpty();
  }

  String next() {
    if (words.isEmpty()) {
      throw new IllegalArgumentException("a word is missing: " + line);
    }
    return words.removeFirst();
  }

  /// Takes the next word if it is this one.
  boolean eat(String word) {
    if (!words.isEmpty() && words.getFirst().equals(word)) {
      words.removeFirst();
      return true;
    }
    return false;
  }

  /// Takes the next word as a whole number if it is one.
  Optional<Integer> number() {
    return !words.isEmpty() && words.getFirst().matches("[0-9]+")
        ? Optional.of(Integer.parseInt(words.removeFirst()))
        : Optional.empty();
  }

  /// `8s`, `5m`, `1h`.
  Duration duration() {
    return Duration.parse("PT" + next());
  }

  String rest() {
    var rest = String.join(" ", words);
    words.clear();
    return rest;
  }

  IllegalArgumentException unknown(String word) {
    return new IllegalArgumentException("what is \"" + word + "\" in: " + line);
  }
}
