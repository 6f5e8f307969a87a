package io.armory.agent.legacy;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// An installation as it was found on disk.
///
/// @param directory absolute, `/opt/spinnaker` on a node
/// @param files path relative to the directory → its bytes; of `secrets/` and `credentials/` only
///   the names count
/// @param host variables that decided about the node as a whole: `/etc/default/armory-spinnaker`
///   and `/etc/default/server-env`, where they belong to this installation
public record Installation(String directory, Map<String, byte[]> files, Map<String, String> host) {

  public Installation {
    files = Collections.unmodifiableMap(new TreeMap<>(files));
    host = Map.copyOf(host);
  }

  String at(String file) {
    return directory + "/" + file;
  }
}
