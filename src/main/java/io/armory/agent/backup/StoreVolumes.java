package io.armory.agent.backup;

import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.DataContainers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/// The volumes of the node's own stores, in which assistants work: containers beside those of the
/// stores.
record StoreVolumes(DataContainers data, NodeStores node) {

  /// Makes an archive's part into the store's own files, beside those in use. Its assistant stays.
  Outcome<String> load(LocalStore store, Archive.Checked archive, Consumer<String> progress) {
    progress.accept(store.service() + ": loading it beside the old one");
    var name = assistant(store);
    return begun(store)
        .flatMap(_ -> data.run(name, store.begin()))
        .flatMap(directory -> handedOver(store, archive, directory))
        .flatMap(_ -> data.run(name, store.load()))
        .map(words -> {
          progress.accept(store.service() + ": " + words);
          return words;
        });
  }

  private Outcome<String> handedOver(LocalStore store, Archive.Checked archive, String directory) {
    var file = archive.file().resolveSibling(store.part());
    try {
      return archive
          .extract(store.part(), file)
          .flatMap(f -> data.put(assistant(store), directory, store.part(), f));
    } finally {
      Delivery.remove(file);
    }
  }

  /// Puts what was loaded into its place.
  Outcome<String> swap(LocalStore store, String aside) {
    return data.run(assistant(store), store.swap(aside));
  }

  /// Puts back whatever was put aside.
  Outcome<String> back(RestoreRecord left) {
    return each(left.localStores(), store -> ended(store, store.back(left.aside())));
  }

  /// Keeps what was put aside.
  ///
  /// @return where that is, in each of the volumes
  Outcome<String> done(RestoreRecord left) {
    return each(left.localStores(), store -> ended(store, store.done(left.aside())));
  }

  private Outcome<String> ended(LocalStore store, String script) {
    try {
      return begun(store).flatMap(_ -> data.run(assistant(store), script));
    } finally {
      data.dismiss(assistant(store));
    }
  }

  private Outcome<String> begun(LocalStore store) {
    return node.container(store)
        .map(c -> data.assistant(c.id(), assistant(store)))
        .orElseGet(() -> Outcome.failed(Kind.NOT_FOUND, "has no container yet"));
  }

  private String assistant(LocalStore store) {
    return node.project() + "-restore-" + store.service();
  }

  /// One after the other, as far as they succeed.
  static Outcome<String> each(List<LocalStore> stores, Function<LocalStore, Outcome<String>> step) {
    var told = new ArrayList<String>();
    for (var store : stores) {
      switch (step.apply(store)) {
        case Outcome.Done<String>(var words) -> told.add(words);
        case Outcome.Failed<String>(var failure) -> {
          return Outcome.failed(failure.saying(store.service() + ": "));
        }
      }
    }
    return Outcome.done(String.join("\n", told).strip());
  }
}
