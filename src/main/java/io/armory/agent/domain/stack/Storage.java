package io.armory.agent.domain.stack;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What is mounted into a container.
///
/// @param volumesFrom `service[:ro]` or `container:NAME[:ro]`
public record Storage(List<Mount> mounts, List<String> volumesFrom) {

  public Storage {
    mounts = List.copyOf(mounts);
    volumesFrom = List.copyOf(volumesFrom);
  }

  /// One mount.
  public sealed interface Mount {
    String target();
  }

  /// A path of the node.
  ///
  /// @param createHostPath make the directory when it is missing (the short form's behaviour)
  /// @param selinux `z`, `Z` or `null`
  /// @param recursive what of mounts below it: `disabled`, `writable`, `readonly`; `null`: as the
  ///   engine does
  public record Bind(
      String source,
      String target,
      boolean readOnly,
      boolean createHostPath,
      @Nullable String propagation,
      @Nullable String selinux,
      @Nullable String recursive)
      implements Mount {}

  /// A volume of the stack.
  ///
  /// @param volume the key in [Stack#volumes]; `null`: an anonymous volume, carried over when the
  ///   container is replaced
  /// @param labels of a volume that is made with the container
  public record VolumeMount(
      @Nullable String volume,
      String target,
      boolean readOnly,
      boolean noCopy,
      @Nullable String subpath,
      Map<String, String> labels)
      implements Mount {
    public VolumeMount {
      labels = ContainerSpec.ordered(labels);
    }
  }

  /// A tmpfs, from `tmpfs` (`options` as Docker's `--tmpfs` takes them) or from a long-form volume.
  public record Tmpfs(
      String target, @Nullable Long sizeBytes, @Nullable Integer mode, String options)
      implements Mount {}

  /// The files of an image (Docker 28 and newer).
  ///
  /// @param image as it is written
  /// @param subpath the folder in it; `null`: all of it
  /// @param imageId what is mounted, once it is known: a name may mean another image by then
  public record ImageMount(
      String image,
      String target,
      boolean readOnly,
      @Nullable String subpath,
      @Nullable String imageId)
      implements Mount {}

  /// The same, with these images for their names.
  ///
  /// @param images reference → ID
  public Storage withImages(Map<String, String> images) {
    return new Storage(
        mounts.stream()
            .map(mount ->
                mount instanceof ImageMount(var image, var target, var readOnly, var subpath, _)
                    ? new ImageMount(image, target, readOnly, subpath, images.get(image))
                    : mount)
            .toList(),
        volumesFrom);
  }

  /// Those of images.
  public Stream<ImageMount> imageMounts() {
    return mounts.stream().filter(ImageMount.class::isInstance).map(ImageMount.class::cast);
  }

  /// A Compose config or secret: one read-only file.
  ///
  /// @param hostPath where the content lies on the node. Content given inline or by environment is
  ///   put there before the container is created, see [RenderedFile]
  /// @param contentHash keyed digest of the content, so that a change of it replaces the container
  public record FileMount(
      Kind kind,
      String source,
      String target,
      String hostPath,
      @Nullable String uid,
      @Nullable String gid,
      @Nullable Integer mode,
      String contentHash)
      implements Mount {
    /// Which top-level element it comes from.
    public enum Kind {
      CONFIG,
      SECRET
    }
  }
}
