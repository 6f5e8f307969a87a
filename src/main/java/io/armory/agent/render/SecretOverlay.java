package io.armory.agent.render;

import io.armory.agent.domain.RenderedFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A Compose file that mounts secret configuration files over the directory of the open ones.
final class SecretOverlay {
  private final Map<String, List<String>> mounts = new TreeMap<>();
  private final Map<String, RenderedFile> secrets = new LinkedHashMap<>();

  /// @param target where the service has its configuration directory
  void add(String service, String target, Map<String, RenderedFile> files) {
    files.forEach((name, file) -> {
      var secret = "config-" + name.replaceAll("[^A-Za-z0-9._-]", "-");
      secrets.put(secret, file);
      mounts
          .computeIfAbsent(service, _ -> new ArrayList<>())
          .add("      - {source: " + secret + ", target: \"" + target + "/" + name + "\"}\n");
    });
  }

  boolean isEmpty() {
    return mounts.isEmpty();
  }

  Collection<RenderedFile> files() {
    return secrets.values();
  }

  String yaml() {
    var out = new StringBuilder("# Rendered: configuration files that are secrets.\nservices:\n");
    mounts.forEach((service, lines) -> {
      out.append("  ").append(service).append(":\n    secrets:\n");
      lines.forEach(out::append);
    });
    out.append("secrets:\n");
    secrets.forEach((name, file) ->
        out.append("  ").append(name).append(": {file: \"").append(file.path()).append("\"}\n"));
    return out.toString();
  }
}
