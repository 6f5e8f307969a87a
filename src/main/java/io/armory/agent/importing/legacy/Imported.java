package io.armory.agent.importing.legacy;

import io.armory.agent.domain.report.Finding;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What an installation becomes.
///
/// @param files to write, none twice
/// @param findings in the order of the old files
/// @param roles every stack that was found → the role its variables describe; empty: they do not
///   say
public record Imported(List<NewFile> files, List<Finding> findings, Map<String, String> roles) {

  public Imported {
    files = List.copyOf(files);
    findings = List.copyOf(findings);
    roles = Collections.unmodifiableMap(new LinkedHashMap<>(roles));
  }

  /// @param path relative to `/etc/armory-agent`
  /// @param mode POSIX permission bits: 0640 where secrets are: for the group of the directory, the
  ///   agent's, and nobody else
  /// @param from the old file
  public record NewFile(String path, String text, int mode, String from) {}
}
