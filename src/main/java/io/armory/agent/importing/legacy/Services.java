package io.armory.agent.importing.legacy;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The services of the shipped stack.
final class Services {
  /// Those that read Spring's files, in the order of the templates.
  static final Set<String> SPRING =
      Collections.unmodifiableSet(
          new LinkedHashSet<>(
              List.of(
                  "front50",
                  "clouddriver",
                  "fiat",
                  "orca",
                  "rosco",
                  "echo",
                  "igor",
                  "igor-poller",
                  "echo-scheduler",
                  "gate",
                  "kayenta")));

  static final Set<String> KNOWN = known();

  /// Ran beside Spinnaker in Armory's stack; the agent does their work, or nobody.
  static final Set<String> GONE =
      Set.of("lighthouse", "configurator", "diagnostics", "barometer", "dinghy", "platform");

  private Services() {}

  private static Set<String> known() {
    var known = new LinkedHashSet<>(SPRING);
    known.add("deck");
    known.add("redis");
    return Collections.unmodifiableSet(known);
  }
}
