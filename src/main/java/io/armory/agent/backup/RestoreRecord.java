package io.armory.agent.backup;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A restore that is under way, as the next process has to know of it.
///
/// @param aside the directory in each volume into which its former content is put
/// @param from which archive
/// @param stores whose data is replaced
/// @param stopped services that were stopped for it; empty: nothing was stopped yet
/// @param swapped the new is in its place: whoever goes on starts it, and does not go back
record RestoreRecord(
    String aside, String from, List<String> stores, List<String> stopped, boolean swapped) {
  private static final String NAME = "restore";

  RestoreRecord {
    stores = List.copyOf(stores);
    stopped = List.copyOf(stopped);
  }

  RestoreRecord stopping(List<String> services) {
    return new RestoreRecord(aside, from, stores, services, false);
  }

  RestoreRecord afterSwap() {
    return new RestoreRecord(aside, from, stores, stopped, true);
  }

  Outcome<String> keep(StateStore state) {
    var text =
        String.join(
            "\n",
            aside,
            from,
            String.join(" ", stores),
            String.join(" ", stopped),
            swapped ? "swapped" : "");
    return state.save(NAME, text.getBytes(StandardCharsets.UTF_8));
  }

  static Outcome<String> forget(StateStore state) {
    return state.delete(NAME);
  }

  static Outcome<Optional<RestoreRecord>> kept(StateStore state) {
    return state
        .load(NAME)
        .flatMap(bytes -> bytes.isEmpty() ? Outcome.done(Optional.empty()) : read(bytes.get()));
  }

  private static Outcome<Optional<RestoreRecord>> read(byte[] bytes) {
    var lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
    return lines.length != 5
        ? Outcome.failed(
            new Failure(Failure.Kind.INVALID, "what is kept of a restore cannot be read"))
        : Outcome.done(
            Optional.of(
                new RestoreRecord(
                    lines[0],
                    lines[1],
                    words(lines[2]),
                    words(lines[3]),
                    lines[4].equals("swapped"))));
  }

  private static List<String> words(String line) {
    return Stream.of(line.split(" ", -1)).filter(w -> !w.isEmpty()).toList();
  }

  List<LocalStore> localStores() {
    return Stream.of(LocalStore.values()).filter(s -> stores.contains(s.service())).toList();
  }
}
