package io.armory.agent.importing.legacy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
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

  /// Empty: it is not UTF-8 text.
  Optional<String> text(String file) {
    var bytes = files.getOrDefault(file, new byte[0]);
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.indexOf('\0') >= 0 ? Optional.empty() : Optional.of(text);
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
