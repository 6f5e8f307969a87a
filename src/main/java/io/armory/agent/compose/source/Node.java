package io.armory.agent.compose.source;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A value of a Compose model that knows where it was written. Mutable: the stages of one load
/// rewrite one tree in place. No node is in two places; [#copy] before putting it in a second.
public sealed interface Node {
  Location mark();

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

  /// A value that is `null`.
  static Node nothing(Location mark) {
    return new Scalar(null, mark);
  }

  static boolean isNull(@Nullable Node node) {
    return node == null || (node instanceof Scalar scalar && scalar.value == null);
  }

  static @Nullable String text(@Nullable Node node) {
    return node instanceof Scalar scalar && scalar.value instanceof String s ? s : null;
  }

  static Mapping mapping(Location mark) {
    return new Mapping(mark);
  }

  static Sequence sequence(Location mark) {
    return new Sequence(mark, new ArrayList<>());
  }

  /// @param value `null`, String, Boolean, Long, BigInteger, Double, Float or [Timestamp]
  record Scalar(@Nullable Object value, Location mark) implements Node {
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

  record Sequence(Location mark, List<Node> items) implements Node {
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
    private record Entry(Location keyMark, Node value) {}

    private final Location mark;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private Mapping(Location mark) {
      this.mark = mark;
    }

    @Override
    public Location mark() {
      return mark;
    }

    public Set<String> keys() {
      return entries.keySet();
    }

    public boolean has(String key) {
      return entries.containsKey(key);
    }

    public boolean isEmpty() {
      return entries.isEmpty();
    }

    public @Nullable Node get(String key) {
      Entry entry = entries.get(key);
      return entry == null ? null : entry.value;
    }

    /// Of the list there; none: it is something else.
    public List<Node> items(String key) {
      return get(key) instanceof Sequence list ? list.items() : List.of();
    }

    /// Those of the list there that are mappings, each with its path.
    ///
    /// @param path of this mapping
    public void eachMapping(String key, Path path, BiConsumer<Mapping, Path> each) {
      List<Node> items = items(key);
      for (int i = 0; i < items.size(); i++) {
        if (items.get(i) instanceof Mapping item) {
          each.accept(item, path.child(key).item(i));
        }
      }
    }

    public Node need(String key) {
      return Objects.requireNonNull(get(key), key);
    }

    /// Where the key is written; the mapping itself if it was never written.
    public Location keyMark(String key) {
      Entry entry = entries.get(key);
      return entry == null ? mark : entry.keyMark;
    }

    public void put(String key, Node value) {
      Entry old = entries.get(key);
      entries.put(key, new Entry(old == null ? value.mark() : old.keyMark, value));
    }

    public void put(String key, Node value, Location keyMark) {
      entries.put(key, new Entry(keyMark, value));
    }

    public void put(String key, @Nullable Object scalar) {
      put(key, new Scalar(scalar, mark));
    }

    public @Nullable Node remove(String key) {
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
