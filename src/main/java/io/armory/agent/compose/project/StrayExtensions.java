package io.armory.agent.compose.project;

import io.armory.agent.compose.schema.PathTable;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.GoNumbers;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.Plain;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Keys that start with `x-` among the user's own keys, such as those of labels. To the reference
/// they are extensions there too, which end up as the text of one key `#extensions`; containers and
/// their hash carry it. Followed with a warning where a container can be made of it, else refused.
public final class StrayExtensions {
  private static final String KEY = "#extensions";

  private enum Rule {
    TEXT,
    LIMIT,
    REFUSED
  }

  private static final PathTable<Rule> RULES = rules();

  private final Diagnostics findings;

  public StrayExtensions(Diagnostics findings) {
    this.findings = findings;
  }

  private static PathTable<Rule> rules() {
    Map<String, Rule> rules = new LinkedHashMap<>();
    for (String path :
        new String[] {
          "annotations",
          "build.additional_contexts",
          "build.args",
          "build.labels",
          "deploy.labels",
          "deploy.resources.reservations.devices.[].options",
          "environment",
          "gpus.[].options",
          "labels",
          "logging.options",
          "networks.*.driver_opts",
          "post_start.[].environment",
          "pre_stop.[].environment",
          "sysctls"
        }) {
      rules.put("services.*." + path, Rule.TEXT);
    }
    for (String kind : new String[] {"networks", "volumes", "configs", "secrets"}) {
      rules.put(kind + ".*.labels", Rule.TEXT);
      rules.put(kind + ".*.driver_opts", Rule.TEXT);
    }
    rules.put("networks.*.ipam.config.[].aux_addresses", Rule.TEXT);
    rules.put("services.*.ulimits", Rule.LIMIT);
    for (String path : new String[] {"networks", "storage_opt", "extra_hosts"}) {
      rules.put("services.*." + path, Rule.REFUSED);
    }
    return new PathTable<>(rules);
  }

  public void apply(Node.Mapping model) {
    walk(model, Path.ROOT);
  }

  private void walk(Node node, Path path) {
    if (node instanceof Node.Sequence sequence) {
      for (int i = 0; i < sequence.items().size(); i++) {
        walk(sequence.items().get(i), path.item(i));
      }
    } else if (node instanceof Node.Mapping mapping) {
      Rule rule = RULES.find(path);
      if (rule != null) {
        stray(mapping, rule, path);
      }
      for (String key : mapping.keys()) {
        walk(mapping.need(key), path.child(key));
      }
    }
  }

  private void stray(Node.Mapping mapping, Rule rule, Path path) {
    List<String> keys = mapping.keys().stream().filter(key -> key.startsWith("x-")).toList();
    if (keys.isEmpty()) {
      return;
    }
    String first = keys.getFirst();
    String what = "'" + first + "' is an extension to Compose, for it starts with x-";
    if (rule == Rule.REFUSED) {
      findings.problem(mapping.keyMark(first), path.child(first), what, "choose another name");
      return;
    }
    findings.warn(path + ": " + what + ", and becomes '" + KEY + "'; write a list, or rename it");
    Map<String, @Nullable Object> strays = new TreeMap<>();
    Location mark = mapping.keyMark(first);
    for (String key : keys) {
      strays.put(key, value(mapping.need(key)));
      mapping.remove(key);
    }
    mapping.put(
        KEY,
        rule == Rule.TEXT ? new Node.Scalar(GoNumbers.value(strays), mark) : Node.mapping(mark),
        mark);
  }

  private static @Nullable Object value(Node node) {
    return node instanceof Node.Scalar scalar ? scalar.value() : Plain.value(node);
  }
}
