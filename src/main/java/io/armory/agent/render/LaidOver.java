package io.armory.agent.render;

import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.SourceFiles;
import java.util.Map;

/// Files that are only about to be written, over those that are there.
record LaidOver(Map<String, RenderedFile> rendered, SourceFiles files) implements SourceFiles {
  @Override
  public Reading read(String path, long maxBytes) {
    var file = rendered.get(path);
    return file == null ? files.read(path, maxBytes) : new Content(file.content().bytes());
  }
}
