package io.armory.agent.compose.project;

import io.armory.agent.compose.schema.PathTable;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.GoNumbers;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Merges one Compose file over another: mappings deep, sequences append, scalars replace, null
/// keeps the base; and the specification's special places.
final class Merge {
  /// Pairs of them, each of which is looked at.
  private static final int MOST_POOLS = 10_000;

  private interface Rule {
    Node merge(Node base, Node over, Path path);
  }

  private final Diagnostics findings;
  private final PathTable<Rule> rules;

  Merge(Diagnostics findings) {
    this.findings = findings;
    this.rules = new PathTable<>(rules());
  }

  private Map<String, Rule> rules() {
    Map<String, Rule> table = new LinkedHashMap<>();
    String[] sequences = {
      "annotations",
      "build.args",
      "build.additional_contexts",
      "build.labels",
      "deploy.labels",
      "dns",
      "dns_opt",
      "dns_search",
      "env_file",
      "label_file",
      "environment",
      "labels",
      "sysctls",
      "tmpfs"
    };
    for (String key : sequences) {
      table.put("services.*." + key, Merge::append);
    }
    table.put("networks.*.labels", Merge::append);
    table.put("volumes.*.labels", Merge::append);
    table.put("networks.*.ipam.config", this::pools);
    table.put("services.*.build", this::build);
    table.put("services.*.build.extra_hosts", Merge::hosts);
    table.put("services.*.extra_hosts", Merge::hosts);
    table.put("services.*.depends_on", this::dependencies);
    table.put("services.*.networks", this::networks);
    table.put("services.*.logging", this::logging);
    for (String key : new String[] {"command", "entrypoint", "healthcheck.test", "ulimits.*"}) {
      table.put("services.*." + key, (_, over, _) -> over);
    }
    return table;
  }

  /// Merges `over` into `base`, which is answered.
  Node.Mapping models(Node.Mapping base, Node.Mapping over) {
    mappings(base, over, Path.ROOT);
    return base;
  }

  /// A service over the one it extends.
  Node service(Node base, Node over) {
    return merge(base, over, Path.of("services", "*"));
  }

  private Node merge(Node base, Node over, Path path) {
    Rule rule = rules.find(path);
    if (rule != null) {
      return rule.merge(base, over, path);
    }
    if (Node.isNull(over)) {
      return base;
    }
    return switch (base) {
      case Node.Mapping mapping when over instanceof Node.Mapping other ->
          mappings(mapping, other, path);
      case Node.Sequence sequence when over instanceof Node.Sequence other -> {
        sequence.items().addAll(other.items());
        yield sequence;
      }
      case Node.Scalar _ -> over;
      case Node.Mapping _, Node.Sequence _ when isExtension(path) -> over;
      case Node.Mapping _ -> clash(base, over, path, "a mapping");
      case Node.Sequence _ -> clash(base, over, path, "a list");
    };
  }

  private static boolean isExtension(Path path) {
    return path.toString().startsWith("x-") || path.toString().contains(".x-");
  }

  private Node clash(Node base, Node over, Path path, String kind) {
    findings.problem(
        over.mark(),
        path,
        "cannot override " + kind + " with something else",
        "write " + kind + ", as at " + base.mark().file() + ":" + base.mark().line());
    return base;
  }

  private Node.Mapping mappings(Node.Mapping base, Node.Mapping over, Path path) {
    for (String key : over.keys()) {
      Node before = base.get(key);
      Node value = over.need(key);
      Node merged = before == null ? value : merge(before, value, path.child(key));
      boolean kept = before != null && merged.mark().equals(before.mark());
      base.put(key, merged, kept ? base.keyMark(key) : over.keyMark(key));
    }
    return base;
  }

  private static Node append(Node base, Node over, Path path) {
    Node.Sequence all = Node.sequence(Node.isNull(over) ? base.mark() : over.mark());
    all.items().addAll(items(base));
    all.items().addAll(items(over));
    return all;
  }

  /// Exact duplicates are left out.
  private static Node hosts(Node base, Node over, Path path) {
    Node.Sequence all = Node.sequence(base.mark());
    List<Node> before = items(base);
    all.items().addAll(before);
    Set<Object> said = new HashSet<>();
    before.forEach(item -> said.add(value(item)));
    for (Node item : items(over)) {
      if (!said.contains(value(item))) {
        all.items().add(item);
      }
    }
    return all;
  }

  /// What is no scalar is like nothing else.
  private static Object value(Node item) {
    return item instanceof Node.Scalar scalar ? Optional.ofNullable(scalar.value()) : item;
  }

  /// A mapping as `KEY=value` lines, sorted; a list as it is.
  private static List<Node> items(Node node) {
    return switch (node) {
      case Node.Sequence sequence -> sequence.items();
      case Node.Scalar scalar ->
          scalar.value() instanceof String ? List.of((Node) scalar) : List.of();
      case Node.Mapping mapping -> {
        List<Node.Scalar> lines = new ArrayList<>();
        for (String key : mapping.keys()) {
          Node value = mapping.need(key);
          if (value instanceof Node.Sequence several) {
            several.items().forEach(v -> lines.add(line(key, v)));
          } else {
            lines.add(line(key, value));
          }
        }
        lines.sort((a, b) -> String.valueOf(a.value()).compareTo(String.valueOf(b.value())));
        yield new ArrayList<>(lines);
      }
    };
  }

  private static Node.Scalar line(String key, Node value) {
    if (!(value instanceof Node.Scalar scalar)) {
      return new Node.Scalar(key, value.mark());
    }
    Object v = scalar.value();
    return new Node.Scalar(v == null ? key : key + "=" + GoNumbers.value(v), value.mark());
  }

  private Node build(Node base, Node over, Path path) {
    return Node.isNull(over) ? base : merged(buildMapping(base), buildMapping(over), path, over);
  }

  private static Node buildMapping(Node build) {
    String context = Node.text(build);
    if (context == null) {
      return build;
    }
    Node.Mapping mapping = Node.mapping(build.mark());
    mapping.put("context", build);
    return mapping;
  }

  private Node dependencies(Node base, Node over, Path path) {
    return merged(keyed(base, true), keyed(over, true), path, over);
  }

  private Node networks(Node base, Node over, Path path) {
    return merged(keyed(base, false), keyed(over, false), path, over);
  }

  private Node merged(Node base, Node over, Path path, Node written) {
    if (Node.isNull(over)) {
      return base;
    }
    if (base instanceof Node.Mapping a && over instanceof Node.Mapping b) {
      return mappings(a, b, path);
    }
    return base instanceof Node.Scalar ? over : clash(base, written, path, "a mapping");
  }

  /// A list of names as a mapping.
  private static Node keyed(Node node, boolean dependency) {
    if (!(node instanceof Node.Sequence sequence)) {
      return node;
    }
    Node.Mapping mapping = Node.mapping(node.mark());
    for (Node item : sequence.items()) {
      String name = Node.text(item);
      if (name != null) {
        mapping.put(
            name, dependency ? Canonical.dependency(item.mark()) : Node.nothing(item.mark()));
      }
    }
    return mapping;
  }

  /// Options of different drivers do not mix.
  private Node logging(Node base, Node over, Path path) {
    if (base instanceof Node.Mapping a && over instanceof Node.Mapping b) {
      boolean mixed = a.has("driver") && b.has("driver");
      return mixed && !Node.same(a.get("driver"), b.get("driver")) ? b : mappings(a, b, path);
    }
    return Node.isNull(over) ? base : over;
  }

  /// By subnet; as in the reference, pools of the base that the override does not name are lost.
  private Node pools(Node base, Node over, Path path) {
    if (!(base instanceof Node.Sequence before) || !(over instanceof Node.Sequence after)) {
      return Node.isNull(over) ? base : over;
    }
    if ((long) before.items().size() * after.items().size() > MOST_POOLS) {
      findings.problem(over.mark(), path, "merges too many address pools", "name at most 100");
      return over;
    }
    Node.Sequence pools = Node.sequence(over.mark());
    for (Node original : before.items()) {
      for (Node override : after.items()) {
        if (original instanceof Node.Mapping right && override instanceof Node.Mapping left) {
          pool(pools, right, left, path);
        }
      }
    }
    return pools;
  }

  private void pool(Node.Sequence pools, Node.Mapping right, Node.Mapping left, Path path) {
    boolean sameSubnet = Node.same(left.get("subnet"), right.get("subnet"));
    if (!sameSubnet && indexOf(pools, left.get("subnet")) < 0) {
      pools.items().add(left.copy());
      return;
    }
    Node.Mapping merged = mappings(right, left.copy(), path);
    int index = indexOf(pools, merged.get("subnet"));
    if (index >= 0) {
      pools.items().set(index, merged.copy());
    } else {
      pools.items().add(merged.copy());
    }
  }

  private static int indexOf(Node.Sequence pools, @Nullable Node subnet) {
    for (int i = 0; i < pools.items().size(); i++) {
      Node.Mapping pool = (Node.Mapping) Objects.requireNonNull(pools.items().get(i));
      if (Node.same(pool.get("subnet"), subnet)) {
        return i;
      }
    }
    return -1;
  }
}
