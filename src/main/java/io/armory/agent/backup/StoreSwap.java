package io.armory.agent.backup;

import io.armory.agent.backup.RestoreRecord.Step;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateStore;
import java.util.List;

/// One archive's way into the node's own stores: all of it is loaded before anything is stopped,
/// then it is renames.
///
/// @param undone told of a failure at a step from which there is a way back
record StoreSwap(StateStore state, StoreVolumes volumes, ServiceOrders services, Undoing undone) {

  interface Undoing {
    Outcome<String> from(RestoreRecord left, String words, Outcome<String> why);
  }

  Outcome<String> run(List<LocalStore> stores, Archive.Checked archive, RestoreRecord begun) {
    var progress = services.progress();
    var kept = begun.keep(state);
    if (kept.whyFailed().isPresent()) {
      return kept;
    }
    var loaded = StoreVolumes.each(stores, store -> volumes.load(store, archive, progress));
    if (loaded.whyFailed().isPresent()) {
      return undone.from(begun, "nothing was stopped or changed: ", loaded);
    }
    var stopping = begun.stopping(services.running());
    var swapped = stopping.at(Step.SWAPPED);
    var put =
        stopping
            .keep(state)
            .flatMap(_ -> services.stop(stopping.stopped()))
            .flatMap(_ -> StoreVolumes.each(stores, s -> volumes.swap(s, stopping.aside())))
            .flatMap(_ -> swapped.keep(state))
            .flatMap(_ -> services.start(stopping.stopped()));
    if (put.whyFailed().isPresent()) {
      return undone.from(stopping, "the former state was put back: ", put);
    }
    return new RestoreEnd(state, volumes, services)
        .place(swapped)
        .flatMap(former -> RestoreRecord.forget(state).map(_ -> former))
        .map(former -> String.join(", ", begun.stores()) + keptWords(former));
  }

  private static String keptWords(String former) {
    return former.isEmpty()
        ? ""
        : "; what was there is kept in the volumes, in "
            + former.lines().reduce((a, b) -> a + " and " + b).orElse("");
  }
}
