package io.armory.agent.domain.stack;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// One Compose project, resolved: interpolated, merged, validated, and reduced to the services of
/// the enabled profiles and the resources these use. Keys are the names of the Compose file; the
/// names on the engine are inside the values.
///
/// @param workingDir the project directory, for the label `com.docker.compose.project.working_dir`
/// @param configFiles absolute paths of the Compose files, for
///   `com.docker.compose.project.config_files`
public record Stack(
    String project,
    Map<String, Service> services,
    Map<String, Network> networks,
    Map<String, Volume> volumes,
    String workingDir,
    List<String> configFiles) {

  public Stack {
    services = copy(services);
    networks = copy(networks);
    volumes = copy(volumes);
    configFiles = List.copyOf(configFiles);
  }

  /// A stack that comes from no file.
  public Stack(
      String project,
      Map<String, Service> services,
      Map<String, Network> networks,
      Map<String, Volume> volumes) {
    this(project, services, networks, volumes, "", List.of());
  }

  /// The same stack, told where it comes from.
  public Stack from(String directory, List<String> files) {
    return new Stack(project, services, networks, volumes, directory, files);
  }

  /// A stack of nothing.
  public static Stack none(String project) {
    return new Stack(project, Map.of(), Map.of(), Map.of());
  }

  /// The references of all images that it takes.
  public Stream<String> images() {
    return services.values().stream().flatMap(s -> s.container().images());
  }

  private static <V> Map<String, V> copy(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
