package io.armory.agent.compose.project;

import io.armory.agent.compose.schema.Shape;
import io.armory.agent.compose.schema.Specification;
import io.armory.agent.compose.schema.StructureCheck;
import io.armory.agent.compose.source.CleanPath;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.EnvironmentValues;
import io.armory.agent.compose.source.LoadLimits;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.Raw;
import io.armory.agent.compose.source.Refusal;
import io.armory.agent.compose.source.Template;
import io.armory.agent.compose.source.TreeBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Loads a list of Compose files into one canonical tree: per file and YAML document parse →
/// interpolate → include → reset → extends → merge → uniqueness → structure → canonical form →
/// uniqueness again; then once defaults, checks, absolute paths.
public final class FileLoader {
  /// What the parts of one load share.
  ///
  /// @param home `null`: `~` stays
  public record Shared(
      Sources sources, Diagnostics findings, @Nullable String home, LoadLimits budget) {}

  /// Said where the `.env` beside an included file is not meant.
  private static final String NO_ENV_FILE = "/dev/null";

  private final Shared shared;
  private final String directory;
  private final Map<String, String> environment;
  private final List<String> including;
  private final Interpolation interpolation;
  private final Merge merge;
  private final Canonical canonical;

  /// @param directory what relative paths are relative to
  /// @param including files that include this one, the outermost first
  public FileLoader(
      Shared shared, String directory, Map<String, String> environment, List<String> including) {
    this.shared = shared;
    this.directory = directory;
    this.environment = environment;
    this.including = including;
    this.interpolation = new Interpolation(environment::get, shared.findings, shared.budget);
    this.merge = new Merge(shared.findings);
    this.canonical = new Canonical(shared.findings, shared.budget);
  }

  private @Nullable Location includer() {
    return including.isEmpty() ? null : Location.of(including.getLast());
  }

  public Node.Mapping load(List<String> files) {
    Node.Mapping model = Node.mapping(Location.of(files.getFirst()));
    for (String file : files) {
      for (Raw document : shared.sources.yaml(file, includer(), Path.of("include"))) {
        try {
          document(document, file, model);
        } catch (Refusal e) {
          shared.findings.problem(e.mark(), Path.ROOT, e.message(), e.advice());
        }
      }
    }
    new Defaults(shared.findings).apply(model);
    new AbsolutePaths(directory, shared.home).apply(model);
    EnvironmentValues.check(model, shared.findings);
    EnvironmentValues.resolve(model, environment);
    return model;
  }

  private void document(Raw document, String file, Node.Mapping model) {
    TreeBuilder builder = new TreeBuilder(shared.findings, shared.budget);
    Node.Mapping tree = builder.build(document);
    if (tree == null) {
      return;
    }
    interpolation.apply(tree);
    // What is included comes first, so that services can be extended from it.
    include(tree, file, builder.resets());
    reset(model, builder.resets());
    if (tree.has("services") && Node.isNull(tree.get("services"))) {
      shared.findings.problem(
          tree.keyMark("services"),
          Path.of("services"),
          "must be a mapping, not nothing",
          "write the services below it, or remove it");
    }
    new Extends(this, file).apply(tree, builder.resets());
    merge.models(model, tree);
    Uniqueness.enforce(model, shared.findings);
    StructureCheck structure = new StructureCheck(shared.findings);
    structure.check(model, Specification.MODEL, Path.ROOT);
    structure.finite(model, Path.ROOT);
    if (model.remove("version") != null) {
      shared.findings.warn(
          file
              + ": the attribute `version` is obsolete, it will be ignored, please remove it to"
              + " avoid potential confusion");
    }
    canonical.apply(model);
    Uniqueness.enforce(model, shared.findings);
  }

  /// Clears what `!reset` and `!override` name.
  static void reset(Node node, List<Path> resets) {
    for (Path path : resets) {
      List<String> keys = new ArrayList<>();
      for (Path at = path; at.depth() > 0; at = at.parent()) {
        keys.addFirst(at.last());
      }
      Node at = node;
      for (int i = 0; i < keys.size() && at instanceof Node.Mapping mapping; i++) {
        at = i + 1 == keys.size() ? mapping.remove(keys.get(i)) : mapping.get(keys.get(i));
      }
    }
  }

  /// A file that services are extended from, or nothing: interpolated, canonical, paths absolute,
  /// but neither checked nor extended itself.
  Optional<ExtendedFile> extended(String path, Location mark, Path at) {
    String file = CleanPath.resolve(directory, expand(path));
    shared.budget.file(mark);
    Node.Mapping model = Node.mapping(Location.of(file));
    List<Path> resets = new ArrayList<>();
    for (Raw document : shared.sources.yaml(file, mark, at)) {
      TreeBuilder builder = new TreeBuilder(shared.findings, shared.budget);
      Node.Mapping tree = builder.build(document);
      if (tree != null) {
        interpolation.apply(tree);
        reset(model, builder.resets());
        merge.models(model, tree);
        Uniqueness.enforce(model, shared.findings);
        canonical.apply(model);
        Uniqueness.enforce(model, shared.findings);
        resets = builder.resets();
      }
    }
    new AbsolutePaths(CleanPath.parent(file), shared.home).apply(model);
    return Optional.of(new ExtendedFile(file, model, resets));
  }

  /// @param resets of its last document
  record ExtendedFile(String file, Node.Mapping model, List<Path> resets) {}

  Merge merge() {
    return merge;
  }

  LoadLimits budget() {
    return shared.budget;
  }

  Diagnostics findings() {
    return shared.findings;
  }

  private String expand(String path) {
    return AbsolutePaths.expandHome(path, shared.home);
  }

  private void include(Node.Mapping tree, String file, List<Path> resets) {
    Node includes = tree.remove("include");
    if (includes == null || Node.isNull(includes)) {
      return;
    }
    Path path = Path.of("include");
    Include.dropUnknown(includes, path, shared.findings);
    StructureCheck structure = new StructureCheck(shared.findings);
    structure.check(includes, Shape.list(Specification.INCLUDE), path);
    if (includes instanceof Node.Sequence sequence) {
      for (int i = 0; i < sequence.items().size(); i++) {
        Include.of(sequence.items().get(i))
            .ifPresent(include -> include(include, tree, file, resets));
      }
    }
  }

  private void include(Include include, Node.Mapping tree, String file, List<Path> resets) {
    List<String> paths = new ArrayList<>();
    for (String path : include.paths()) {
      if (Include.isRemote(path)) {
        shared.findings.problem(
            include.mark(),
            Path.of("include"),
            "'" + path + "' is not a file of this node",
            "copy it here; remote includes are not supported");
        return;
      }
      paths.add(CleanPath.resolve(directory, expand(path)));
    }
    String main = paths.getFirst();
    List<String> chain = new ArrayList<>(including);
    chain.add(file);
    if (chain.contains(main)) {
      shared.findings.problem(
          include.mark(), Path.of("include"), "includes itself: " + main, "break the cycle");
      return;
    }
    if (!paths.stream().allMatch(p -> present(p, include))) {
      return;
    }
    String folder =
        include
            .projectDirectory()
            .map(d -> CleanPath.resolve(directory, expand(d)))
            .orElse(CleanPath.parent(main));
    Map<String, String> variables = variables(include, folder);
    imported(new FileLoader(shared, existing(folder), variables, chain).load(paths), tree, resets);
  }

  /// As in the reference, paths are relative to the parent of a project directory that is no
  /// directory.
  private String existing(String folder) {
    return shared.sources.isDirectory(folder) ? folder : CleanPath.parent(folder);
  }

  private boolean present(String path, Include include) {
    shared.budget.file(include.mark());
    if (shared.sources.isThere(path)) {
      return true;
    }
    shared.findings.problem(
        include.mark(), Path.of("include"), path + " does not exist", "check the path");
    return false;
  }

  private Map<String, String> variables(Include include, String folder) {
    List<String> files = new ArrayList<>();
    include.envFiles().stream()
        .filter(f -> !f.equals(NO_ENV_FILE))
        .forEach(f -> files.add(CleanPath.resolve(directory, expand(f))));
    String dotEnv = CleanPath.join(folder, ".env");
    if (include.envFiles().isEmpty() && isFile(dotEnv)) {
      files.add(dotEnv);
    }
    return withEnvFiles(environment, files, shared.sources, include.mark());
  }

  private boolean isFile(String path) {
    return switch (shared.sources.look(path, 0)) {
      case io.armory.agent.domain.SourceFiles.Missing _,
          io.armory.agent.domain.SourceFiles.Directory _ ->
          false;
      default -> true;
    };
  }

  /// The environment and, where it is silent, the env files, the later over the earlier.
  public static Map<String, String> withEnvFiles(
      Map<String, String> environment,
      List<String> files,
      Sources sources,
      @Nullable Location mark) {
    Map<String, String> fromFiles = new HashMap<>();
    for (String file : files) {
      Template.Variables known =
          name -> environment.containsKey(name) ? environment.get(name) : fromFiles.get(name);
      sources.env(file, known, mark, Path.of("include")).ifPresent(fromFiles::putAll);
      if (fromFiles.remove("") != null) {
        sources.problem(file, "has a value without a name", "write NAME=value");
      }
    }
    Map<String, String> all = new LinkedHashMap<>(environment);
    fromFiles.forEach(all::putIfAbsent);
    return all;
  }

  /// Resources of an included model become the including one's, which may change them.
  ///
  /// @param resets what it takes away from them
  private void imported(Node.Mapping from, Node.Mapping into, List<Path> resets) {
    for (String kind : List.of("services", "volumes", "networks", "secrets", "configs")) {
      if (!(from.get(kind) instanceof Node.Mapping resources)) {
        continue;
      }
      if (Node.isNull(into.get(kind))) {
        into.put(kind, Node.mapping(resources.mark()));
      }
      if (!(into.get(kind) instanceof Node.Mapping own)) {
        continue;
      }
      for (String name : new HashSet<>(resources.keys())) {
        if (!own.has(name)) {
          own.put(name, resources.need(name), resources.keyMark(name));
        } else if (!Node.same(own.get(name), resources.get(name))) {
          Node.Mapping included = alone(kind, name, resources.need(name));
          reset(included, resets);
          merge.models(included, alone(kind, name, own.need(name)));
          if (included.need(kind) instanceof Node.Mapping merged && merged.has(name)) {
            own.put(name, merged.need(name));
          }
        }
      }
    }
  }

  private static Node.Mapping alone(String kind, String name, Node resource) {
    Node.Mapping resources = Node.mapping(resource.mark());
    resources.put(name, resource);
    Node.Mapping model = Node.mapping(resource.mark());
    model.put(kind, resources);
    return model;
  }
}
