package io.armory.agent.render;

import io.armory.agent.compose.ComposeLoader;
import io.armory.agent.compose.ComposeRequest;
import io.armory.agent.compose.ComposeResult;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.SourceFiles;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The stack of a resolved Compose file with the files beside it. A stack is always read from
/// there, when it is rendered as when it is recalled: so it is the same one both times, and the one
/// `docker compose` sees in that file.
///
/// @param composeFile absolute; where the resolved file lies on the node
/// @param digestKey keys the digests of configs and secrets
record ResolvedStack(String project, String composeFile, String digestKey) {

  ComposeResult load(String yaml, List<RenderedFile> files) {
    var directory = composeFile.substring(0, Math.max(1, composeFile.lastIndexOf('/')));
    var request =
        ComposeRequest.of(directory, List.of(composeFile))
            .withProjectName(project)
            .withDigestKey(digestKey);
    return ComposeLoader.load(request, new Beside(composeFile, yaml, files));
  }

  /// The files as if they lay where they belong already.
  private record Beside(String composeFile, String yaml, List<RenderedFile> files)
      implements SourceFiles {
    @Override
    public Reading read(String path, long maxBytes) {
      if (path.equals(composeFile)) {
        return new Content(yaml.getBytes(StandardCharsets.UTF_8));
      }
      return files.stream()
          .filter(f -> f.path().equals(path))
          .findFirst()
          .<Reading>map(f -> new Content(f.content().bytes()))
          .orElseGet(Missing::new);
    }
  }
}
