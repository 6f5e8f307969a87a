package io.armory.agent.compose.stack;

import io.armory.agent.compose.source.Fields;
import io.armory.agent.domain.stack.Storage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The mounts of a service.
final class StorageMapping {
  private StorageMapping() {}

  static Storage storage(Fields service, List<Storage.Mount> fileMounts) {
    List<Storage.Mount> mounts = new ArrayList<>();
    service.objects("volumes").forEach(volume -> mounts.add(mount(volume)));
    for (String tmpfs : service.texts("tmpfs")) {
      int colon = tmpfs.indexOf(':');
      String target = colon < 0 ? tmpfs : tmpfs.substring(0, colon);
      String options = colon < 0 ? "" : tmpfs.substring(colon + 1);
      mounts.add(new Storage.Tmpfs(target, null, null, options));
    }
    mounts.addAll(fileMounts);
    return new Storage(mounts, service.texts("volumes_from"));
  }

  private static Storage.Mount mount(Fields volume) {
    String target = volume.text("target", "");
    boolean readOnly = volume.flag("read_only");
    return switch (volume.text("type", "volume")) {
      case "bind" -> {
        Fields bind = volume.object("bind");
        yield new Storage.Bind(
            volume.text("source", ""),
            target,
            readOnly,
            bind.flag("create_host_path"),
            bind.text("propagation"),
            bind.text("selinux"),
            bind.text("recursive"));
      }
      case "tmpfs" -> {
        Fields tmpfs = volume.object("tmpfs");
        yield new Storage.Tmpfs(
            target, tmpfs.number("size"), tmpfs.integer("mode"), readOnly ? "ro" : "");
      }
      case "image" ->
          new Storage.ImageMount(
              volume.text("source", ""),
              target,
              readOnly,
              volume.object("image").text("subpath"),
              null);
      default -> {
        Fields named = volume.object("volume");
        yield new Storage.VolumeMount(
            emptyToNull(volume.text("source")),
            target,
            readOnly,
            named.flag("nocopy"),
            named.text("subpath"),
            named.labels("labels"));
      }
    };
  }

  private static @Nullable String emptyToNull(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }
}
