package io.armory.agent.adapter.docker.images;

import io.armory.agent.disk.RegularFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A set of lines that outlives the agent. What the disk does not take is known until the agent
/// ends: a full or read-only disk is reported elsewhere.
public final class KeptLines {
  private final Optional<Path> file;
  private final Set<String> lines = new TreeSet<>();

  private KeptLines(Optional<Path> file) {
    this.file = file;
  }

  public static KeptLines inMemory() {
    return new KeptLines(Optional.empty());
  }

  public static KeptLines in(Path file) {
    var kept = new KeptLines(Optional.of(file));
    try {
      new String(RegularFile.read(file, RegularFile.MIB), StandardCharsets.UTF_8)
          .lines()
          .forEach(kept.lines::add);
    } catch (IOException e) {
      // There are none yet, or they cannot be read, which is the same.
    }
    return kept;
  }

  synchronized boolean contains(String line) {
    return lines.contains(line);
  }

  public synchronized void add(String line) {
    if (lines.add(line)) {
      write();
    }
  }

  synchronized void retain(Set<String> those) {
    if (lines.retainAll(those)) {
      write();
    }
  }

  private void write() {
    if (file.isEmpty()) {
      return;
    }
    try {
      var next = file.get().resolveSibling(file.get().getFileName() + ".new");
      Files.write(next, lines);
      Files.move(next, file.get(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // See above.
    }
  }
}
