package io.armory.agent.compose.source;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One YAML document → a tree of [Node]s: scalars resolved, aliases expanded, `<<` merged, and
/// `!reset` and `!override` taken out and noted as [#resets].
public final class TreeBuilder {
  private static final String YAML = "tag:yaml.org,2002:";

  private final Diagnostics findings;
  private final LoadLimits budget;
  private final List<Path> resets = new ArrayList<>();
  private final Set<Raw> open = Collections.newSetFromMap(new IdentityHashMap<>());

  /// A `!reset` in an anchored part counts where it is written, not where it is used.
  private final Set<Raw> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private int visits;

  public TreeBuilder(Diagnostics findings, LoadLimits budget) {
    this.findings = findings;
    this.budget = budget;
  }

  /// Paths that `!reset` and `!override` clear in everything this document is merged over.
  public List<Path> resets() {
    return resets;
  }

  /// The document; `null` if it is no mapping or cannot be read, which is a problem then.
  public Node.@Nullable Mapping build(Raw document) {
    try {
      Node node = node(document, Path.ROOT);
      if (node instanceof Node.Mapping mapping) {
        return mapping;
      }
      findings.problem(
          document.mark(),
          Path.ROOT,
          "the top level must be a mapping",
          "start with 'services:' and indent the services below it");
    } catch (Refusal e) {
      findings.problem(e.mark(), Path.ROOT, e.message(), e.advice());
    }
    return null;
  }

  private @Nullable Node node(Raw raw, Path path) {
    if (++visits > YamlReader.MOST_NODES) {
      throw new Refusal(
          raw.mark(),
          "its aliases expand to more than " + YamlReader.MOST_NODES + " nodes",
          "use fewer or smaller aliases");
    }
    budget.spend(1, raw.mark());
    if (raw instanceof Raw.Text text) {
      budget.spend(text.value(), text.mark());
    }
    if (raw instanceof Raw.Alias) {
      return node(Raw.follow(raw), path);
    }
    if ("!reset".equals(raw.tag())) {
      if (seen.add(raw)) {
        resets.add(path);
      }
      return null;
    }
    if ("!override".equals(raw.tag())) {
      resets.add(path);
      // A tag of its own keeps a scalar from being anything but text, `~` too.
      return raw instanceof Raw.Text text
          ? new Node.Scalar(text.value(), text.mark())
          : content(raw, path);
    }
    return content(raw, path);
  }

  private Node content(Raw raw, Path path) {
    if (raw instanceof Raw.Text text) {
      return new Node.Scalar(scalar(text, path), text.mark());
    }
    if (!open.add(raw)) {
      throw new Refusal(raw.mark(), "an anchor contains itself", "break the cycle of aliases");
    }
    if (open.size() > YamlReader.MOST_DEPTH) {
      throw new Refusal(raw.mark(), "aliases nested too deep", "use fewer levels of aliases");
    }
    Node node =
        switch (raw) {
          case Raw.Items items -> items(items, path);
          case Raw.Pairs pairs -> pairs(pairs, path);
          case Raw.Text _, Raw.Alias _ -> throw new IllegalStateException("not a collection");
        };
    open.remove(raw);
    return node;
  }

  private Node items(Raw.Items raw, Path path) {
    Node.Sequence sequence = Node.sequence(raw.mark());
    for (int i = 0; i < raw.items().size(); i++) {
      Node item = node(raw.items().get(i), path.item(i));
      if (item != null) {
        sequence.items().add(item);
      }
    }
    return sequence;
  }

  private Node pairs(Raw.Pairs raw, Path path) {
    Node.Mapping mapping = Node.mapping(raw.mark());
    Map<String, Location> keys = new HashMap<>();
    List<Raw> merges = new ArrayList<>();
    for (Raw.Pair pair : raw.pairs()) {
      Raw key = Raw.follow(pair.key());
      if (!(key instanceof Raw.Text text)) {
        findings.problem(key.mark(), path, "a key must be a plain string", "write it as text");
        continue;
      }
      // What is reset is taken out before anybody looks for keys that are there twice.
      boolean reset = "!reset".equals(Raw.follow(pair.value()).tag());
      Location first = reset ? null : keys.putIfAbsent(text.value(), pair.key().mark());
      if (first != null) {
        findings.problem(
            pair.key().mark(),
            path.child(text.value()),
            "the key '" + text.value() + "' is already defined at line " + first.line(),
            "keep one of the two");
        continue;
      }
      if (isMerge(text)) {
        merges.add(pair.value());
      } else {
        entry(mapping, text, pair, path);
      }
    }
    merges.forEach(merge -> merge(mapping, merge, path));
    return mapping;
  }

  private void entry(Node.Mapping mapping, Raw.Text key, Raw.Pair pair, Path path) {
    if (!(scalar(key, path) instanceof String name)) {
      findings.problem(
          pair.key().mark(),
          path.child(key.value()),
          "the key " + key.value() + " is not a string",
          "write it in quotes: \"" + key.value() + "\"");
      return;
    }
    Node value = node(pair.value(), path.child(name));
    if (value != null) {
      mapping.put(name, value, pair.key().mark());
    }
  }

  private static boolean isMerge(Raw.Text key) {
    return key.value().equals("<<")
        && ((key.plain() && key.tag() == null) || (YAML + "merge").equals(key.tag()));
  }

  /// The mapping's own keys win, then the earlier of several merged mappings.
  private void merge(Node.Mapping into, Raw raw, Path path) {
    Raw source = Raw.follow(raw);
    List<Raw> sources = source instanceof Raw.Items items ? items.items() : List.of(source);
    for (Raw part : sources) {
      Raw mapping = Raw.follow(part);
      if (!(mapping instanceof Raw.Pairs)) {
        findings.problem(
            part.mark(),
            path.child("<<"),
            "'<<' needs a mapping or a list of mappings",
            "point it at an anchor whose value is a mapping");
        continue;
      }
      if (node(part, path) instanceof Node.Mapping merged) {
        Set<String> own = new HashSet<>(into.keys());
        visits += merged.keys().size() + own.size();
        for (String key : merged.keys()) {
          if (!own.contains(key)) {
            into.put(key, merged.need(key), merged.keyMark(key));
          }
        }
      }
    }
  }

  private @Nullable Object scalar(Raw.Text text, Path path) {
    String tag = text.tag() == null || text.tag().equals("!") ? "" : text.tag();
    if (tag.equals(YAML + "str") || (tag.isEmpty() && !text.plain())) {
      return text.value();
    }
    if (tag.equals(YAML + "binary")) {
      return binary(text, path);
    }
    if (!tag.isEmpty() && !tag.startsWith(YAML)) {
      return text.value();
    }
    Object value = ScalarResolver.resolve(text.value());
    if (tag.isEmpty() || !tag.startsWith(YAML)) {
      return value;
    }
    String kind = tag.substring(YAML.length());
    if (kind.equals("float") && value instanceof Long whole) {
      return (double) whole;
    }
    boolean fits =
        switch (kind) {
          case "int" -> value instanceof Long || value instanceof java.math.BigInteger;
          case "float" -> value instanceof Double;
          case "bool" -> value instanceof Boolean;
          case "null" -> value == null;
          case "timestamp" -> value instanceof Node.Timestamp;
          default -> true;
        };
    if (!fits) {
      findings.problem(text.mark(), path, "is not a YAML !!" + kind, "remove the tag !!" + kind);
    }
    return value;
  }

  private Object binary(Raw.Text text, Path path) {
    try {
      String digits = text.value().replaceAll("[\\r\\n]", "");
      if (digits.length() % 4 != 0) {
        throw new IllegalArgumentException("not padded");
      }
      byte[] bytes = Base64.getDecoder().decode(digits);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      findings.problem(text.mark(), path, "!!binary is not base64", "encode it as base64");
      return "";
    }
  }
}
