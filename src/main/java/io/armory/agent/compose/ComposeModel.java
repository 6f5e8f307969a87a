package io.armory.agent.compose;

import io.armory.agent.compose.print.Json;
import io.armory.agent.compose.print.ServiceText;
import io.armory.agent.compose.print.Yaml;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The canonical model of a loaded project, as `docker compose config` prints it. It may hold
/// secrets in environments; it shows none in [#toString].
public final class ComposeModel {
  private final Map<String, @Nullable Object> printed;
  private final Map<String, Map<String, @Nullable Object>> extensions;

  /// @param printed name, services, networks, volumes, configs, secrets, top-level `x-`
  /// @param extensions service → its `x-` keys
  ComposeModel(
      Map<String, @Nullable Object> printed,
      Map<String, Map<String, @Nullable Object>> extensions) {
    this.printed = printed;
    this.extensions = extensions;
  }

  /// What `docker compose config --format json` prints; it doubles all dollars.
  public String json() {
    return Json.pretty(printed).replace("$", "$$") + "\n";
  }

  /// A Compose file that loads to this model again, here and in `docker compose`, with the same
  /// config hashes, if the same profiles are enabled.
  public String yaml() {
    Map<String, @Nullable Object> document = document();
    document.put("services", services());
    return Yaml.print(document);
  }

  private Map<String, @Nullable Object> document() {
    Map<String, @Nullable Object> document = new LinkedHashMap<>(printed);
    for (String kind : List.of("networks", "volumes", "configs", "secrets")) {
      document.computeIfPresent(kind, (_, resources) -> labelled(resources));
    }
    if (document.get("configs") instanceof Map<?, ?> configs) {
      document.put("configs", configs(configs));
    }
    return document;
  }

  private static Object labelled(Object resources) {
    Map<String, @Nullable Object> written = new TreeMap<>();
    if (resources instanceof Map<?, ?> all) {
      all.forEach((name, resource) ->
          written.put(String.valueOf(name), ServiceText.lines(resource, "labels")));
    }
    return written;
  }

  /// An empty content is not printed.
  private static Map<String, @Nullable Object> configs(Map<?, ?> configs) {
    Map<String, @Nullable Object> written = new TreeMap<>();
    configs.forEach((key, value) -> {
      Map<String, @Nullable Object> config = new LinkedHashMap<>();
      if (value instanceof Map<?, ?> fields) {
        fields.forEach((k, v) -> config.put(String.valueOf(k), v));
      }
      boolean has =
          config.containsKey("file")
              || config.containsKey("environment")
              || config.containsKey("content");
      if (!has) {
        config.put("content", "");
      }
      written.put(String.valueOf(key), config);
    });
    return written;
  }

  /// A Compose file of exactly what runs, that needs nothing beside it: without profiles, without
  /// dependencies on services that are not there, and with the configs and secrets that come from
  /// an environment or stand in the file as files on the node. Its config hashes are its own: load
  /// it to know them.
  ///
  /// @param stack as loaded with this model; says where the files lie
  public String deployable(Stack stack) {
    Map<String, @Nullable Object> document = document();
    Map<String, Map<String, @Nullable Object>> services = new TreeMap<>();
    written().forEach((name, fields) -> services.put(name, pruned(fields)));
    document.put("services", services);
    FilesOnNode files = new FilesOnNode(document);
    stack
        .services()
        .forEach((name, service) -> {
          for (Storage.Mount mount : service.container().storage().mounts()) {
            if (mount instanceof Storage.FileMount file) {
              files.put(file, services.get(name));
            }
          }
        });
    return Yaml.print(document);
  }

  private Map<String, @Nullable Object> pruned(Map<String, @Nullable Object> fields) {
    Map<String, @Nullable Object> kept = new LinkedHashMap<>(fields);
    kept.remove("profiles");
    if (fields.get("depends_on") instanceof Map<?, ?> needs) {
      Map<String, @Nullable Object> there = new TreeMap<>();
      needs.forEach((name, value) -> {
        if (has(String.valueOf(name))) {
          there.put(String.valueOf(name), value);
        }
      });
      putUnlessEmpty(kept, there);
    }
    return kept;
  }

  private static void putUnlessEmpty(
      Map<String, @Nullable Object> kept, Map<String, @Nullable Object> needs) {
    if (needs.isEmpty()) {
      kept.remove("depends_on");
    } else {
      kept.put("depends_on", needs);
    }
  }

  private boolean has(String service) {
    return printed.get("services") instanceof Map<?, ?> all && all.containsKey(service);
  }

  private Map<String, Map<String, @Nullable Object>> written() {
    Map<String, Map<String, @Nullable Object>> services = new TreeMap<>();
    if (printed.get("services") instanceof Map<?, ?> all) {
      all.forEach((key, service) -> {
        String name = String.valueOf(key);
        services.put(name, ServiceText.of(service, extensions.getOrDefault(name, Map.of())));
      });
    }
    return services;
  }

  private Map<String, @Nullable Object> services() {
    Map<String, @Nullable Object> services = new TreeMap<>(written());
    if (printed.get("services") instanceof Map<?, ?> all) {
      all.values().forEach(service -> putDisabledDependencies(services, service));
    }
    return services;
  }

  /// What an optional dependency names must be defined to be tolerated as disabled, and must stay
  /// named, for it is part of the config hash: so it is there, in a profile that nobody enables.
  private static void putDisabledDependencies(
      Map<String, @Nullable Object> services, @Nullable Object service) {
    if (service instanceof Map<?, ?> fields && fields.get("depends_on") instanceof Map<?, ?> all) {
      for (Object name : all.keySet()) {
        services.putIfAbsent(
            String.valueOf(name), Map.of("image", "none", "profiles", List.of("disabled")));
      }
    }
  }

  @Override
  public String toString() {
    return "ComposeModel" + printed.keySet();
  }
}
