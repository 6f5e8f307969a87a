package io.armory.agent.compose.project;

import io.armory.agent.compose.print.CanonicalPrinter;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.EnvironmentValues;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.Template;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the `env_file` and `label_file` files of a service into its environment and labels. Later
/// files win over earlier ones, what the service says itself over all.
public final class EnvironmentFiles {
  private final Sources sources;
  private final Diagnostics findings;
  private final Map<String, String> environment;

  public EnvironmentFiles(Sources sources, Diagnostics findings, Map<String, String> environment) {
    this.sources = sources;
    this.findings = findings;
    this.environment = environment;
  }

  public void resolve(String name, Node.Mapping service) {
    Path path = Path.of("services", name);
    Map<String, String> variables = new LinkedHashMap<>();
    if (service.remove("env_file") instanceof Node.Sequence files) {
      for (Node item : files.items()) {
        if (item instanceof Node.Mapping file) {
          envFile(file, variables, own(service), path.child("env_file"));
        }
      }
    }
    resolveOwn(service);
    overlay(service, "environment", variables);
    Map<String, String> labels = new LinkedHashMap<>();
    if (service.remove("label_file") instanceof Node.Sequence files) {
      for (Node item : files.items()) {
        String file = Node.text(item);
        if (file != null) {
          sources
              .env(file, labels::get, item.mark(), path.child("label_file"))
              .ifPresent(labels::putAll);
        }
      }
    }
    overlay(service, "labels", labels);
  }

  /// What the service itself says comes before what other files say, the project before both.
  private static Map<String, @Nullable Object> own(Node.Mapping service) {
    Map<String, @Nullable Object> own = new HashMap<>();
    Node said = service.get("environment");
    if (said != null
        && CanonicalPrinter.VARIABLES.encode(said, Path.ROOT, new Diagnostics())
            instanceof Map<?, ?> variables) {
      variables.forEach((key, value) -> own.put(String.valueOf(key), value));
    }
    return own;
  }

  private void envFile(
      Node.Mapping file,
      Map<String, String> variables,
      Map<String, @Nullable Object> own,
      Path path) {
    String name = Node.text(file.get("path"));
    if (name == null) {
      return;
    }
    boolean required =
        !(file.get("required") instanceof Node.Scalar s)
            || !"false".equals(String.valueOf(s.value()));
    if (!required && (name.isEmpty() || !sources.isThere(name))) {
      return;
    }
    String format = Node.text(file.get("format"));
    boolean raw = "raw".equals(format);
    if (format != null && !format.isEmpty() && !raw) {
      findings.problem(
          file.need("format").mark(),
          path,
          "unsupported format '" + format + "'",
          "use raw, or remove it");
      return;
    }
    Template.Variables known =
        key -> {
          if (environment.containsKey(key)) {
            return environment.get(key);
          }
          return own.get(key) instanceof String said ? said : variables.get(key);
        };
    (raw
            ? sources.rawEnv(name, known, file.mark(), path)
            : sources.env(name, known, file.mark(), path))
        .ifPresent(variables::putAll);
  }

  /// Items without a value that still have none take it from the project's environment.
  private void resolveOwn(Node.Mapping service) {
    if (service.get("environment") instanceof Node.Sequence list) {
      list.items().replaceAll(item -> EnvironmentValues.withValue(item, environment));
    }
  }

  private static void overlay(Node.Mapping service, String key, Map<String, String> base) {
    if (base.isEmpty()) {
      return;
    }
    Map<String, @Nullable Object> all = new HashMap<>(base);
    Node own = service.get(key);
    if (own != null) {
      CanonicalPrinter codec =
          key.equals("labels") ? CanonicalPrinter.LABELS : CanonicalPrinter.VARIABLES;
      if (codec.encode(own, Path.ROOT, new Diagnostics()) instanceof Map<?, ?> said) {
        said.forEach((k, v) -> all.put(String.valueOf(k), v));
      }
    }
    Node.Mapping merged = Node.mapping(own == null ? service.mark() : own.mark());
    for (String k : List.copyOf(new java.util.TreeSet<>(all.keySet()))) {
      merged.put(k, all.get(k));
    }
    service.put(key, merged);
  }
}
