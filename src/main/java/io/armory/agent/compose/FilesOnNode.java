package io.armory.agent.compose;

import io.armory.agent.domain.stack.Storage.FileMount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Configs and secrets of a Compose file, each as a file on the node. One that is mounted with
/// several sets of rights lies there in as many files, and so has as many entries: a service refers
/// to the one with its rights.
final class FilesOnNode {
  private final Map<String, @Nullable Object> document;

  /// Path on the node → the entry it has.
  private final Map<String, String> entries = new HashMap<>();

  private final Set<String> taken = new HashSet<>();

  /// @param document a Compose file's elements; changed in place
  FilesOnNode(Map<String, @Nullable Object> document) {
    this.document = document;
  }

  /// @param service the service's fields; changed in place
  void put(FileMount file, @Nullable Map<String, @Nullable Object> service) {
    String kind = file.kind() == FileMount.Kind.CONFIG ? "configs" : "secrets";
    Map<String, @Nullable Object> all = copy(document.get(kind));
    String entry =
        entries.computeIfAbsent(kind + " " + file.hostPath(), _ -> free(kind, file, all));
    if (!all.containsKey(entry) || entry.equals(file.source())) {
      all.put(entry, onDisk(all.get(file.source()), file, entry));
      document.put(kind, all);
    }
    if (!entry.equals(file.source()) && service != null) {
      service.put(kind, redirected(service.get(kind), file, entry));
    }
  }

  /// The first file of a config or secret has its name, another one that with its rights.
  private String free(String kind, FileMount file, Map<String, @Nullable Object> all) {
    if (taken.add(kind + " " + file.source())) {
      return file.source();
    }
    String name = file.hostPath().substring(file.hostPath().lastIndexOf('/') + 1);
    String entry = name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
    while (all.containsKey(entry)) {
      entry += "_";
    }
    taken.add(kind + " " + entry);
    return entry;
  }

  private static Map<String, @Nullable Object> onDisk(
      @Nullable Object element, FileMount file, String entry) {
    Map<String, @Nullable Object> one = new TreeMap<>(copy(element));
    one.remove("content");
    one.remove("environment");
    if (!entry.equals(file.source())) {
      one.computeIfPresent("name", (_, name) -> name + "." + entry);
    }
    one.put("file", file.hostPath());
    return one;
  }

  private static Object redirected(@Nullable Object mounts, FileMount file, String entry) {
    List<@Nullable Object> all = new ArrayList<>();
    if (mounts instanceof List<?> list) {
      for (Object mount : list) {
        Map<String, @Nullable Object> one = new LinkedHashMap<>(copy(mount));
        if (file.source().equals(one.get("source")) && leadsTo(file, one.get("target"))) {
          one.put("source", entry);
          one.put("target", file.target());
        }
        all.add(one);
      }
    }
    return all;
  }

  private static boolean leadsTo(FileMount file, @Nullable Object target) {
    String name = target == null ? file.source() : String.valueOf(target);
    String folder = file.kind() == FileMount.Kind.CONFIG ? "/" : "/run/secrets/";
    return file.target().equals(name.startsWith("/") ? name : folder + name);
  }

  private static Map<String, @Nullable Object> copy(@Nullable Object element) {
    Map<String, @Nullable Object> copy = new TreeMap<>();
    if (element instanceof Map<?, ?> map) {
      map.forEach((key, value) -> copy.put(String.valueOf(key), value));
    }
    return copy;
  }
}
