package io.armory.agent.compose.project;

import io.armory.agent.compose.schema.PathTable;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.GoNumbers;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.VolumeSpec;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Lists whose items have a key keep one item per key: the last one, in the first one's place.
final class Uniqueness {
  private interface Indexer {
    @Nullable String key(Node item, Path path, Diagnostics findings);
  }

  private static final PathTable<Indexer> INDEXERS = indexers();

  private Uniqueness() {}

  private static PathTable<Indexer> indexers() {
    Map<String, Indexer> table = new LinkedHashMap<>();
    String[] keyed = {
      "annotations",
      "build.args",
      "build.additional_contexts",
      "build.platform",
      "build.tags",
      "build.labels",
      "cap_add",
      "cap_drop",
      "deploy.labels",
      "dns",
      "dns_opt",
      "dns_search",
      "environment",
      "labels",
      "links",
      "networks.*.aliases",
      "networks.*.link_local_ips",
      "profiles",
      "sysctls",
      "tmpfs"
    };
    for (String key : keyed) {
      table.put("services.*." + key, Uniqueness::beforeEquals);
    }
    table.put("networks.*.labels", Uniqueness::beforeEquals);
    table.put("networks.*.ipam.options", Uniqueness::beforeEquals);
    table.put("services.*.configs", (item, _, _) -> mount("", item));
    table.put("services.*.secrets", (item, _, _) -> mount("/run/secrets", item));
    table.put("services.*.env_file", (item, _, _) -> envFile(item));
    table.put("services.*.expose", Uniqueness::exposed);
    table.put("services.*.ports", Uniqueness::port);
    table.put("services.*.volumes", Uniqueness::volume);
    table.put("services.*.devices", Uniqueness::device);
    return new PathTable<>(table);
  }

  static void enforce(Node.Mapping model, Diagnostics findings) {
    walk(model, Path.ROOT, findings);
  }

  private static void walk(Node node, Path path, Diagnostics findings) {
    if (node instanceof Node.Mapping mapping) {
      mapping.keys().forEach(key -> walk(mapping.need(key), path.child(key), findings));
    } else if (node instanceof Node.Sequence sequence) {
      Indexer indexer = INDEXERS.find(path);
      if (indexer != null) {
        keepLast(sequence, indexer, path, findings);
      }
    }
  }

  private static void keepLast(
      Node.Sequence sequence, Indexer indexer, Path path, Diagnostics findings) {
    Map<String, Node> byKey = new LinkedHashMap<>();
    Map<String, Integer> counter = new HashMap<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      Node item = sequence.items().get(i);
      String key = indexer.key(item, path.item(i), findings);
      // What has no key is kept: the structure check says what is wrong with it.
      byKey.put(key == null ? "\u0000" + counter.merge("", 1, Integer::sum) : key, item);
    }
    sequence.items().clear();
    sequence.items().addAll(byKey.values());
  }

  private static @Nullable String beforeEquals(Node item, Path path, Diagnostics findings) {
    String text = Node.text(item);
    if (text == null) {
      findings.problem(item.mark(), path, "must be a string", "write it in quotes");
      return null;
    }
    int equals = text.indexOf('=');
    return equals < 0 ? text : text.substring(0, equals);
  }

  private static @Nullable String scalar(Node item) {
    return item instanceof Node.Scalar scalar && scalar.value() != null
        ? GoNumbers.value(scalar.value())
        : null;
  }

  private static @Nullable String mount(String folder, Node item) {
    if (item instanceof Node.Mapping mapping) {
      String target = Node.text(mapping.get("target"));
      return target != null ? target : folder + "/" + Node.text(mapping.get("source"));
    }
    return folder + "/" + scalar(item);
  }

  private static @Nullable String envFile(Node item) {
    return item instanceof Node.Mapping mapping ? Node.text(mapping.get("path")) : scalar(item);
  }

  /// `080` is no octal number, so YAML makes 80.0 of it.
  private static @Nullable String exposed(Node item, Path path, Diagnostics findings) {
    if (item instanceof Node.Scalar scalar && scalar.value() instanceof Double) {
      findings.problem(item.mark(), path, "is no port", "write it in quotes");
      return null;
    }
    return scalar(item);
  }

  private static @Nullable String port(Node item, Path path, Diagnostics findings) {
    if (!(item instanceof Node.Mapping mapping)) {
      boolean fraction = item instanceof Node.Scalar s && s.value() instanceof Double;
      return fraction ? null : scalar(item);
    }
    if (!mapping.has("target")) {
      findings.problem(item.mark(), path, "a port needs its target", "add target: PORT");
      return null;
    }
    String host = mapping.has("host_ip") ? part(mapping, "host_ip") : "0.0.0.0";
    String protocol = mapping.has("protocol") ? part(mapping, "protocol") : "tcp";
    return host + ":" + published(mapping) + ":" + part(mapping, "target") + "/" + protocol;
  }

  private static String part(Node.Mapping mapping, String key) {
    return String.valueOf(mapping.get(key) instanceof Node.Scalar s ? s.value() : null);
  }

  /// A number and the same digits as text are two different ports in the reference.
  private static String published(Node.Mapping mapping) {
    String text = part(mapping, "published");
    return mapping.get("published") instanceof Node.Scalar s && s.value() instanceof Long
        ? "#" + text
        : text;
  }

  private static @Nullable String volume(Node item, Path path, Diagnostics findings) {
    if (item instanceof Node.Mapping mapping) {
      String target = Node.text(mapping.get("target"));
      if (target == null) {
        findings.problem(item.mark(), path, "a volume needs its target", "add target: /PATH");
      }
      return target;
    }
    String text = Node.text(item);
    return text == null ? null : VolumeSpec.target(text);
  }

  private static @Nullable String device(Node item, Path path, Diagnostics findings) {
    if (item instanceof Node.Mapping mapping) {
      String target = Node.text(mapping.get("target"));
      if (target == null) {
        findings.problem(item.mark(), path, "a device needs its target", "add target: /dev/NAME");
      }
      return target;
    }
    String text = Node.text(item);
    String[] parts = text == null ? new String[0] : text.split(":", -1);
    return parts.length == 0 ? null : parts.length == 1 ? parts[0] : parts[1];
  }
}
