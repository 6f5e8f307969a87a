package io.armory.agent.adapter.docker.create;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Storage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// `Mounts`, `Binds`, `Tmpfs` and `VolumesFrom` in `HostConfig`.
record MountsBody(Action.CreateContainer create, int api, Map<String, String> inherited) {
  /// The first API with `VolumeOptions.Subpath` (Docker 26).
  private static final int SUBPATH_API = 45;

  /// The first API with mounts of images (Docker 28).
  private static final int IMAGE_API = 48;

  /// From Docker 25 on the engine knows what read-only means below a bind.
  private static final int RECURSIVE_API = 44;

  /// Whether `Config.Volumes` can say it: a mount that is nothing but a target.
  static boolean plainAnonymous(Storage.VolumeMount mount) {
    return mount.volume() == null
        && !mount.readOnly()
        && !mount.noCopy()
        && mount.labels().isEmpty();
  }

  void writeTo(ObjectNode host) throws EngineException {
    var mounts = Json.object().putArray("Mounts");
    var binds = new ArrayList<String>();
    var tmpfs = Json.object();
    var storage = create.service().container().storage();
    for (var mount : storage.mounts()) {
      switch (mount) {
        case Storage.Bind bind -> bind(bind, mounts, binds);
        case Storage.VolumeMount volume -> volume(volume, mounts);
        case Storage.Tmpfs t -> tmpfs(t, mounts, tmpfs);
        case Storage.ImageMount image -> image(image, mounts);
        case Storage.FileMount file -> bindMount(mounts, file.hostPath(), file.target(), true);
      }
    }
    imageVolumes(mounts);
    if (!mounts.isEmpty()) {
      host.set("Mounts", mounts);
    }
    if (!tmpfs.isEmpty()) {
      host.set("Tmpfs", tmpfs);
    }
    Json.putAll(host, "Binds", binds);
    Json.putAll(host, "VolumesFrom", volumesFrom(storage.volumesFrom()));
  }

  /// Only a `Binds` entry makes a missing directory on every engine and knows SELinux labels; only
  /// a `Mounts` entry can have a colon in its path.
  private void bind(Storage.Bind bind, ArrayNode mounts, List<String> binds)
      throws EngineException {
    boolean short_ = bind.recursive() == null && (bind.createHostPath() || bind.selinux() != null);
    if (short_ && !bind.source().contains(":")) {
      var options =
          Stream.of(bind.readOnly() ? "ro" : "rw", bind.selinux(), bind.propagation())
              .filter(o -> o != null && !o.isEmpty())
              .toList();
      binds.add(bind.source() + ":" + bind.target() + ":" + String.join(",", options));
      return;
    }
    var mount = bindMount(mounts, bind.source(), bind.target(), bind.readOnly());
    if (bind.propagation() != null) {
      mount.withObject("/BindOptions").put("Propagation", bind.propagation());
    }
    if (bind.recursive() != null) {
      recursive(bind, bind.recursive(), mount.withObject("/BindOptions"));
    }
  }

  private void recursive(Storage.Bind bind, String recursive, ObjectNode options)
      throws EngineException {
    if (!recursive.equals("disabled") && api < RECURSIVE_API) {
      throw new EngineException(
          Failure.Kind.INVALID,
          "bind %s: recursive: %s needs Docker 25 or newer".formatted(bind.target(), recursive));
    }
    if (bind.createHostPath() && api >= RECURSIVE_API) {
      options.put("CreateMountpoint", true);
    }
    switch (recursive) {
      case "disabled" -> options.put("NonRecursive", true);
      case "writable" -> options.put("ReadOnlyNonRecursive", true);
      case "readonly" -> options.put("ReadOnlyForceRecursive", true);
      default -> {}
    }
  }

  private static ObjectNode bindMount(
      ArrayNode mounts, String source, String target, boolean readOnly) {
    return mounts
        .addObject()
        .put("Type", "bind")
        .put("Source", source)
        .put("Target", target)
        .put("ReadOnly", readOnly);
  }

  private void volume(Storage.VolumeMount volume, ArrayNode mounts) throws EngineException {
    var taken = inherited.get(volume.target());
    if (taken == null && plainAnonymous(volume)) {
      return;
    }
    var mount =
        mounts
            .addObject()
            .put("Type", "volume")
            .put("Target", volume.target())
            .put("ReadOnly", volume.readOnly());
    if (volume.volume() != null) {
      mount.put("Source", engineName(volume.volume()));
    } else if (taken != null) {
      mount.put("Source", taken);
    }
    if (volume.noCopy()) {
      mount.putObject("VolumeOptions").put("NoCopy", true);
    }
    if (!volume.labels().isEmpty()) {
      Json.putAll(mount.withObject("/VolumeOptions"), "Labels", volume.labels());
    }
    if (volume.subpath() != null) {
      if (api < SUBPATH_API) {
        throw new EngineException(
            Failure.Kind.INVALID,
            "volume %s: subpath needs Docker 26 or newer".formatted(volume.target()));
      }
      mount.withObject("/VolumeOptions").put("Subpath", volume.subpath());
    }
  }

  /// By its ID where that is known: a name may move between the plan and the call.
  private void image(Storage.ImageMount image, ArrayNode mounts) throws EngineException {
    if (api < IMAGE_API) {
      throw new EngineException(
          Failure.Kind.INVALID,
          "image %s at %s: mounts of images need Docker 28 or newer"
              .formatted(image.image(), image.target()));
    }
    var mount =
        mounts
            .addObject()
            .put("Type", "image")
            .put("Source", Objects.requireNonNullElse(image.imageId(), image.image()))
            .put("Target", image.target())
            .put("ReadOnly", image.readOnly());
    if (image.subpath() != null) {
      mount.putObject("ImageOptions").put("Subpath", image.subpath());
    }
  }

  private String engineName(String key) {
    var volume = create.stack().volumes().get(key);
    return volume == null ? key : volume.name();
  }

  /// Volumes the image alone declares, taken over from the predecessor.
  private void imageVolumes(ArrayNode mounts) {
    var said = new HashSet<String>();
    create.service().container().storage().mounts().forEach(m -> said.add(m.target()));
    inherited.forEach((target, name) -> {
      if (!said.contains(target)) {
        mounts
            .addObject()
            .put("Type", "volume")
            .put("Target", target)
            .put("ReadOnly", false)
            .put("Source", name);
      }
    });
  }

  private static void tmpfs(Storage.Tmpfs tmpfs, ArrayNode mounts, ObjectNode short_) {
    if (tmpfs.sizeBytes() == null && tmpfs.mode() == null) {
      short_.put(tmpfs.target(), tmpfs.options());
      return;
    }
    var options =
        mounts
            .addObject()
            .put("Type", "tmpfs")
            .put("Target", tmpfs.target())
            .putObject("TmpfsOptions");
    Json.put(options, "SizeBytes", tmpfs.sizeBytes());
    Json.put(options, "Mode", tmpfs.mode());
  }

  private List<String> volumesFrom(List<String> entries) {
    var sources = new ArrayList<String>();
    for (var entry : entries) {
      if (entry.startsWith("container:")) {
        sources.add(entry.substring("container:".length()));
        continue;
      }
      var parts = entry.split(":", 2);
      var id = create.namespaces().getOrDefault(parts[0], containerName(parts[0]));
      sources.add(parts.length == 2 ? id + ":" + parts[1] : id);
    }
    return sources;
  }

  private String containerName(String service) {
    var other = create.stack().services().get(service);
    return other == null ? service : ContainerBody.properName(create.stack().project(), other, 1);
  }
}
