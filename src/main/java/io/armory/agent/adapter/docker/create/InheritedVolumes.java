package io.armory.agent.adapter.docker.create;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.regex.Pattern;

/// Anonymous volumes outlive the container they were made for: its successor takes them over at the
/// same targets, as far as it still wants an anonymous volume there.
final class InheritedVolumes {
  /// The name the engine gives a volume nobody named.
  private static final Pattern ANONYMOUS = Pattern.compile("[0-9a-f]{64}");

  private InheritedVolumes() {}

  /// @return target → volume name
  static Map<String, String> of(JsonNode predecessor, JsonNode image, Service service) {
    var wanted = new HashSet<String>();
    image.path("Config").path("Volumes").properties().forEach(v -> wanted.add(v.getKey()));
    for (var mount : service.container().storage().mounts()) {
      if (mount instanceof Storage.VolumeMount v && v.volume() == null) {
        wanted.add(v.target());
      } else {
        wanted.remove(mount.target());
      }
    }
    var inherited = new HashMap<String, String>();
    for (var mount : predecessor.path("Mounts")) {
      var name = mount.path("Name").asText("");
      var target = mount.path("Destination").asText("");
      if (mount.path("Type").asText("").equals("volume")
          && ANONYMOUS.matcher(name).matches()
          && wanted.contains(target)) {
        inherited.put(target, name);
      }
    }
    return inherited;
  }
}
