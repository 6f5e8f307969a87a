package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.EngineAbilities;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.NodeRanges;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Parameters.Value;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.TemplateFiles;
import io.armory.agent.domain.TemplateFiles.ConfigFile;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import io.armory.agent.render.RenderRequest.Node;
import io.armory.agent.render.RenderRequest.Polling;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A node to render for, in memory, and templates of a few lines.
final class Workbench implements SourceFiles {
  static final String BASE =
      """
      services:
        gate:
          image: reg/gate:${SPINNAKER_RELEASE:-1}
          ports: ["8084:8084"]
          mem_limit: ${GATE_MEMORY:-1g}
          volumes: ["${GATE_CONFIG_DIR:-./config}:/opt/spinnaker/config:ro"]
          secrets: [redis-url]
        orca:
          image: reg/orca:${SPINNAKER_RELEASE:-1}
          environment:
            HOST: ${HOST:-none}
          volumes: ["${ORCA_CONFIG_DIR:-./config}:/opt/spinnaker/config:ro"]
        fiat:
          image: reg/fiat
          profiles: [fiat]
      secrets:
        redis-url: {file: "${ARMORY_SECRETS_DIR:-./secrets}/redis-url"}
      """;

  private final Map<String, String> files = new LinkedHashMap<>();
  private final Map<String, String> roles = new LinkedHashMap<>();
  private final List<String> overlays = new ArrayList<>();
  private final Map<String, ConfigFile> config = new LinkedHashMap<>();
  private final Map<String, Parameter> variables = new LinkedHashMap<>();
  private final Map<String, Parameter> parameterFiles = new LinkedHashMap<>();
  private final Map<String, Parameter> settings = new LinkedHashMap<>();
  private final Map<String, Fact> facts = new LinkedHashMap<>();
  private @Nullable String role = "one";
  private Set<String> expose = Set.of();
  private Polling polling = Polling.BY_ROLE;
  private long memory = 8L << 30;
  private String digestKey = "key";
  private boolean requireDigest;
  private NodeRanges ranges = NodeRanges.NONE;
  private EngineAbilities engine = EngineAbilities.UNKNOWN;
  private @Nullable TemplateFiles shipped;
  private SourceFiles below = (path, most) -> new SourceFiles.Missing();

  Workbench() {
    files.put("/t/spinnaker.yml", BASE);
    role("one", "services: {}\n");
  }

  /// With these templates instead of the small ones.
  Workbench shipped(TemplateFiles templates, SourceFiles disk) {
    shipped = templates;
    below = disk;
    return this;
  }

  /// As `images.require_digest: true`.
  Workbench onlyDigests() {
    requireDigest = true;
    return this;
  }

  Workbench base(String yaml) {
    files.put("/t/spinnaker.yml", yaml);
    return this;
  }

  Workbench role(String name, String yaml) {
    files.put("/t/roles/" + name + ".yml", yaml);
    roles.put(name, "/t/roles/" + name + ".yml");
    return this;
  }

  Workbench inRole(@Nullable String name) {
    role = name;
    return this;
  }

  Workbench overlay(String name, String yaml) {
    files.put("/site/" + name, yaml);
    overlays.add("/site/" + name);
    return this;
  }

  Workbench missingOverlay(String name) {
    overlays.add("/site/" + name);
    return this;
  }

  Workbench config(String name, String text) {
    config.put(name, new ConfigFile(content(text), "/t/config/" + name));
    return this;
  }

  Workbench set(String name, String value) {
    return variable(name, new Plain(value));
  }

  Workbench secret(String name, String value) {
    return variable(name, new Hidden(new Secret(value)));
  }

  private Workbench variable(String name, Value value) {
    variables.put(name, new Parameter(name, value, "/env/default.env:" + (variables.size() + 1)));
    return this;
  }

  Workbench parameterFile(String name, Value value) {
    parameterFiles.put(name, new Parameter(name, value, "ssm /p/default/config/" + name));
    return this;
  }

  Workbench setting(String name, String value) {
    settings.put(name, new Parameter(name, new Plain(value), "ssm /p/default/" + name));
    return this;
  }

  Workbench fact(String name, String value) {
    facts.put(name, new Fact(value, "IMDS"));
    return this;
  }

  Workbench expose(String... services) {
    expose = Set.of(services);
    return this;
  }

  Workbench polling(Polling value) {
    polling = value;
    return this;
  }

  Workbench memory(long bytes) {
    memory = bytes;
    return this;
  }

  Workbench digestKey(String key) {
    digestKey = key;
    return this;
  }

  Workbench engine(EngineAbilities value) {
    engine = value;
    return this;
  }

  Workbench ranges(NodeRanges value) {
    ranges = value;
    return this;
  }

  RenderResult render() {
    var identity =
        new NodeIdentity(
            new Fact("default", "default"),
            Optional.ofNullable(role).map(r -> new Fact(r, "tag armory:role")),
            new Fact("/p", "default"),
            facts,
            Map.of(),
            List.of(NodeIdentity.Look.at("tag armory:role: " + (role == null ? "not set" : role))));
    var own = new TemplateFiles("/t/spinnaker.yml", roles, Map.of(), overlays, config);
    var templates =
        shipped == null
            ? own
            : new TemplateFiles(
                shipped.base(),
                shipped.roles(),
                shipped.loggingProfiles(),
                overlays,
                shipped.config());
    return Renderer.render(
        new RenderRequest(
            identity,
            new Parameters(variables, parameterFiles, settings),
            templates,
            new Node(
                "spinnaker",
                "/lib/rendered",
                "/run/secrets",
                memory,
                expose,
                polling,
                digestKey,
                requireDigest),
            ranges,
            engine),
        this);
  }

  Revision rendered() {
    return switch (render()) {
      case RenderResult.Rendered(var revision) -> revision;
      case RenderResult.Rejected(var problems) -> throw new AssertionError(problems);
    };
  }

  List<String> problems() {
    return switch (render()) {
      case RenderResult.Rendered(var revision) -> throw new AssertionError("rendered " + revision);
      case RenderResult.Rejected(var problems) -> problems.stream().map(Problem::line).toList();
    };
  }

  static Service service(Revision revision, String name) {
    return Objects.requireNonNull(revision.stack().services().get(name));
  }

  static String hash(Revision revision, String service) {
    return service(revision, service).definitionHash();
  }

  static String directory(Revision revision, String service) {
    return service(revision, service).container().storage().mounts().stream()
        .filter(Storage.Bind.class::isInstance)
        .map(m -> ((Storage.Bind) m).source())
        .findFirst()
        .orElseThrow();
  }

  static String text(Revision revision, String path) {
    assertThat(revision.files()).extracting(RenderedFile::path).contains(path);
    return revision.files().stream()
        .filter(f -> f.path().equals(path))
        .map(f -> new String(f.content().bytes(), StandardCharsets.UTF_8))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public Reading read(String path, long maxBytes) {
    var text = files.get(path);
    return text == null
        ? below.read(path, maxBytes)
        : new SourceFiles.Content(text.getBytes(StandardCharsets.UTF_8));
  }

  private static RenderedFile.Content content(String text) {
    return new RenderedFile.Content(text.getBytes(StandardCharsets.UTF_8));
  }
}
