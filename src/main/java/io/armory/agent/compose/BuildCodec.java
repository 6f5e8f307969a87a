package io.armory.agent.compose;

import static io.armory.agent.compose.Codec.BYTES;
import static io.armory.agent.compose.Codec.FLAG;
import static io.armory.agent.compose.Codec.LABELS;
import static io.armory.agent.compose.Codec.STRING;
import static io.armory.agent.compose.Codec.STRINGS;
import static io.armory.agent.compose.Codec.VARIABLES;
import static io.armory.agent.compose.Codec.field;
import static io.armory.agent.compose.Codec.map;
import static io.armory.agent.compose.Codec.object;

import org.jspecify.annotations.Nullable;

/// The printed form of a service's `build`, see [ServiceCodec].
final class BuildCodec {
  static final Codec BUILD =
      object(
          field("context", STRING),
          field("dockerfile", STRING),
          field("dockerfile_inline", STRING),
          field("entitlements", STRINGS),
          field("args", VARIABLES),
          field("ssh", BuildCodec::ssh),
          field("labels", LABELS),
          field("cache_from", STRINGS),
          field("cache_to", STRINGS),
          field("no_cache", FLAG),
          field("additional_contexts", LABELS),
          field("pull", FLAG),
          field("extra_hosts", Hosts::encode),
          field("isolation", STRING),
          field("network", STRING),
          field("target", STRING),
          field("secrets", ServiceCodec.FILE_MOUNTS),
          field("shm_size", BYTES),
          field("tags", STRINGS),
          field("ulimits", map(ServiceCodec::ulimit)),
          field("platforms", STRINGS),
          field("privileged", FLAG));

  private BuildCodec() {}

  /// As the reference prints it: a list of `ID` or `ID=PATH`.
  private static @Nullable Object ssh(Node node, Path path, Findings findings) {
    if (!(node instanceof Node.Mapping keys)) {
      return LABELS.encode(node, path, findings);
    }
    return keys.keys().stream()
        .map(key -> {
          String file = Node.text(keys.get(key));
          return file == null || file.isEmpty() ? key : key + "=" + file;
        })
        .toList();
  }
}
