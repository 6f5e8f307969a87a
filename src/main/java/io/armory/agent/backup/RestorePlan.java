package io.armory.agent.backup;

import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import java.util.ArrayList;
import java.util.List;

/// What an archive becomes on this node. Where the node has the same store of its own, its data is
/// put in that store's place; where the store is shared, it is loaded beside what is there.
///
/// @param stores whose data is replaced, in the order in which they start
/// @param objects front50's objects are loaded into whatever store it has
/// @param orca its keys are loaded into the remote Redis
record RestorePlan(List<LocalStore> stores, boolean objects, boolean orca) {
  RestorePlan {
    stores = List.copyOf(stores);
  }

  static Outcome<RestorePlan> of(BackupManifest backup, NodeStores node, boolean otherStack) {
    if (!backup.stack().equals(node.stack()) && !otherStack) {
      return refused(
          "the backup is of stack %s, and this node is of %s; with --other-stack it is taken all the same"
              .formatted(backup.stack(), node.stack()));
    }
    var stores = new ArrayList<LocalStore>();
    for (var store : LocalStore.values()) {
      if (backup.has(store.part()) && node.has(store)) {
        stores.add(store);
      }
    }
    var objects =
        backup.has(BackupManifest.OBJECTS)
            && node.containers().containsKey("front50")
            && !stores.contains(LocalStore.DATABASE)
            && !(node.objectsInRedis() && stores.contains(LocalStore.REDIS));
    var orca = backup.has(BackupManifest.ORCA) && node.remote().isPresent();
    if (stores.isEmpty() && !objects && !orca) {
      return refused(
          "role %s has no store that this backup is of: it has neither a Redis nor front50, or the backup has nothing for them (%s)"
              .formatted(
                  node.role(),
                  String.join(
                      ", ", backup.parts().stream().map(BackupManifest.Part::name).toList())));
    }
    return Outcome.done(new RestorePlan(stores, objects, orca));
  }

  private static Outcome<RestorePlan> refused(String why) {
    return Outcome.failed(Kind.INVALID, why);
  }
}
