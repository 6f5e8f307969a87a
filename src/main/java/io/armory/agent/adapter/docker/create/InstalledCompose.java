package io.armory.agent.adapter.docker.create;

import io.armory.agent.adapter.docker.http.ComposeRelease;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The Docker Compose that is installed on the node, as its files tell: nothing is run, so nothing
/// can hang. What the plug-in itself says of the modules it is built from comes first, then the
/// list of Debian packages.
public final class InstalledCompose {
  /// Where the docker command looks for plug-ins that all users have, in its order.
  private static final List<String> FOLDERS =
      List.of(
          "usr/local/lib/docker/cli-plugins",
          "usr/local/libexec/docker/cli-plugins",
          "usr/lib/docker/cli-plugins",
          "usr/libexec/docker/cli-plugins");

  /// Docker's own package, Ubuntu's, Debian's.
  private static final Set<String> PACKAGES =
      Set.of("docker-compose-plugin", "docker-compose-v2", "docker-compose");

  private static final Pattern STAMP = Pattern.compile("internal\\.Version=(v?\\d+\\.\\d+\\.\\d+)");
  private static final Pattern MODULE =
      Pattern.compile("(?m)^mod\\tgithub\\.com/docker/compose/v\\d+\\t(v\\d+\\.\\d+\\.\\d+)");
  private static final Pattern MODEL =
      Pattern.compile(
          "(?m)^dep\\tgithub\\.com/compose-spec/compose-go/v2\\tv2\\.(\\d{1,4})\\.(\\d{1,4})");
  private static final Pattern PACKAGE_VERSION =
      Pattern.compile("(?:\\d+:)?(\\d+\\.\\d+\\.\\d+).*");

  private final Path root;
  private @Nullable Found last;

  private record Found(Path plugin, FileTime changed, long size, ComposeRelease release) {}

  /// @param root `/`, but for tests
  public InstalledCompose(Path root) {
    this.root = root;
  }

  /// The newest that is known, where none is found. Asked again only when the plug-in changed.
  public synchronized ComposeRelease release() {
    for (String folder : FOLDERS) {
      Path plugin = root.resolve(folder).resolve("docker-compose");
      try {
        BasicFileAttributes file = Files.readAttributes(plugin, BasicFileAttributes.class);
        if (file.isRegularFile()) {
          return release(plugin, file);
        }
      } catch (IOException e) {
        // Not there, or not for this user to see.
      }
    }
    return ComposeRelease.NEWEST;
  }

  private ComposeRelease release(Path plugin, BasicFileAttributes file) {
    Found known = last;
    if (known == null
        || !known.plugin.equals(plugin)
        || !known.changed.equals(file.lastModifiedTime())
        || known.size != file.size()) {
      ComposeRelease release =
          version(plugin).map(ComposeRelease::of).orElse(ComposeRelease.NEWEST);
      known = new Found(plugin, file.lastModifiedTime(), file.size(), release);
      last = known;
    }
    return known.release;
  }

  private Optional<String> version(Path plugin) {
    try {
      Optional<String> built = GoBuildInfo.modules(plugin).flatMap(InstalledCompose::version);
      return built.isPresent() ? built : packaged();
    } catch (IOException e) {
      return packaged();
    }
  }

  static Optional<String> version(String modules) {
    for (Pattern pattern : List.of(STAMP, MODULE)) {
      Matcher found = pattern.matcher(modules);
      if (found.find()) {
        return Optional.of(found.group(1).replaceFirst("^v", ""));
      }
    }
    Matcher model = MODEL.matcher(modules);
    return model.find()
        ? Optional.of(
            releaseWith(Integer.parseInt(model.group(1)), Integer.parseInt(model.group(2))))
        : Optional.empty();
  }

  /// The first release of Docker Compose that has this model code, as its `go.mod` says.
  private static String releaseWith(int minor, int patch) {
    if (minor >= 10) {
      return "5.0.0";
    }
    if (minor >= 7 || (minor == 6 && patch >= 2)) {
      return "2.36.0";
    }
    if (minor >= 5 || (minor == 4 && patch >= 9)) {
      return "2.34.0";
    }
    if (minor == 4 && patch >= 3) {
      return "2.30.2";
    }
    return minor >= 2 ? "2.29.3" : "2.29.2";
  }

  private Optional<String> packaged() {
    Path status = root.resolve("var/lib/dpkg/status");
    if (!Files.isRegularFile(status)) {
      return Optional.empty();
    }
    try (BufferedReader lines = Files.newBufferedReader(status, StandardCharsets.ISO_8859_1)) {
      boolean ours = false;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("Package: ")) {
          ours = PACKAGES.contains(line.substring("Package: ".length()));
        } else if (ours && line.startsWith("Version: ")) {
          Matcher version = PACKAGE_VERSION.matcher(line.substring("Version: ".length()));
          if (version.matches() && !version.group(1).startsWith("1.")) {
            return Optional.of(version.group(1));
          }
        }
      }
    } catch (IOException e) {
      // Then it is not known.
    }
    return Optional.empty();
  }
}
