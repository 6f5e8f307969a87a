package io.armory.agent.adapter.files;

import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.TemplateFiles;
import io.armory.agent.domain.TemplateFiles.ConfigFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The templates on disk: shipped ones, and the site's beside them. A directory that is not there
/// is empty; one that cannot be read is a failure, as is what stands in a file's place and is none:
/// a node must not go on without it.
///
/// @param shipped with `spinnaker.yml`, `roles/`, `logging-*.yml` and `config/`
/// @param siteCompose overlays (`*.yml`) and `roles/`
/// @param siteConfig the site's Spinnaker files
public record DiskTemplates(Path shipped, Path siteCompose, Path siteConfig) {
  private static final int DEEPEST = 5;
  private static final String LOGGING = "logging-";

  public Outcome<TemplateFiles> read() {
    try {
      var roles = named(shipped.resolve("roles"), "");
      roles.putAll(named(siteCompose.resolve("roles"), ""));
      var logging = named(shipped, LOGGING);
      logging.putAll(named(siteCompose, LOGGING));
      var overlays =
          files(siteCompose, 1).stream()
              .filter(f -> isYaml(f) && !f.getFileName().toString().startsWith(LOGGING))
              .map(Path::toString)
              .toList();
      var config = new LinkedHashMap<String, ConfigFile>();
      addConfig(shipped.resolve("config"), config);
      addConfig(siteConfig, config);
      return Outcome.done(
          new TemplateFiles(
              shipped.resolve("spinnaker.yml").toString(), roles, logging, overlays, config));
    } catch (IOException e) {
      return Outcome.failed(DiskFailure.of("cannot read the templates", e));
    }
  }

  /// Name without prefix and `.yml` → path.
  private static Map<String, String> named(Path directory, String prefix) throws IOException {
    var named = new TreeMap<String, String>();
    for (var file : files(directory, 1)) {
      var name = file.getFileName().toString();
      if (isYaml(file) && name.startsWith(prefix)) {
        named.put(name.substring(prefix.length(), name.lastIndexOf('.')), file.toString());
      }
    }
    return named;
  }

  private static boolean isYaml(Path file) {
    var name = file.getFileName().toString();
    return name.endsWith(".yml") || name.endsWith(".yaml");
  }

  private static void addConfig(Path directory, Map<String, ConfigFile> config) throws IOException {
    for (var file : files(directory, DEEPEST)) {
      config.put(
          directory.relativize(file).toString(),
          new ConfigFile(
              new RenderedFile.Content(RegularFile.read(file, RegularFile.MIB)), file.toString()));
    }
  }

  /// Regular files in name order; hidden ones and editors' copies are nobody's. Those that nothing
  /// can name are [SiteNames]' to refuse.
  private static List<Path> files(Path directory, int depth) throws IOException {
    if (Absence.isCertain(directory)) {
      return List.of();
    }
    if (!Files.isDirectory(directory)) {
      throw new IOException(directory + ": is no directory that can be looked into");
    }
    var files = new ArrayList<Path>();
    try (var walk = Files.walk(directory, depth, FileVisitOption.FOLLOW_LINKS)) {
      for (var path : walk.sorted().toList()) {
        var name = path.getFileName().toString();
        if (name.startsWith(".") || name.endsWith("~") || !SiteNames.isSound(path)) {
          continue;
        }
        if (Files.isRegularFile(path)) {
          files.add(path);
        } else if (!Files.isDirectory(path) || isYaml(path)) {
          throw Absence.noFile(path);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause() == null ? new IOException(e) : e.getCause();
    }
    return files;
  }
}
