package io.armory.agent.compose;

import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.Storage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Configs and secrets → files to mount. Those with `file:` lie where they are; content from the
/// file or the environment is put under the request's files directory, at a path that holds a
/// digest, so that the old container keeps the old content.
final class FileMounts {
  /// Bytes of a config or secret whose content counts; of larger ones only the size does.
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private static final int READABLE_BY_ALL = 0444;

  private final Project project;
  private final ComposeRequest request;
  private final Sources sources;
  private final Findings findings;
  private final Map<String, RenderedFile> files = new LinkedHashMap<>();

  FileMounts(Project project, ComposeRequest request, Sources sources, Findings findings) {
    this.project = project;
    this.request = request;
    this.sources = sources;
    this.findings = findings;
  }

  List<RenderedFile> files() {
    return List.copyOf(files.values());
  }

  /// The config and secret mounts of a service.
  List<Storage.Mount> of(Fields service) {
    List<Storage.Mount> mounts = new ArrayList<>();
    for (Fields mount : service.objects("configs")) {
      add(mounts, mount, Storage.FileMount.Kind.CONFIG, "configs", "/");
    }
    for (Fields mount : service.objects("secrets")) {
      add(mounts, mount, Storage.FileMount.Kind.SECRET, "secrets", "/run/secrets/");
    }
    return mounts;
  }

  private void add(
      List<Storage.Mount> mounts,
      Fields mount,
      Storage.FileMount.Kind kind,
      String section,
      String folder) {
    String source = mount.text("source", "");
    if (!(project.model().get(section) instanceof Node.Mapping all)
        || !(all.get(source) instanceof Node.Mapping object)) {
      return;
    }
    String target = mount.text("target", source);
    String file = Node.text(object.get("file"));
    Placed placed =
        file != null && !file.isEmpty()
            ? onNode(file, Path.of(section, source))
            : rendered(mount, section, source, object);
    mounts.add(
        new Storage.FileMount(
            kind,
            source,
            target.startsWith("/") ? target : folder + target,
            placed.path,
            mount.text("uid"),
            mount.text("gid"),
            mount.integer("mode"),
            placed.digest));
  }

  private record Placed(String path, String digest) {}

  private Placed onNode(String file, Path path) {
    String state =
        switch (sources.look(file, MOST_BYTES)) {
          case SourceFiles.Content content -> Hashes.content(content.bytes(), request.digestKey());
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
    String digest = Hashes.content(content, request.digestKey());
    Long mode = mount.number("mode");
    int permissions = mode == null ? READABLE_BY_ALL : (int) (mode & 0777);
    int uid = uid(mount.text("uid"));
    String owner = uid < 0 ? "" : "." + uid;
    String access = mode == null ? "" : "." + Integer.toOctalString(permissions);
    String path =
        request.filesDirectory()
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
    files.put(path, new RenderedFile(path, new RenderedFile.Content(content), permissions, uid));
    return new Placed(path, digest);
  }

  /// -1: the agent's own.
  private static int uid(@Nullable String uid) {
    return uid != null && uid.matches("[0-9]{1,9}") ? Integer.parseInt(uid) : -1;
  }
}
