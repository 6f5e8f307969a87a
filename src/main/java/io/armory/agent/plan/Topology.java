package io.armory.agent.plan;

import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// The dependency graph of a stack. The compose room has refused cycles already.
public final class Topology {
  private final Map<String, Service> services;
  private final List<String> order;
  private final Map<String, Set<String>> dependents = new TreeMap<>();

  public Topology(Stack stack) {
    services = new TreeMap<>(stack.services());
    var done = new LinkedHashSet<String>();
    services.keySet().forEach(s -> visit(s, done));
    order = List.copyOf(done);
    for (var s : services.values()) {
      for (var d : s.dependsOn().keySet()) {
        dependents.computeIfAbsent(d, k -> new LinkedHashSet<>()).add(s.name());
      }
    }
  }

  /// Services that name this one in `depends_on`.
  public Collection<String> dependents(String service) {
    return dependents.getOrDefault(service, Set.of());
  }

  /// Everything that needs a service, directly or not.
  public Set<String> allDependents(String service) {
    return closure(service, this::dependents);
  }

  /// Everything a service needs, directly or not.
  public Set<String> dependencies(String service) {
    return closure(service, this::directly);
  }

  private static Set<String> closure(String from, Function<String, Collection<String>> step) {
    var all = new LinkedHashSet<String>();
    var next = new ArrayList<>(step.apply(from));
    while (!next.isEmpty()) {
      var s = next.removeLast();
      if (all.add(s)) {
        next.addAll(step.apply(s));
      }
    }
    return all;
  }

  /// The services by start order.
  public Map<String, Service> sorted() {
    var sorted = new LinkedHashMap<String, Service>();
    order.forEach(n -> sorted.put(n, service(n)));
    return sorted;
  }

  private Service service(String name) {
    var s = services.get(name);
    if (s == null) {
      throw new IllegalArgumentException("no service " + name);
    }
    return s;
  }

  private Collection<String> directly(String service) {
    var s = services.get(service);
    return s == null
        ? List.of()
        : s.dependsOn().keySet().stream().filter(services::containsKey).sorted().toList();
  }

  private void visit(String service, Set<String> done) {
    if (!done.contains(service)) {
      var path = new LinkedHashSet<String>();
      visit(service, path, done);
    }
  }

  private void visit(String service, Set<String> path, Set<String> done) {
    if (done.contains(service) || !path.add(service)) {
      return;
    }
    directly(service).forEach(d -> visit(d, path, done));
    done.add(service);
  }
}
