package io.armory.agent.domain;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What there is to render a stack from: the shipped templates with the site's own beside them.
///
/// @param base absolute path of `spinnaker.yml`; its directory is the Compose project directory
/// @param roles role → absolute path of its file; a site's wins over a shipped one
/// @param loggingProfiles profile → absolute path of `logging-PROFILE.yml`, likewise
/// @param overlays absolute paths of the site's Compose files, in the order they are merged
/// @param config Spinnaker's configuration files, shipped ones and the site's over them, by their
///   path relative to the configuration directory
public record TemplateFiles(
    String base,
    Map<String, String> roles,
    Map<String, String> loggingProfiles,
    List<String> overlays,
    Map<String, ConfigFile> config) {

  public TemplateFiles {
    roles = Collections.unmodifiableMap(new LinkedHashMap<>(roles));
    loggingProfiles = Collections.unmodifiableMap(new LinkedHashMap<>(loggingProfiles));
    overlays = List.copyOf(overlays);
    config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
  }

  /// @param origin where it was read from
  public record ConfigFile(RenderedFile.Content content, String origin) {}
}
