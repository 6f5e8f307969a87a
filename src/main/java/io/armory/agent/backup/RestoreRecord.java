package io.armory.agent.backup;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateJson;
import io.armory.agent.port.StateStore;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A restore that is under way, as the next process has to know of it.
///
/// @param step how far it is
/// @param aside the directory in each volume into which its former content is put
/// @param from which archive
/// @param stores whose data is replaced
/// @param stopped services that were stopped for it, and are to be started in the end
record RestoreRecord(
    Step step, String aside, String from, List<String> stores, List<String> stopped) {
  private static final String NAME = "restore";

  enum Step {
    /// The archive is loaded beside what is there; nothing was stopped yet.
    LOADING,
    /// Services are stopped, and the new takes the place of the old: whoever goes on, goes back.
    STOPPED,
    /// The new is in its place: whoever goes on starts it, and does not go back.
    SWAPPED,
    /// The old is in its place again: what was stopped is to be started.
    UNDONE,
    /// The new is there to stay: what was stopped is to be started.
    COMPLETED
  }

  RestoreRecord {
    stores = List.copyOf(stores);
    stopped = List.copyOf(stopped);
  }

  RestoreRecord stopping(List<String> services) {
    return new RestoreRecord(Step.STOPPED, aside, from, stores, services);
  }

  RestoreRecord at(Step next) {
    return new RestoreRecord(next, aside, from, stores, stopped);
  }

  /// Where it ends.
  Step end() {
    return switch (step) {
      case LOADING, STOPPED, UNDONE -> Step.UNDONE;
      case SWAPPED, COMPLETED -> Step.COMPLETED;
    };
  }

  List<LocalStore> localStores() {
    return Stream.of(LocalStore.values()).filter(s -> stores.contains(s.service())).toList();
  }

  // ---------------------------------------------------------------- over a restart

  Outcome<String> keep(StateStore state) {
    var tree = StateJson.object().put("step", step.name());
    tree.put("aside", aside).put("from", from);
    stores.forEach(tree.putArray("stores")::add);
    stopped.forEach(tree.putArray("stopped")::add);
    return StateJson.save(state, NAME, tree);
  }

  static Outcome<String> forget(StateStore state) {
    return state.delete(NAME);
  }

  static Outcome<Optional<RestoreRecord>> kept(StateStore state) {
    return StateJson.load(state, NAME)
        .flatMap(tree -> tree.map(RestoreRecord::read).orElse(Outcome.done(Optional.empty())));
  }

  private static Outcome<Optional<RestoreRecord>> read(JsonNode tree) {
    try {
      return Outcome.done(
          Optional.of(
              new RestoreRecord(
                  Step.valueOf(tree.path("step").asText()),
                  tree.path("aside").asText(),
                  tree.path("from").asText(),
                  StateJson.texts(tree.path("stores")),
                  StateJson.texts(tree.path("stopped")))));
    } catch (IllegalArgumentException e) {
      return Outcome.failed(Failure.Kind.INVALID, "what is kept of a restore cannot be read");
    }
  }
}
