package io.armory.agent.render.engine;

import io.armory.agent.domain.EngineAbilities;
import io.armory.agent.domain.Suggestion;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// The faults of one service, network or volume as they are found.
///
/// @param engine that of this node
record Faults(String section, String key, EngineAbilities engine, List<Fault> found) {
  /// Settings that a Compose file may say below `deploy`, too.
  private static final Map<String, String> OTHERWISE =
      Map.of("mem_limit", "(?:mem_limit|memory)", "mem_reservation", "(?:mem_reservation|memory)");

  /// What Docker refuses; another engine may take it.
  void refuse(String attribute, String token, String what, String todo) {
    add(attribute, token, what, todo, !engine.isOther());
  }

  void warn(String attribute, String token, String what, String todo) {
    add(attribute, token, what, todo, false);
  }

  /// What this agent asks of no engine before a release of Docker, nor of any other.
  void needs(int release, String attribute, String token, String what, String todo) {
    if (engine.release() > 0 && engine.release() < release) {
      add(
          attribute,
          token,
          "%s needs Docker %d, and the engine of this node is %d"
              .formatted(what, release, engine.release()),
          todo,
          true);
    }
  }

  /// What engines refuse from a release on, and earlier ones ignore.
  void refuseSince(int release, String attribute, String token, String what, String todo) {
    if (engine.release() >= release) {
      refuse(attribute, token, what, todo);
    } else {
      warn(attribute, token, what + ", which Docker " + release + " refuses", todo);
    }
  }

  /// A name that is none of those that the engine of this node has, as far as they are known.
  ///
  /// @param kind such as `logging driver`
  void unlessKnown(String attribute, String name, String kind, Collection<String> known) {
    if (!known.isEmpty() && !known.contains(name) && !known.contains(name + ":latest")) {
      refuse(
          attribute,
          name,
          "the engine of this node has no %s '%s'".formatted(kind, name),
          nearest(name, known)
              .orElse("it has " + String.join(", ", new TreeSet<>(known)))
              .concat(kind.equals("runtime") ? "" : ", or install its plug-in"));
    }
  }

  static Optional<String> nearest(String typed, Collection<String> known) {
    return Suggestion.of(typed, known).map("write "::concat);
  }

  private void add(String attribute, String token, String what, String todo, boolean certain) {
    var last = attribute.substring(attribute.lastIndexOf('.') + 1);
    var written = OTHERWISE.getOrDefault(attribute, last);
    found.add(new Fault(section, key, attribute, written, token, what, todo, certain));
  }
}
