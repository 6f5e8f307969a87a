package io.armory.agent.compose;

import io.armory.agent.domain.Stack;
import io.armory.agent.domain.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

  /// The shape of `docker compose config --format json`: String, Boolean, Number, List and Map
  /// values. Dollars are single here.
  public Map<String, @Nullable Object> tree() {
    return Collections.unmodifiableMap(printed);
  }

  /// What `docker compose config --format json` prints; it doubles all dollars.
  public String json() {
    return Json.pretty(printed).replace("$", "$$") + "\n";
  }

  /// A Compose file that loads to this model again, here and in `docker compose`, with the same
  /// config hashes.
  public String yaml() {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    printed.forEach((key, value) -> document.put(key, value));
    document.put("services", services());
    return Yaml.print(document);
  }

  /// A Compose file of exactly what runs, that needs nothing beside it: without profiles, without
  /// dependencies on services that are not there, and with the configs and secrets that come from
  /// an environment or stand in the file as files on the node. Its config hashes are its own: load
  /// it to know them.
  ///
  /// @param stack as loaded with this model; says where the files lie
  public String deployable(Stack stack) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    printed.forEach((key, value) -> document.put(key, value));
    Map<String, @Nullable Object> services = new TreeMap<>();
    written().forEach((name, fields) -> services.put(name, pruned(fields)));
    document.put("services", services);
    stack.services().values().stream()
        .flatMap(s -> s.container().storage().mounts().stream())
        .forEach(m -> {
          if (m instanceof Storage.FileMount f) {
            String kind = f.kind() == Storage.FileMount.Kind.CONFIG ? "configs" : "secrets";
            document.put(kind, onDisk(document.get(kind), f));
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

  private static Map<String, @Nullable Object> onDisk(
      @Nullable Object resources, Storage.FileMount mount) {
    Map<String, @Nullable Object> all = new TreeMap<>();
    if (resources instanceof Map<?, ?> map) {
      map.forEach((key, value) -> all.put(String.valueOf(key), value));
    }
    Map<String, @Nullable Object> one = new TreeMap<>();
    if (all.get(mount.source()) instanceof Map<?, ?> fields) {
      fields.forEach((key, value) -> one.put(String.valueOf(key), value));
    }
    one.remove("content");
    one.remove("environment");
    one.put("file", mount.hostPath());
    all.put(mount.source(), one);
    return all;
  }

  private Map<String, Map<String, @Nullable Object>> written() {
    Map<String, Map<String, @Nullable Object>> services = new TreeMap<>();
    if (printed.get("services") instanceof Map<?, ?> all) {
      all.forEach((name, service) -> services.put(String.valueOf(name), service(name, service)));
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

  private Map<String, @Nullable Object> service(Object name, @Nullable Object service) {
    Map<String, @Nullable Object> written = new LinkedHashMap<>();
    if (service instanceof Map<?, ?> fields) {
      fields.forEach((key, value) -> write(String.valueOf(key), value, written));
    }
    written.putAll(extensions.getOrDefault(String.valueOf(name), Map.of()));
    return written;
  }

  /// As the reference reads it again, which is not always as it prints it.
  private static void write(
      String key, @Nullable Object value, Map<String, @Nullable Object> written) {
    switch (key) {
      case "command", "entrypoint" -> {
        if (value != null) {
          written.put(key, value);
        }
      }
      case "blkio_config" -> written.put(key, lowerCase(value));
      case "memswap_limit" ->
          written.put(key, "-1".equals(value) ? (Object) Long.valueOf(-1) : value);
      case "ports" -> written.put(key, ports(value));
      default -> written.put(key, value);
    }
  }

  /// A port that is there twice stays twice only if one of them is a number.
  private static List<@Nullable Object> ports(@Nullable Object value) {
    List<@Nullable Object> ports = new ArrayList<>();
    Set<List<@Nullable Object>> seen = new HashSet<>();
    for (Object item : value instanceof List<?> list ? list : List.of()) {
      Fields port = Fields.of(item);
      List<@Nullable Object> key =
          Arrays.asList(
              port.text("host_ip"),
              port.text("published"),
              port.number("target"),
              port.text("protocol"));
      String published = port.text("published", "");
      if (seen.add(key) || !published.matches("[0-9]{1,5}")) {
        ports.add(item);
      } else {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        port.map().forEach((k, v) -> copy.put(String.valueOf(k), v));
        copy.put("published", Long.valueOf(published));
        ports.add(copy);
      }
    }
    return ports;
  }

  /// The reference prints `Path`, `Rate` and `Weight`, which it does not read again.
  private static @Nullable Object lowerCase(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> lower = new LinkedHashMap<>();
        map.forEach((k, v) -> lower.put(String.valueOf(k).toLowerCase(Locale.ROOT), lowerCase(v)));
        yield lower;
      }
      case List<?> list -> {
        List<@Nullable Object> lower = new ArrayList<>();
        list.forEach(item -> lower.add(lowerCase(item)));
        yield lower;
      }
      case null, default -> value;
    };
  }

  @Override
  public String toString() {
    return "ComposeModel" + printed.keySet();
  }
}
