package io.armory.agent.compose.project;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Finds services that depend on themselves, by whatever way round.
final class DependencyCycles {
  private final Node.Mapping model;
  private final Map<String, Node.Mapping> enabled;
  private final Diagnostics findings;

  DependencyCycles(Node.Mapping model, Map<String, Node.Mapping> enabled, Diagnostics findings) {
    this.model = model;
    this.enabled = enabled;
    this.findings = findings;
  }

  /// Takes away what depends on nothing until only cycles and what depends on them is left.
  void check() {
    Map<String, Set<String>> waiting = new TreeMap<>();
    Map<String, List<String>> dependents = new HashMap<>();
    enabled.forEach((name, service) -> {
      Set<String> on = new TreeSet<>();
      if (service.get("depends_on") instanceof Node.Mapping all) {
        all.keys().stream().filter(enabled::containsKey).forEach(on::add);
      }
      waiting.put(name, on);
      on.forEach(d -> dependents.computeIfAbsent(d, _ -> new ArrayList<>()).add(name));
    });
    Deque<String> free = new ArrayDeque<>();
    waiting.forEach((name, on) -> {
      if (on.isEmpty()) {
        free.add(name);
      }
    });
    while (!free.isEmpty()) {
      String name = free.remove();
      waiting.remove(name);
      for (String dependent : dependents.getOrDefault(name, List.of())) {
        Set<String> on = waiting.get(dependent);
        if (on != null && on.remove(name) && on.isEmpty()) {
          free.add(dependent);
        }
      }
    }
    if (!waiting.isEmpty()) {
      cycle(waiting);
    }
  }

  private void cycle(Map<String, Set<String>> waiting) {
    Map<String, Integer> places = new HashMap<>();
    List<String> walk = new ArrayList<>();
    String at = waiting.keySet().iterator().next();
    while (places.putIfAbsent(at, walk.size()) == null) {
      walk.add(at);
      at = waiting.getOrDefault(at, Set.of()).iterator().next();
    }
    List<String> cycle = new ArrayList<>(walk.subList(places.getOrDefault(at, 0), walk.size()));
    cycle.add(at);
    String text =
        cycle.size() > 12
            ? String.join(" -> ", cycle.subList(0, 11)) + " -> …"
            : String.join(" -> ", cycle);
    Node.Mapping service = enabled.get(at);
    findings.problem(
        service == null ? model.mark() : service.keyMark("depends_on"),
        Path.of("services", at, "depends_on"),
        "dependency cycle: " + text,
        "remove one of these dependencies");
  }
}
