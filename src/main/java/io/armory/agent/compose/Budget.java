package io.armory.agent.compose;

/// What one load may cost in nodes, over all its files, aliases, extended services and port ranges.
final class Budget {
  static final int NODES = 400_000;

  /// Loads of files, the same one counted as often as it is loaded.
  static final int FILES = 1_000;

  private int spent;
  private int files;

  /// Throws [Refusal] when there are too many.
  void file(Mark mark) {
    if (++files > FILES) {
      throw new Refusal(mark, "more than " + FILES + " files are loaded here", "use fewer");
    }
  }

  /// Throws [Refusal] when it is used up.
  void spend(int nodes, Mark mark) {
    spent += nodes;
    if (spent > NODES) {
      throw new Refusal(
          mark, "the project grows beyond " + NODES + " nodes here", "make it smaller");
    }
  }

  /// Charges for a copy that is about to be made.
  void spend(Node node) {
    spend(size(node), node.mark());
  }

  private static int size(Node node) {
    return switch (node) {
      case Node.Scalar _ -> 1;
      case Node.Sequence sequence -> 1 + sequence.items().stream().mapToInt(Budget::size).sum();
      case Node.Mapping mapping ->
          1 + mapping.keys().stream().mapToInt(key -> size(mapping.need(key))).sum();
    };
  }
}
