package io.armory.agent.rig;

import java.util.List;
import java.util.Random;

/// Makes of a text another that somebody might have sent or saved: cut, doubled, spliced with
/// another, with characters and words where none belong. The same seed makes the same text.
public final class Mutator {
  private static final int MOST = 20_000;

  private final List<String> corpus;
  private final List<String> words;

  /// @param corpus what is begun with
  /// @param words what is put in
  public Mutator(List<String> corpus, List<String> words) {
    this.corpus = List.copyOf(corpus);
    this.words = List.copyOf(words);
  }

  public String mutated(long seed) {
    var random = new Random(seed);
    var text = new StringBuilder(pick(corpus, random));
    for (var i = 1 + random.nextInt(5); i > 0; i--) {
      mutate(text, random);
    }
    text.setLength(Math.min(text.length(), MOST));
    return text.toString();
  }

  private void mutate(StringBuilder text, Random random) {
    var at = random.nextInt(text.length() + 1);
    var to = Math.min(text.length(), at + 1 + random.nextInt(random.nextInt(4) == 0 ? 400 : 12));
    switch (random.nextInt(9)) {
      case 0 -> text.delete(at, to);
      case 1 -> text.insert(at, text.substring(at, to).repeat(1 + random.nextInt(3)));
      case 2 -> text.insert(at, pick(words, random));
      case 3 -> text.replace(at, to, pick(words, random));
      case 4 -> text.insert(at, (char) random.nextInt(random.nextBoolean() ? 128 : 0x3000));
      case 5 -> {
        var other = pick(corpus, random);
        text.insert(at, other, random.nextInt(other.length() + 1), other.length());
      }
      case 6 -> text.setLength(at);
      case 7 -> {
        var line = text.indexOf("\n", at);
        text.insert(line < 0 ? text.length() : line + 1, " ".repeat(1 + random.nextInt(6)));
      }
      default -> {
        if (at < text.length()) {
          text.setCharAt(at, (char) (text.charAt(at) ^ (1 << random.nextInt(7))));
        }
      }
    }
  }

  private static String pick(List<String> from, Random random) {
    return from.get(random.nextInt(from.size()));
  }
}
