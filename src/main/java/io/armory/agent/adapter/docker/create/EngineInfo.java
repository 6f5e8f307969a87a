package io.armory.agent.adapter.docker.create;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.EngineAbilities;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What `docker info` says of an engine's drivers. Plug-ins of the old kind are in no list before
/// they are used: they are known by their files.
public final class EngineInfo {
  private static final List<Path> OLD_PLUGINS =
      List.of(
          Path.of("/run/docker/plugins"),
          Path.of("/etc/docker/plugins"),
          Path.of("/usr/lib/docker/plugins"));

  private static final Pattern RELEASE = Pattern.compile("([0-9]{1,4})\\..*");

  private EngineInfo() {}

  public static EngineAbilities abilities(JsonNode info) {
    var release = RELEASE.matcher(info.path("ServerVersion").asText(""));
    var plugins = info.path("Plugins");
    var old = oldPlugins();
    var runtimes = new HashSet<String>();
    info.path("Runtimes").fieldNames().forEachRemaining(runtimes::add);
    return new EngineAbilities(
        release.matches() ? Integer.parseInt(release.group(1)) : 0,
        info.path("NCPU").asInt(0),
        names(plugins.path("Log"), old),
        names(plugins.path("Network"), old),
        names(plugins.path("Volume"), old),
        runtimes);
  }

  private static Set<String> names(JsonNode listed, Set<String> old) {
    var names = new HashSet<String>();
    listed.forEach(name -> names.add(name.asText()));
    if (!names.isEmpty()) {
      names.addAll(old);
    }
    return names;
  }

  private static Set<String> oldPlugins() {
    var names = new HashSet<String>();
    for (var directory : OLD_PLUGINS) {
      if (Files.isDirectory(directory)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
          files.forEach(f -> names.add(f.getFileName().toString().replaceFirst("\\.[^.]*$", "")));
        } catch (IOException e) {
          // What cannot be listed is asked of the engine alone.
        }
      }
    }
    return names;
  }
}
