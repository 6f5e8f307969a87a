package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RenderedFile;
import java.util.List;

/// Puts the files a revision's containers mount onto the node, atomically, each with its mode and
/// owner, and removes those of older revisions.
public interface NodeFiles {

  /// Writes what is missing or different. The value says what changed, empty for nothing.
  Outcome<String> put(List<RenderedFile> files);

  /// Whether all of these lie on the node as they are to.
  default boolean has(List<RenderedFile> files) {
    return false;
  }
}
