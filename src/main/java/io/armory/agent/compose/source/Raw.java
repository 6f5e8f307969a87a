package io.armory.agent.compose.source;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// YAML as it is written: tags kept, scalars unresolved, merge keys unmerged, aliases pointing at
/// the one node they name.
public sealed interface Raw {
  Location mark();

  @Nullable String tag();

  /// @param plain written without quotes and not as a block
  record Text(Location mark, @Nullable String tag, String value, boolean plain) implements Raw {}

  record Items(Location mark, @Nullable String tag, List<Raw> items) implements Raw {}

  record Pairs(Location mark, @Nullable String tag, List<Pair> pairs) implements Raw {}

  record Pair(Raw key, Raw value) {}

  record Alias(Location mark, Raw target) implements Raw {
    @Override
    public @Nullable String tag() {
      return null;
    }
  }

  static Raw follow(Raw raw) {
    Raw at = raw;
    while (at instanceof Alias alias) {
      at = alias.target;
    }
    return at;
  }
}
