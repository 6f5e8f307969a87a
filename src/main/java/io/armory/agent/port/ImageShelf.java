package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import java.util.List;
import java.util.Set;

/// The images that lie on the node, for making room among them.
public interface ImageShelf {

  /// An image that can be done without.
  ///
  /// @param name for people
  /// @param references to be removed one by one; with the last goes the image
  record Spare(String name, List<String> references) {
    public Spare {
      references = List.copyOf(references);
    }
  }

  /// Images of these repositories that no container has, in any state and of any project, and that
  /// can be pulled again: one that was built on the node never is spare. The oldest first.
  ///
  /// @param needed references that are not spare
  /// @param repositories references without tag or digest
  Outcome<List<Spare>> spare(Set<String> needed, Set<String> repositories);

  /// The directory in which the engine keeps images and containers, as it says itself; on its
  /// filesystem it needs room.
  Outcome<String> directory();

  /// Removes a reference. One that is gone already is done; one that came into use is a conflict.
  Outcome<String> remove(String reference);
}
