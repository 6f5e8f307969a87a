package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What the names of images mean on this node now, beside what they meant when a revision was
/// proven: a tag may move to other bytes.
///
/// @param here reference or ID → the ID of the image, for those that are on the node
record ProvenImages(Map<String, String> here) {
  static final ProvenImages NONE = new ProvenImages(Map.of());

  /// The ID of a revision is hexadecimal.
  private static final String KEY = "image ";

  ProvenImages {
    here = Map.copyOf(here);
  }

  /// Reference → ID, of the images of a revision whose name means another image now, or none.
  Map<String, String> moved(Revision proven) {
    var moved = new TreeMap<>(proven.images());
    moved.entrySet().removeIf(e -> e.getValue().equals(here.get(e.getKey())));
    return moved;
  }

  /// As [#moved], of those whose name means another image that is here.
  Map<String, String> replaced(Revision proven) {
    var replaced = new TreeMap<>(moved(proven));
    replaced.keySet().retainAll(here.keySet());
    return replaced;
  }

  /// Of these, those whose proven image is still on the node.
  Map<String, String> kept(Map<String, String> moved) {
    var kept = new HashMap<>(moved);
    kept.values().retainAll(here.keySet());
    return Map.copyOf(kept);
  }

  /// The revision, with what its images are now.
  ///
  /// @param held reference → the ID that is used whatever the reference means
  Revision prove(Revision revision, Map<String, String> held) {
    var images = new HashMap<String, String>();
    revision
        .stack()
        .images()
        .forEach(name -> {
          var id = held.getOrDefault(name, here.get(name));
          if (id != null) {
            images.put(name, id);
          }
        });
    return revision.withImages(images);
  }

  /// The services of a revision that are made of these images.
  static Set<String> users(Revision revision, Set<String> images) {
    return revision.stack().services().values().stream()
        .filter(s -> s.container().images().anyMatch(images::contains))
        .map(Service::name)
        .collect(Collectors.toSet());
  }

  /// Under what an image that failed is kept among what was rejected.
  String key(String reference) {
    return KEY + reference + " " + here.getOrDefault(reference, "");
  }

  /// Whether it is an image that was rejected, and no revision.
  static boolean isKey(String rejected) {
    return rejected.startsWith(KEY);
  }
}
