package io.armory.agent.compose;

import io.armory.agent.domain.SourceFiles;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// A file system in a map.
public final class MemoryFiles implements SourceFiles {
  private final TreeMap<String, byte[]> files = new TreeMap<>();

  public static MemoryFiles of(Map<String, String> texts) {
    MemoryFiles memory = new MemoryFiles();
    texts.forEach(memory::put);
    return memory;
  }

  void put(String path, String text) {
    put(path, text.getBytes(StandardCharsets.UTF_8));
  }

  void put(String path, byte[] bytes) {
    files.put(path, bytes);
  }

  @Override
  public Reading read(String path, long maxBytes) {
    byte[] bytes = files.get(path);
    if (bytes == null) {
      String below = files.higherKey(path + "/");
      return below != null && below.startsWith(path + "/") ? new Directory() : new Missing();
    }
    return bytes.length > maxBytes ? new TooLarge(bytes.length) : new Content(bytes);
  }
}
