package io.armory.agent.adapter.docker.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.Failure;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// What the engine tells bit by bit, one JSON text a line. A line that does not end is not kept:
/// others may have written what it passes on.
public final class JsonLines {
  private static final int LONGEST = 1024 * 1024;

  private final InputStream in;

  public JsonLines(InputStream in) {
    this.in = new BufferedInputStream(in);
  }

  /// The next line that is not empty; `null` at the end.
  public @Nullable JsonNode next() throws IOException, EngineException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n' && line.size() > 0) {
        break;
      }
      if (!Character.isWhitespace(b) || line.size() > 0) {
        line.write(b);
      }
      if (line.size() > LONGEST) {
        throw new EngineException(
            Failure.Kind.TRANSIENT,
            "the engine tells a line of more than %d MiB".formatted(LONGEST >> 20));
      }
    }
    var node = Json.parse(line.toByteArray());
    return node.isMissingNode() ? null : node;
  }
}
