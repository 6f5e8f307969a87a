package io.armory.agent.compose;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A value of a Compose model that knows where it was written. Mutable: the stages of one load
/// rewrite one tree in place. No node is in two places; [#copy] before putting it in a second.
sealed interface Node {
  Mark mark();

  Node copy();

  /// Same values; marks and the order of keys do not count.
  static boolean same(@Nullable Node a, @Nullable Node b) {
    return switch (a) {
      case null -> b == null;
      case Scalar x -> b instanceof Scalar y && Objects.equals(x.value, y.value);
      case Sequence x -> b instanceof Sequence y && sameItems(x.items, y.items);
      case Mapping x ->
          b instanceof Mapping y
              && x.keys().equals(y.keys())
              && x.keys().stream().allMatch(k -> same(x.get(k), y.get(k)));
    };
  }

  private static boolean sameItems(List<Node> a, List<Node> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!same(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  static boolean isNull(@Nullable Node node) {
    return node == null || (node instanceof Scalar scalar && scalar.value == null);
  }

  static @Nullable String text(@Nullable Node node) {
    return node instanceof Scalar scalar && scalar.value instanceof String s ? s : null;
  }

  static Mapping mapping(Mark mark) {
    return new Mapping(mark);
  }

  static Sequence sequence(Mark mark) {
    return new Sequence(mark, new ArrayList<>());
  }

  /// @param value `null`, String, Boolean, Long, BigInteger, Double, Float or [Timestamp]
  record Scalar(@Nullable Object value, Mark mark) implements Node {
    @Override
    public Node copy() {
      return this;
    }

    /// The value stays out of logs: it may be a secret.
    @Override
    public String toString() {
      return "scalar at " + mark;
    }
  }

  /// A YAML 1.1 timestamp, printed as the reference prints it.
  record Timestamp(String printed) {
    /// As JSON has it.
    String iso() {
      String[] parts = printed.split(" ", -1);
      String zone =
          parts[2].equals("+0000") ? "Z" : parts[2].substring(0, 3) + ":" + parts[2].substring(3);
      return parts[0] + "T" + parts[1] + zone;
    }

    @Override
    public String toString() {
      return printed;
    }
  }

  record Sequence(Mark mark, List<Node> items) implements Node {
    @Override
    public Node copy() {
      List<Node> copies = new ArrayList<>(items.size());
      items.forEach(item -> copies.add(item.copy()));
      return new Sequence(mark, copies);
    }

    @Override
    public String toString() {
      return "sequence at " + mark;
    }
  }

  /// Keys in the order of writing.
  final class Mapping implements Node {
    private record Entry(Mark keyMark, Node value) {}

    private final Mark mark;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private Mapping(Mark mark) {
      this.mark = mark;
    }

    @Override
    public Mark mark() {
      return mark;
    }

    Set<String> keys() {
      return entries.keySet();
    }

    boolean has(String key) {
      return entries.containsKey(key);
    }

    boolean isEmpty() {
      return entries.isEmpty();
    }

    @Nullable Node get(String key) {
      Entry entry = entries.get(key);
      return entry == null ? null : entry.value;
    }

    Node need(String key) {
      return Objects.requireNonNull(get(key), key);
    }

    /// Where the key is written; the mapping itself if it was never written.
    Mark keyMark(String key) {
      Entry entry = entries.get(key);
      return entry == null ? mark : entry.keyMark;
    }

    void put(String key, Node value) {
      Entry old = entries.get(key);
      entries.put(key, new Entry(old == null ? value.mark() : old.keyMark, value));
    }

    void put(String key, Node value, Mark keyMark) {
      entries.put(key, new Entry(keyMark, value));
    }

    void put(String key, @Nullable Object scalar) {
      put(key, new Scalar(scalar, mark));
    }

    @Nullable Node remove(String key) {
      Entry entry = entries.remove(key);
      return entry == null ? null : entry.value;
    }

    @Override
    public Mapping copy() {
      Mapping copy = new Mapping(mark);
      entries.forEach((k, e) -> copy.put(k, e.value.copy(), e.keyMark));
      return copy;
    }

    @Override
    public String toString() {
      return "mapping at " + mark;
    }
  }
}
