package io.armory.agent.render;

import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.Secret;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Stands in for secrets while Compose files are loaded: the loader sees only markers, so that no
/// value can get anywhere but into the files of Compose `secrets`, where the markers are replaced.
///
/// A marker carries a keyed digest of its secret: another secret is another marker, and so another
/// definition.
final class SecretMarkers {
  private final String key;
  private final Map<String, Secret> byMarker = new LinkedHashMap<>();
  private final Map<String, String> names = new LinkedHashMap<>();

  SecretMarkers(String key) {
    this.key = key;
  }

  String markerFor(String name, Secret secret) {
    var marker = "__secret-" + name + "-" + Digests.keyed(key, secret.reveal()) + "__";
    byMarker.put(marker, secret);
    names.put(marker, name);
    return marker;
  }

  /// The secret whose marker is somewhere in a text.
  Optional<String> nameIn(String text) {
    return names.entrySet().stream()
        .filter(e -> text.contains(e.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /// The files with each marker replaced by its secret.
  List<RenderedFile> revealed(List<RenderedFile> files) {
    return files.stream().map(this::revealed).toList();
  }

  private RenderedFile revealed(RenderedFile file) {
    var text = new String(file.content().bytes(), StandardCharsets.ISO_8859_1);
    if (!text.contains("__secret-")) {
      return file;
    }
    for (var entry : byMarker.entrySet()) {
      var value = entry.getValue().reveal().getBytes(StandardCharsets.UTF_8);
      text = text.replace(entry.getKey(), new String(value, StandardCharsets.ISO_8859_1));
    }
    var content = new RenderedFile.Content(text.getBytes(StandardCharsets.ISO_8859_1));
    return new RenderedFile(file.path(), content, file.mode(), file.uid(), file.gid());
  }
}
