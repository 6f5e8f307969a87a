package io.armory.agent.compose.schema;

import io.armory.agent.compose.source.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Rules by path pattern: `services.*.ports`. At most one pattern of a table matches a path.
public final class PathTable<T> {
  private record Rule<T>(List<String> pattern, T value) {}

  private final List<List<Rule<T>>> byDepth = new ArrayList<>();

  public PathTable(Map<String, T> rules) {
    rules.forEach(this::add);
  }

  private void add(String pattern, T value) {
    String[] parts = pattern.split("\\.", -1);
    while (byDepth.size() <= parts.length) {
      byDepth.add(new ArrayList<>());
    }
    byDepth.get(parts.length).add(new Rule<>(List.of(parts), value));
  }

  public @Nullable T find(Path path) {
    if (path.depth() >= byDepth.size()) {
      return null;
    }
    for (Rule<T> rule : byDepth.get(path.depth())) {
      if (path.matches(rule.pattern)) {
        return rule.value;
      }
    }
    return null;
  }
}
