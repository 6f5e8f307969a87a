package io.armory.agent.compose.project;

import io.armory.agent.compose.source.KeyHint;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Applies `extends` to the services of one document.
final class Extends {
  private static final int MOST_DEPTH = 50;

  private record Link(String file, String service) {}

  /// Where the services of one step are looked up.
  ///
  /// @param services `null`: none
  private record Scope(String file, Node.@Nullable Mapping services) {}

  private final FileLoader loader;
  private final String file;

  Extends(FileLoader loader, String file) {
    this.loader = loader;
    this.file = file;
  }

  /// @param resets what the document takes away from the services it extends
  void apply(Node.Mapping model, List<Path> resets) {
    if (!(model.get("services") instanceof Node.Mapping services)) {
      return;
    }
    Scope scope = new Scope(file, services);
    for (String name : services.keys()) {
      services.put(name, resolve(name, scope, new ArrayList<>(), List.of(resets)));
    }
  }

  private Node resolve(String name, Scope scope, List<Link> chain, List<List<Path>> resets) {
    Node node = scope.services == null ? null : scope.services.get(name);
    if (!(node instanceof Node.Mapping service) || !service.has("extends")) {
      return node == null ? Node.nothing(Location.of(scope.file)) : node;
    }
    Path path = Path.of("services", name, "extends");
    Node written = service.need("extends");
    String base = baseName(written);
    if (base == null) {
      // The structure check will say what is wrong with it.
      return service;
    }
    Scope from = scope;
    List<List<Path>> allResets = new ArrayList<>(resets);
    String other = written instanceof Node.Mapping m ? Node.text(m.get("file")) : null;
    if (other != null) {
      Optional<FileLoader.ExtendedFile> extended = loader.extended(other, written.mark(), path);
      if (extended.isEmpty()) {
        service.remove("extends");
        return service;
      }
      FileLoader.ExtendedFile f = extended.get();
      from = new Scope(f.file(), f.model().get("services") instanceof Node.Mapping m ? m : null);
      allResets.add(f.resets());
    }
    Node resolved = base(name, base, from, new Step(written.mark(), path, chain, allResets));
    service.remove("extends");
    if (!(resolved instanceof Node.Mapping) || resolved == service) {
      return service;
    }
    loader.budget().spend(resolved);
    Node source = resolved.copy();
    applyResets(name, source, allResets);
    Node merged = loader.merge().service(source, service);
    if (scope.services != null) {
      scope.services.put(name, merged);
    }
    return merged;
  }

  private record Step(Location mark, Path path, List<Link> chain, List<List<Path>> resets) {}

  private @Nullable Node base(String name, String base, Scope from, Step step) {
    if (from.services == null || !from.services.has(base)) {
      loader
          .findings()
          .problem(
              step.mark,
              step.path,
              "service '" + base + "' is not in " + from.file,
              KeyHint.among(
                  base,
                  from.services == null ? List.of() : from.services.keys(),
                  "name a service of that file",
                  loader.findings()));
      return null;
    }
    Link link = new Link(from.file, name);
    if (step.chain.contains(link) || step.chain.size() > MOST_DEPTH) {
      loader
          .findings()
          .problem(step.mark, step.path, "services extend each other", "break the cycle");
      return null;
    }
    List<Link> chain = new ArrayList<>(step.chain);
    chain.add(link);
    return resolve(base, from, chain, step.resets);
  }

  private static @Nullable String baseName(Node written) {
    return written instanceof Node.Mapping mapping
        ? Node.text(mapping.get("service"))
        : Node.text(written);
  }

  private static void applyResets(String name, Node source, List<List<Path>> resets) {
    Node.Mapping services = Node.mapping(source.mark());
    services.put(name, source);
    Node.Mapping model = Node.mapping(source.mark());
    model.put("services", services);
    resets.forEach(r -> FileLoader.reset(model, r));
  }
}
