package io.armory.agent.render;

import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.RenderedFile.Content;

/// Files with secrets in them. Nobody but the agent gets into their directory; whoever they are
/// mounted for must be able to read them, whatever user the image runs as.
final class SecretFiles {
  private SecretFiles() {}

  static RenderedFile file(String path, Content content) {
    return new RenderedFile(path, content, 0444, -1);
  }
}
