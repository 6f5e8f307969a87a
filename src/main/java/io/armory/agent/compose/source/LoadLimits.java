package io.armory.agent.compose.source;

import io.armory.agent.domain.Characters;
import java.util.Map;

/// What one load may cost in nodes, over all its files, aliases, extended services and port ranges.
public final class LoadLimits {
  static final int NODES = 400_000;

  /// A text costs as a node for each of so many; eight million of them, counted as often as they
  /// are used, are more than the heap has room for.
  private static final int CHARACTERS_OF_A_NODE = 20;

  /// Loads of files, the same one counted as often as it is loaded.
  static final int FILES = 1_000;

  private int spent;
  private int files;

  /// Throws [Refusal] when there are too many.
  public void file(Location mark) {
    if (++files > FILES) {
      throw new Refusal(mark, "more than " + FILES + " files are loaded here", "use fewer");
    }
  }

  /// Throws [Refusal] when it is used up.
  public void spend(int nodes, Location mark) {
    spent += nodes;
    if (spent > NODES) {
      throw new Refusal(
          mark, "the project grows beyond " + NODES + " nodes here", "make it smaller");
    }
  }

  /// Charges for a text that is about to be kept.
  public void spend(String text, Location mark) {
    spend(text.length() / CHARACTERS_OF_A_NODE, mark);
  }

  /// Throws [Refusal] if a value is longer than one that may be taken apart.
  public static void value(String text, Path path, Location mark) {
    if (text.length() > Characters.MOST_OF_A_VALUE) {
      throw new Refusal(
          mark,
          "%s: its value of %d characters is longer than %d"
              .formatted(
                  Diagnostics.shown(path.toString()), text.length(), Characters.MOST_OF_A_VALUE),
          "write a shorter one");
    }
  }

  /// The same of a variable, which is empty then.
  public static String value(String name, Map<String, String> environment, Diagnostics findings) {
    String value = environment.getOrDefault(name, "");
    if (value.length() > Characters.MOST_OF_A_VALUE) {
      findings.fileProblem("environment " + name, "is too long", "write a shorter one");
      return "";
    }
    return value;
  }

  /// Charges for a copy that is about to be made.
  public void spend(Node node) {
    spend(size(node), node.mark());
  }

  private static int size(Node node) {
    return switch (node) {
      case Node.Scalar scalar ->
          1 + (scalar.value() instanceof String s ? s.length() / CHARACTERS_OF_A_NODE : 0);
      case Node.Sequence sequence -> 1 + sequence.items().stream().mapToInt(LoadLimits::size).sum();
      case Node.Mapping mapping ->
          1 + mapping.keys().stream().mapToInt(key -> size(mapping.need(key))).sum();
    };
  }
}
