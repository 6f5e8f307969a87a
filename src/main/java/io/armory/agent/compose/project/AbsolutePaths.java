package io.armory.agent.compose.project;

import io.armory.agent.compose.source.CleanPath;
import io.armory.agent.compose.source.Node;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes the relative paths of a tree absolute, and expands `~`.
public final class AbsolutePaths {
  private static final List<String> REMOTE =
      List.of("https://", "http://", "git://", "ssh://", "github.com/", "git@");

  private static final Pattern WINDOWS_SHARE =
      Pattern.compile("[\\\\/]{2}[^\\\\/.][^\\\\/]*[\\\\/][^\\\\/.]");

  private final String directory;
  private final @Nullable String home;

  AbsolutePaths(String directory, @Nullable String home) {
    this.directory = directory;
    this.home = home;
  }

  public static String expandHome(String path, @Nullable String home) {
    return path.startsWith("~") && home != null ? CleanPath.join(home, path.substring(1)) : path;
  }

  void apply(Node.Mapping model) {
    each(model.get("services"), this::service);
    for (String kind : List.of("configs", "secrets")) {
      each(model.get(kind), resource -> change(resource, "file", this::anyPath));
    }
    each(model.get("volumes"), this::volume);
  }

  private interface Change {
    void on(Node.Mapping mapping);
  }

  private static void each(@Nullable Node node, Change change) {
    if (node instanceof Node.Mapping mapping) {
      for (String key : mapping.keys()) {
        if (mapping.get(key) instanceof Node.Mapping value) {
          change.on(value);
        }
      }
    } else if (node instanceof Node.Sequence sequence) {
      for (Node item : sequence.items()) {
        if (item instanceof Node.Mapping value) {
          change.on(value);
        }
      }
    }
  }

  private static void change(Node.Mapping mapping, String key, UnaryOperator<String> path) {
    String text = Node.text(mapping.get(key));
    if (text != null) {
      mapping.put(key, new Node.Scalar(path.apply(text), mapping.need(key).mark()));
    }
  }

  private void service(Node.Mapping service) {
    each(service.get("env_file"), file -> change(file, "path", this::path));
    if (service.get("label_file") instanceof Node.Sequence files) {
      files.items().replaceAll(this::labelFile);
    }
    if (service.get("extends") instanceof Node.Mapping extended) {
      change(extended, "file", this::path);
    }
    each(
        service.get("volumes"),
        volume -> {
          if ("bind".equals(Node.text(volume.get("type")))) {
            change(volume, "source", this::anyPath);
          }
        });
    if (service.get("build") instanceof Node.Mapping build) {
      change(build, "context", this::context);
      if (build.get("additional_contexts") instanceof Node.Mapping contexts) {
        contexts.keys().forEach(key -> change(contexts, key, this::context));
      }
      if (build.get("ssh") instanceof Node.Mapping ssh) {
        ssh.keys().forEach(key -> change(ssh, key, this::anyPath));
      }
    }
    if (service.get("develop") instanceof Node.Mapping develop) {
      each(develop.get("watch"), watch -> change(watch, "path", this::path));
    }
  }

  private Node labelFile(Node file) {
    String path = Node.text(file);
    return path == null ? file : new Node.Scalar(path(path), file.mark());
  }

  private void volume(Node.Mapping volume) {
    if ("local".equals(Node.text(volume.get("driver")))
        && volume.get("driver_opts") instanceof Node.Mapping options
        && "bind".equals(Node.text(options.get("o")))) {
      change(options, "device", this::anyPath);
    }
  }

  /// The empty path stays empty.
  private String path(String path) {
    String expanded = expandHome(path, home);
    return expanded.isEmpty() ? "" : CleanPath.resolve(directory, expanded);
  }

  private String anyPath(String path) {
    String expanded = expandHome(path, home);
    boolean windows =
        WINDOWS_SHARE.matcher(expanded).lookingAt()
            || (expanded.length() > 2
                && Character.isLetter(expanded.charAt(0))
                && expanded.charAt(1) == ':'
                && (expanded.charAt(2) == '\\' || expanded.charAt(2) == '/'));
    return windows ? expanded : CleanPath.resolve(directory, expanded);
  }

  private String context(String context) {
    boolean remote = REMOTE.stream().anyMatch(context::startsWith);
    return remote || context.contains("://") || context.startsWith("service:")
        ? context
        : path(context);
  }
}
