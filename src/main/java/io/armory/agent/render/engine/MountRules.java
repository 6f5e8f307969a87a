package io.armory.agent.render.engine;

import io.armory.agent.domain.stack.Storage;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where things are mounted, and how.
final class MountRules {
  private static final Set<String> PROPAGATION =
      Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave");

  private static final Pattern OVER_ROOT = Pattern.compile("[/.]+");

  private static final Pattern OUTSIDE = Pattern.compile("(^|/)\\.\\.(/|$)");

  /// The first release of Docker that mounts images.
  private static final int IMAGE_MOUNTS = 28;

  private static final Pattern TMPFS_OPTION =
      Pattern.compile(
          "|size=[0-9]+[kKmMgGtTpPeE%]?|nr_(?:inodes|blocks)=[0-9]+[kKmMgGtTpPeE]?|mode=[0-7]+"
              + "|[ug]id=[0-9]+|mpol=.+|defaults|ro|rw|(?:no)?suid|(?:no)?dev|(?:no)?exec|a?sync"
              + "|dirsync|(?:no)?mand|(?:no)?atime|(?:no)?diratime|(?:no)?relatime"
              + "|(?:no)?strictatime|r?unbindable|r?private|r?shared|r?slave");

  private MountRules() {}

  static void check(Storage storage, Faults faults) {
    for (var mount : storage.mounts()) {
      switch (mount) {
        case Storage.Bind bind -> {
          target("volumes", bind.target(), faults);
          propagation(bind.propagation(), faults);
          var label = bind.selinux();
          if (label != null && !label.isEmpty() && !label.equals("z") && !label.equals("Z")) {
            faults.refuse(
                "volumes", label, "'%s' is no label of SELinux".formatted(label), "write z or Z");
          }
        }
        case Storage.VolumeMount volume -> {
          // One that nobody named is made below / wherever it is said to be.
          if (volume.volume() != null) {
            target("volumes", volume.target(), faults);
          }
        }
        case Storage.Tmpfs tmpfs -> tmpfs(tmpfs, faults);
        case Storage.ImageMount image -> image(image, faults);
        case Storage.FileMount file ->
            target(
                file.kind() == Storage.FileMount.Kind.CONFIG ? "configs" : "secrets",
                file.target(),
                faults);
      }
    }
  }

  private static void image(Storage.ImageMount image, Faults faults) {
    target("volumes", image.target(), faults);
    faults.needs(
        IMAGE_MOUNTS,
        "volumes",
        image.image(),
        "a mount of an image",
        "copy its files into a volume");
    var subpath = image.subpath();
    if (subpath != null && (subpath.startsWith("/") || OUTSIDE.matcher(subpath).find())) {
      faults.refuse(
          "volumes",
          subpath,
          "'%s' is no folder in an image".formatted(subpath),
          "write it without / in front and without ..");
    }
  }

  private static void target(String attribute, String target, Faults faults) {
    if (!target.startsWith("/")) {
      faults.refuse(
          attribute, target, "'%s' is not absolute".formatted(target), "write /" + target);
    } else if (OVER_ROOT.matcher(target).matches()) {
      faults.refuse(attribute, "", "nothing can be mounted over /", "mount it on a folder below");
    }
  }

  private static void propagation(@Nullable String propagation, Faults faults) {
    if (propagation != null && !propagation.isEmpty() && !PROPAGATION.contains(propagation)) {
      faults.refuse(
          "volumes",
          propagation,
          "'%s' is no propagation".formatted(propagation),
          Faults.nearest(propagation, PROPAGATION).orElse("write rprivate"));
    }
  }

  private static void tmpfs(Storage.Tmpfs tmpfs, Faults faults) {
    var isShort = tmpfs.sizeBytes() == null && tmpfs.mode() == null;
    var attribute = isShort ? "tmpfs" : "volumes";
    target(attribute, tmpfs.target(), faults);
    if (tmpfs.sizeBytes() != null && tmpfs.sizeBytes() < 0) {
      faults.refuse(attribute, "", "the size of a tmpfs is less than 0", "write 64m");
    }
    for (var option : tmpfs.options().split(",", -1)) {
      if (!TMPFS_OPTION.matcher(option).matches()) {
        faults.refuse(
            attribute,
            option,
            "'%s' is no option of a tmpfs".formatted(option),
            "use size=64m, mode=1777, uid=, gid=, ro, noexec, nosuid or nodev");
      }
    }
  }
}
