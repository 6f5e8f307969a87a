package io.armory.agent.compose;

import io.armory.agent.compose.print.CanonicalPrinter;
import io.armory.agent.compose.print.ResourcePrinter;
import io.armory.agent.compose.project.AbsolutePaths;
import io.armory.agent.compose.project.Consistency;
import io.armory.agent.compose.project.EnvironmentFiles;
import io.armory.agent.compose.project.FileLoader;
import io.armory.agent.compose.project.Normalization;
import io.armory.agent.compose.project.Project;
import io.armory.agent.compose.project.Sources;
import io.armory.agent.compose.project.StrayExtensions;
import io.armory.agent.compose.project.UnsupportedFeatures;
import io.armory.agent.compose.source.CleanPath;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.LoadLimits;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.Plain;
import io.armory.agent.compose.source.Raw;
import io.armory.agent.compose.source.ScalarResolver;
import io.armory.agent.compose.source.Template;
import io.armory.agent.compose.stack.ContainerMapping;
import io.armory.agent.compose.stack.FileMounts;
import io.armory.agent.compose.stack.ProbeMapping;
import io.armory.agent.compose.stack.StackMapping;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.stack.Stack;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Loads a Compose project: files → environment → name → one canonical tree → profiles → checks →
/// the printed model and the [Stack].
public final class ComposeLoader {
  private final ComposeRequest request;
  private final Diagnostics findings = new Diagnostics();
  private final Sources sources;

  private ComposeLoader(ComposeRequest request, SourceFiles files) {
    this.request = request;
    this.sources = new Sources(files, findings);
  }

  /// Never throws for anything in the files: what is wrong comes back as problems.
  public static ComposeResult load(ComposeRequest request, SourceFiles files) {
    return new ComposeLoader(request, files).load();
  }

  private ComposeResult load() {
    if (request.files().isEmpty()) {
      findings.fileProblem(request.workingDirectory(), "no Compose file given", "name one with -f");
      return rejected();
    }
    List<String> files = request.files().stream().map(this::absolute).toList();
    String directory =
        request.projectDirectory().map(this::absolute).orElse(CleanPath.parent(files.getFirst()));
    Map<String, String> environment = environment(directory);
    String name = projectName(files, directory, environment);
    environment.put("COMPOSE_PROJECT_NAME", name);
    FileLoader.Shared shared =
        new FileLoader.Shared(sources, findings, request.home().orElse(null), new LoadLimits());
    Node.Mapping model = new FileLoader(shared, directory, environment, List.of()).load(files);
    if (model.isEmpty() && !findings.rejected()) {
      findings.fileProblem(files.getFirst(), "is empty", "add 'services:'");
    }
    if (Project.isTooLarge(model, Runtime.getRuntime().maxMemory(), findings)) {
      return rejected();
    }
    new Normalization(name, environment).apply(model);
    new StrayExtensions(findings).apply(model);
    Project project = Project.of(name, model, profiles(environment));
    EnvironmentFiles environmentFiles = new EnvironmentFiles(sources, findings, environment);
    project.enabled().forEach(environmentFiles::resolve);
    project.encode(findings);
    new UnsupportedFeatures(findings).check(project);
    project.all().forEach(new ProbeMapping(findings)::check);
    new Consistency(project, findings).check();
    return findings.rejected() ? rejected() : loaded(project, directory, files);
  }

  private ComposeResult rejected() {
    return new ComposeResult.Rejected(findings.problems(), findings.warnings());
  }

  private String absolute(String path) {
    String expanded = AbsolutePaths.expandHome(path, request.home().orElse(null));
    return CleanPath.clean(CleanPath.resolve(request.workingDirectory(), expanded));
  }

  /// The given variables and, where they are silent, the env files.
  private Map<String, String> environment(String directory) {
    List<String> envFiles = new ArrayList<>();
    request.envFiles().forEach(f -> envFiles.add(absolute(f)));
    String dotEnv = CleanPath.join(directory, ".env");
    boolean disabled =
        List.of("1", "t", "true")
            .contains(
                request
                    .environment()
                    .getOrDefault("COMPOSE_DISABLE_ENV_FILE", "")
                    .toLowerCase(Locale.ROOT));
    boolean there =
        switch (sources.look(dotEnv, 0)) {
          case SourceFiles.Missing _, SourceFiles.Directory _ -> false;
          default -> true;
        };
    if (envFiles.isEmpty() && there && !disabled) {
      envFiles.add(dotEnv);
    }
    return FileLoader.withEnvFiles(request.environment(), envFiles, sources, null);
  }

  private List<String> profiles(Map<String, String> environment) {
    return request
        .profiles()
        .filter(p -> !p.isEmpty())
        .orElseGet(() ->
            Arrays.stream(
                    LoadLimits.value("COMPOSE_PROFILES", environment, findings).split(",", -1))
                .map(String::strip)
                .toList());
  }

  private String projectName(
      List<String> files, String directory, Map<String, String> environment) {
    Optional<String> said =
        request
            .projectName()
            .filter(n -> !n.isEmpty())
            .or(() -> Optional.ofNullable(environment.get("COMPOSE_PROJECT_NAME")))
            .filter(n -> !n.isEmpty());
    if (said.isPresent()) {
      if (!normalized(said.get()).equals(said.get())) {
        findings.fileProblem(
            files.getFirst(),
            "the project name '" + said.get() + "' is not valid",
            "use lower-case letters, digits, '-' and '_', a letter or digit first");
      }
      return said.get();
    }
    String unchecked = writtenName(files);
    String written = normalized(substituted(unchecked, environment));
    if (written.isEmpty() && !unchecked.isEmpty()) {
      findings.fileProblem(
          files.getFirst(), "'name:' gives no letter or digit", "give the project a name");
    }
    String name =
        written.isEmpty()
            ? normalized(directory.substring(directory.lastIndexOf('/') + 1))
            : written;
    if (name.isEmpty()) {
      findings.fileProblem(files.getFirst(), "the project has no name", "add 'name:'");
    }
    return name;
  }

  /// The last `name:` of the files themselves; included files do not name the project. What is
  /// wrong with the files is found when they are loaded.
  private String writtenName(List<String> files) {
    String name = "";
    for (String file : files) {
      for (Raw document : sources.yaml(file, null, Path.ROOT)) {
        String written = writtenName(document);
        name = written.isEmpty() ? name : written;
      }
    }
    return name;
  }

  private static String substituted(String name, Map<String, String> environment) {
    try {
      return new Template(environment::get, _ -> {}).substitute(name);
    } catch (Template.Malformed e) {
      return "";
    }
  }

  private static String writtenName(Raw document) {
    if (document instanceof Raw.Pairs pairs) {
      for (Raw.Pair pair : pairs.pairs()) {
        if (pair.key() instanceof Raw.Text key
            && key.value().equals("name")
            && Raw.follow(pair.value()) instanceof Raw.Text text
            && !"!reset".equals(text.tag())
            && (!text.plain() || isText(ScalarResolver.resolve(text.value())))) {
          return text.value();
        }
      }
    }
    return "";
  }

  private static boolean isText(@Nullable Object value) {
    return value instanceof String || value instanceof Node.Timestamp;
  }

  private static String normalized(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "").replaceAll("^[_-]+", "");
  }

  private ComposeResult loaded(Project project, String directory, List<String> files) {
    Map<String, Map<String, @Nullable Object>> networks =
        resources(project, "networks", ResourcePrinter.NETWORK, used(project, "networks"));
    Map<String, Map<String, @Nullable Object>> volumes =
        resources(project, "volumes", ResourcePrinter.VOLUME, used(project, "volumes"));
    Map<String, Map<String, @Nullable Object>> configs =
        resources(project, "configs", ResourcePrinter.CONFIG, used(project, "configs"));
    Map<String, Map<String, @Nullable Object>> secrets =
        resources(project, "secrets", ResourcePrinter.SECRET, used(project, "secrets"));
    Map<String, @Nullable Object> printed = new TreeMap<>();
    printed.put("name", project.name());
    Map<String, @Nullable Object> services = new TreeMap<>();
    Map<String, Map<String, @Nullable Object>> extensions = new TreeMap<>();
    project
        .enabled()
        .forEach((name, service) -> {
          services.put(name, project.encoded().get(name));
          extensions.put(name, Plain.extensions(service));
        });
    printed.put("services", services);
    putUnlessEmpty(printed, "networks", networks);
    putUnlessEmpty(printed, "volumes", volumes);
    putUnlessEmpty(printed, "configs", configs);
    putUnlessEmpty(printed, "secrets", secrets);
    printed.putAll(Plain.extensions(project.model()));
    ComposeModel model = new ComposeModel(printed, extensions);
    StackMapping mapping =
        new StackMapping(
            project,
            new FileMounts(
                project, request.filesDirectory(), request.digestKey(), sources, findings),
            new ContainerMapping(sources, findings, directory),
            new ProbeMapping(findings));
    Stack stack = mapping.stack(networks, volumes, directory, files);
    return findings.rejected()
        ? rejected()
        : new ComposeResult.Loaded(
            stack, model, mapping.files(), directory, files, findings.warnings());
  }

  private static void putUnlessEmpty(
      Map<String, @Nullable Object> printed, String key, Map<String, ?> resources) {
    if (!resources.isEmpty()) {
      printed.put(key, resources);
    }
  }

  /// What no enabled service uses is left out.
  private static Set<String> used(Project project, String kind) {
    Set<String> used = new TreeSet<>();
    for (String name : project.enabled().keySet()) {
      Map<String, @Nullable Object> service = project.encoded().getOrDefault(name, Map.of());
      used(service.get(kind), kind, used);
      if (service.get("build") instanceof Map<?, ?> build) {
        used(build.get(kind), kind, used);
      }
    }
    return used;
  }

  private static void used(@Nullable Object uses, String kind, Set<String> used) {
    if (uses instanceof Map<?, ?> map) {
      map.keySet().forEach(key -> used.add(String.valueOf(key)));
    } else if (uses instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof Map<?, ?> mount
            && mount.get("source") instanceof String source
            && (!kind.equals("volumes") || "volume".equals(mount.get("type")))) {
          used.add(source);
        }
      }
    }
  }

  @SuppressWarnings("unchecked")
  private Map<String, Map<String, @Nullable Object>> resources(
      Project project, String kind, CanonicalPrinter codec, Set<String> used) {
    Map<String, Map<String, @Nullable Object>> resources = new TreeMap<>();
    if (project.model().get(kind) instanceof Node.Mapping all) {
      for (String name : all.keys()) {
        Object encoded = codec.encode(all.need(name), Path.of(kind, name), findings);
        if (used.contains(name) && encoded != null) {
          resources.put(name, new LinkedHashMap<>((Map<String, @Nullable Object>) encoded));
        }
      }
    }
    return resources;
  }
}
