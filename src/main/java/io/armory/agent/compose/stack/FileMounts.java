package io.armory.agent.compose.stack;

import io.armory.agent.compose.print.Hashes;
import io.armory.agent.compose.project.Project;
import io.armory.agent.compose.project.Sources;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.EnvironmentValues;
import io.armory.agent.compose.source.Fields;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.stack.Storage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Configs and secrets → files to mount. Those with `file:` lie where they are; content from the
/// file or the environment is put under a directory of its own, at a path that holds a digest, so
/// that the old container keeps the old content.
public final class FileMounts {
  /// Bytes of a config or secret whose content counts; of larger ones only the size does.
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private static final int READABLE_BY_ALL = 0444;

  private final Project project;
  private final String directory;
  private final String digestKey;
  private final Sources sources;
  private final Diagnostics findings;
  private final Map<String, RenderedFile> files = new LinkedHashMap<>();

  /// @param directory where what has no file of its own is put
  public FileMounts(
      Project project, String directory, String digestKey, Sources sources, Diagnostics findings) {
    this.project = project;
    this.directory = directory;
    this.digestKey = digestKey;
    this.sources = sources;
    this.findings = findings;
  }

  List<RenderedFile> files() {
    return List.copyOf(files.values());
  }

  /// The config and secret mounts of a service.
  ///
  /// @param written where it says so
  List<Storage.Mount> of(Fields service, Node.Mapping written) {
    List<Storage.Mount> mounts = new ArrayList<>();
    for (Storage.FileMount.Kind kind : Storage.FileMount.Kind.values()) {
      String section = section(kind);
      List<Fields> all = service.objects(section);
      for (int i = 0; i < all.size(); i++) {
        add(mounts, all.get(i), kind, mark(written.get(section), i, written.mark()));
      }
    }
    return mounts;
  }

  private static String section(Storage.FileMount.Kind kind) {
    return switch (kind) {
      case CONFIG -> "configs";
      case SECRET -> "secrets";
    };
  }

  private static Location mark(@Nullable Node mounts, int index, Location otherwise) {
    return mounts instanceof Node.Sequence all && index < all.items().size()
        ? all.items().get(index).mark()
        : otherwise;
  }

  private void add(
      List<Storage.Mount> mounts, Fields mount, Storage.FileMount.Kind kind, Location mark) {
    String section = section(kind);
    String folder = kind == Storage.FileMount.Kind.CONFIG ? "/" : "/run/secrets/";
    String source = mount.text("source", "");
    if (!(project.model().get(section) instanceof Node.Mapping all)
        || !(all.get(source) instanceof Node.Mapping object)) {
      return;
    }
    String target = mount.text("target", source);
    String file = Node.text(object.get("file"));
    boolean onNode = file != null && !file.isEmpty();
    warnOfRights(mount, mark, section + "." + source, onNode);
    Placed placed =
        onNode
            ? onNode(Objects.requireNonNull(file), Path.of(section, source))
            : rendered(mount, section, source, object);
    mounts.add(
        new Storage.FileMount(
            kind,
            source,
            target.startsWith("/") ? target : folder + target,
            placed.path,
            mount.text("uid"),
            mount.text("gid"),
            mount.mode("mode"),
            placed.digest));
  }

  /// Docker Compose does not apply them either, and says so.
  private void warnOfRights(Fields mount, Location mark, String what, boolean onNode) {
    boolean owned = mount.text("uid") != null || mount.text("gid") != null;
    if (onNode ? owned || mount.mode("mode") != null : owned) {
      findings.warn(
          "%s:%d: %s: %s"
              .formatted(
                  mark.file(),
                  mark.line(),
                  what,
                  onNode
                      ? "uid, gid and mode have no effect: its file is mounted with its own"
                      : "uid and gid have an effect only where the agent runs as root; elsewhere"
                          + " every user of this container may read it"));
    }
  }

  private record Placed(String path, String digest) {}

  private Placed onNode(String file, Path path) {
    String state =
        switch (sources.look(file, MOST_BYTES)) {
          case SourceFiles.Content content -> Hashes.content(content.bytes(), digestKey);
          case SourceFiles.Missing _ -> {
            findings.warn(path + ": " + file + " is not there yet");
            yield "missing";
          }
          case SourceFiles.Directory _ -> "directory";
          case SourceFiles.TooLarge big -> "size " + big.size();
          case SourceFiles.Unreadable unreadable -> {
            findings.warn(path + ": " + file + " cannot be read: " + unreadable.reason());
            yield "unreadable";
          }
        };
    return new Placed(file, state);
  }

  private Placed rendered(Fields mount, String section, String source, Node.Mapping object) {
    String inline = Node.text(object.get("content"));
    String value = inline != null ? inline : Node.text(object.get(EnvironmentValues.VALUE));
    if (value == null) {
      findings.warn(
          section + "." + source + ": the variable its content comes from is not set; it is empty");
    }
    byte[] content = (value == null ? "" : value).getBytes(StandardCharsets.UTF_8);
    String digest = Hashes.content(content, digestKey);
    Integer mode = mount.mode("mode");
    int permissions = mode == null ? READABLE_BY_ALL : mode & 0777;
    int uid = id(mount.text("uid"));
    int gid = id(mount.text("gid"));
    String owner =
        uid < 0 && gid < 0 ? "" : "." + (uid < 0 ? "" : uid) + (gid < 0 ? "" : "-" + gid);
    String access = mode == null ? "" : "." + Integer.toOctalString(permissions);
    String path =
        directory
            + "/"
            + project.name()
            + "/"
            + section
            + "/"
            + source
            + owner
            + access
            + "."
            + digest.substring(0, 16);
    files.put(
        path, new RenderedFile(path, new RenderedFile.Content(content), permissions, uid, gid));
    return new Placed(path, digest);
  }

  /// -1: the agent's own.
  private static int id(@Nullable String id) {
    return id != null && id.matches("[0-9]{1,9}") ? Integer.parseInt(id) : -1;
  }
}
