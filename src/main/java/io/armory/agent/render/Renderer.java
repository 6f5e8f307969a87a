package io.armory.agent.render;

import io.armory.agent.compose.ComposeLoader;
import io.armory.agent.compose.ComposeRequest;
import io.armory.agent.compose.ComposeResult;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage;
import io.armory.agent.render.RenderRequest.Polling;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Renders what a node shall run: role → Compose files → variables → configuration → the loaded
/// stack → the exposure policy → the revision.
public final class Renderer {
  private static final String REDIS_URL = "/redis-url";
  private static final String DECK_SETTINGS = "settings-local.js";

  private final RenderRequest request;
  private final Selection selection;
  private final SourceFiles files;
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final SecretMarkers markers;

  private Renderer(RenderRequest request, SourceFiles files) {
    this.request = request;
    this.files = files;
    this.selection = Selection.of(request.identity(), request.parameters(), request.templates());
    this.markers = new SecretMarkers(request.node().digestKey());
  }

  /// Never throws for anything in the inputs: what is wrong comes back as problems.
  public static RenderResult render(RenderRequest request, SourceFiles files) {
    return new Renderer(request, files).render();
  }

  private RenderResult render() {
    problems.addAll(selection.problems());
    request.pollingProblem().ifPresent(problems::add);
    var texts = SourceText.read(selection.files(), files, problems);
    var variables = new Variables(request);
    if (!problems.isEmpty()) {
      return rejected();
    }
    problems.addAll(VariableUses.ofSecrets(texts, variables.secrets()));
    var used = VariableUses.names(texts);
    var config = new ConfigDirectories(request, used);
    problems.addAll(config.problems());
    problems.addAll(ConfigSyntax.problems(request));
    problems.addAll(StackChecks.ofParameters(request.parameters().variables(), used));
    problems.addAll(unknownExposed(texts));
    var directories = config.directories();
    directories.forEach(
        (service, directory) -> variables.set(variable(service, "_CONFIG_DIR"), directory));
    if (config.isSites(DECK_SETTINGS)) {
      variables.set("DECK_SETTINGS_TARGET", "/opt/spinnaker/" + DECK_SETTINGS + ".of-the-role");
    }

    var rendered = new LinkedHashMap<String, RenderedFile>();
    putRedisUrl(rendered, variables.redisUrl(false));
    StoreChoice.passwords(variables, request.node().digestKey())
        .forEach((name, password) -> putSecret(rendered, "/" + name, password));
    var draft = load(variables, selection.files(), rendered, polling());
    if (draft == null) {
      return rejected();
    }
    var services = draft.stack().services().keySet();
    // A stack with a Redis of its own uses that one.
    putRedisUrl(rendered, variables.redisUrl(services.contains("redis")));
    problems.addAll(StoreChoice.problems(variables, draft.stack(), config.names()));
    addMemory(variables, used, services);
    var composeFiles = new ArrayList<>(selection.files());
    addSecretFiles(draft.stack(), config, directories, rendered, composeFiles);
    var loaded = load(variables, composeFiles, rendered, polling());
    if (loaded == null) {
      return rejected();
    }
    var yaml = loaded.model().yaml();
    check(texts, loaded.stack(), yaml);
    if (!problems.isEmpty()) {
      return rejected();
    }
    warnings.addAll(loaded.warnings());
    var unused = UnusedParameters.warnings(request, texts, files);
    warnings.addAll(unused);
    warnings.addAll(RenderWarnings.of(request, selection.role(), variables, loaded.stack()));
    var all = filesOf(loaded, config, directories, rendered);
    var redis =
        RemoteRedisUse.of(
            variables, loaded.stack(), request.node().secretsDirectory() + REDIS_URL, problems);
    if (!problems.isEmpty()) {
      return rejected();
    }
    return revision(
        loaded.model().deployable(loaded.stack()),
        all,
        variables.envFile(VariableUses.defaults(texts), unused),
        redis);
  }

  /// With the resolved Compose file and its variables beside the other files, for people and for
  /// `docker compose`, and the containers' labels pointing there.
  private RenderResult revision(
      String yaml, List<RenderedFile> mounted, String env, Optional<RemoteRedis> redis) {
    var node = request.node();
    var directory = node.renderedDirectory();
    var composeFile = directory + "/" + Revision.COMPOSE_FILE;
    var resolved = new ResolvedStack(node.project(), composeFile, node.digestKey());
    return switch (resolved.load(yaml, mounted)) {
      case ComposeResult.Rejected(var found, _) -> {
        problems.addAll(found);
        yield rejected();
      }
      case ComposeResult.Loaded loaded -> {
        var files = new ArrayList<>(mounted);
        files.add(new RenderedFile(composeFile, bytes(yaml), 0644, -1));
        files.add(new RenderedFile(directory + "/" + Revision.ENV_FILE, bytes(env), 0644, -1));
        yield new RenderResult.Rendered(
            new Revision(
                id(loaded.stack(), mounted, redis),
                selection.role(),
                loaded.stack(),
                files,
                yaml,
                env,
                warnings,
                redis,
                Map.of()));
      }
    };
  }

  private void check(List<SourceText> texts, Stack stack, String yaml) {
    new ExposurePolicy(request.node().expose())
        .check(stack)
        .forEach(violation -> problems.add(PortLines.problem(texts, violation)));
    var overlaps = new Overlaps(stack, request.ranges());
    var checks =
        new StackChecks(texts, request.parameters().variables(), request.node().requireDigest());
    problems.addAll(checks.check(stack, overlaps, request.engine()));
    warnings.addAll(overlaps.warnings());
    warnings.addAll(checks.warnings());
    if (!problems.isEmpty()) {
      return;
    }
    markers
        .nameIn(yaml)
        .ifPresent(name -> problems.add(VariableUses.inTheOpen(selection.files().getLast(), name)));
  }

  /// A service of another role is one, too: nodes of all roles share their `agent.yaml`.
  private List<Problem> unknownExposed(List<SourceText> texts) {
    var all = new ArrayList<>(texts);
    // One that cannot be read is the problem of the nodes of that role, and may name it.
    var unread = new ArrayList<Problem>();
    all.addAll(SourceText.read(List.copyOf(request.templates().roles().values()), files, unread));
    if (!unread.isEmpty()) {
      return List.of();
    }
    return request.node().expose().stream()
        .filter(name -> !Lines.isNamed(all, name))
        .sorted()
        .map(name ->
            new Problem(
                "agent.yaml",
                "expose: there is no service " + name,
                "remove it, or write the name of one of the Compose files"))
        .toList();
  }

  private RenderResult rejected() {
    return new RenderResult.Rejected(problems);
  }

  // ---------------------------------------------------------------- loading

  private ComposeResult.@Nullable Loaded load(
      Variables variables,
      List<String> composeFiles,
      Map<String, RenderedFile> rendered,
      Polling polling) {
    var base = request.templates().base();
    var directory = base.substring(0, Math.max(1, base.lastIndexOf('/')));
    var compose =
        ComposeRequest.of(directory, composeFiles)
            .withProjectName(request.node().project())
            .withProfiles(variables.profiles(polling))
            .withEnvironment(variables.environment(markers))
            .withFilesDirectory(request.node().secretsDirectory() + "/compose")
            .withDigestKey(request.node().digestKey());
    return switch (ComposeLoader.load(compose, new LaidOver(rendered, files))) {
      case ComposeResult.Loaded loaded -> loaded;
      case ComposeResult.Rejected(var found, _) -> {
        problems.addAll(found);
        yield null;
      }
    };
  }

  private Polling polling() {
    return RenderWarnings.NEVER_ELECT.contains(selection.role())
        ? Polling.BY_ROLE
        : request.polling();
  }

  // ---------------------------------------------------------------- what is computed

  private void addMemory(Variables variables, Set<String> used, Set<String> services) {
    var limits = MemoryShares.limits(new TreeSet<>(services), request.node().memoryBytes());
    for (var entry : limits.entrySet()) {
      var name = variable(entry.getKey(), Variables.MEMORY);
      if (used.contains(name) && !variables.has(name)) {
        variables.addMissing(name, entry.getValue(), "share of this node's memory");
      }
    }
  }

  private static String variable(String service, String suffix) {
    return service.toUpperCase(Locale.ROOT).replace('-', '_') + suffix;
  }

  private void putRedisUrl(Map<String, RenderedFile> rendered, String url) {
    putSecret(rendered, REDIS_URL, url);
  }

  private void putSecret(Map<String, RenderedFile> rendered, String name, String secret) {
    var path = request.node().secretsDirectory() + name;
    rendered.put(path, SecretFiles.file(path, bytes(secret)));
  }

  /// Configuration files that are secrets are mounted one by one over the directory of the others:
  /// a Compose file of our own says so.
  private void addSecretFiles(
      Stack draft,
      ConfigDirectories config,
      Map<String, String> directories,
      Map<String, RenderedFile> rendered,
      List<String> composeFiles) {
    var overlay = new SecretOverlay();
    for (var service : draft.services().values()) {
      for (var mount : service.container().storage().mounts()) {
        if (mount instanceof Storage.Bind bind) {
          directories.forEach((owner, directory) -> {
            if (bind.source().equals(directory)) {
              overlay.add(service.name(), bind.target(), config.secretFiles(owner));
            }
          });
        }
      }
    }
    if (!overlay.isEmpty()) {
      var path = request.node().renderedDirectory() + "/secret-files.yml";
      overlay.files().forEach(file -> rendered.put(file.path(), file));
      rendered.put(path, new RenderedFile(path, bytes(overlay.yaml()), 0644, -1));
      composeFiles.add(path);
    }
  }

  // ---------------------------------------------------------------- the revision

  private List<RenderedFile> filesOf(
      ComposeResult.Loaded loaded,
      ConfigDirectories config,
      Map<String, String> directories,
      Map<String, RenderedFile> rendered) {
    var mounted = new TreeSet<String>(loaded.configFiles());
    for (var service : loaded.stack().services().values()) {
      for (var mount : service.container().storage().mounts()) {
        switch (mount) {
          case Storage.Bind bind -> mounted.add(bind.source());
          case Storage.FileMount file -> mounted.add(file.hostPath());
          case Storage.VolumeMount _, Storage.Tmpfs _, Storage.ImageMount _ -> {}
        }
      }
    }
    var all = new ArrayList<RenderedFile>();
    directories.forEach((service, directory) -> {
      if (mounted.contains(directory)) {
        all.addAll(config.files(service, directory));
      }
    });
    rendered.forEach((path, file) -> {
      if (mounted.contains(path)) {
        all.add(file);
      }
    });
    all.addAll(markers.revealed(loaded.files()));
    return all;
  }

  /// Over what decides about containers and their files. Secrets are in it by their keyed digests,
  /// which are part of the services' definitions. Over the definitions, and over what makes no
  /// other container but another stack: how many, and how they are asked for their health.
  private String id(Stack stack, List<RenderedFile> all, Optional<RemoteRedis> redis) {
    var digest = new Digests().add(selection.role()).add(stack.project());
    stack
        .services()
        .forEach((name, service) ->
            digest
                .add(name)
                .add(service.definitionHash())
                .add(Integer.toString(service.replicas()))
                .add(service.pullPolicy().words().toUpperCase(Locale.ROOT))
                .add(service.probe().toString())
                .add(Boolean.toString(service.optional()))
                .add(Boolean.toString(service.elected())));
    stack.networks().forEach((name, network) -> digest.add(name).add(network.definitionHash()));
    stack.volumes().forEach((name, volume) -> digest.add(name).add(volume.definitionHash()));
    all.forEach(file -> digest.add(file.path()));
    redis.flatMap(RemoteRedis::caFile).ifPresent(digest::add);
    return digest.shortHex();
  }

  private static RenderedFile.Content bytes(String text) {
    return new RenderedFile.Content(text.getBytes(StandardCharsets.UTF_8));
  }
}
