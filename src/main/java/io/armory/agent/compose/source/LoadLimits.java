package io.armory.agent.compose.source;

/// What one load may cost in nodes, over all its files, aliases, extended services and port ranges.
public final class LoadLimits {
  static final int NODES = 400_000;

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

  /// Charges for a copy that is about to be made.
  public void spend(Node node) {
    spend(size(node), node.mark());
  }

  private static int size(Node node) {
    return switch (node) {
      case Node.Scalar _ -> 1;
      case Node.Sequence sequence -> 1 + sequence.items().stream().mapToInt(LoadLimits::size).sum();
      case Node.Mapping mapping ->
          1 + mapping.keys().stream().mapToInt(key -> size(mapping.need(key))).sum();
    };
  }
}
