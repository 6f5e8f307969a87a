package io.armory.agent.compose;

import io.armory.agent.domain.SourceFiles;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Files of the project, with every failure to read one said as a [Problem].
final class Sources {
  private final SourceFiles files;
  private final Findings findings;
  private final Map<String, List<Raw>> documents = new HashMap<>();
  private long bytesRead;

  Sources(SourceFiles files, Findings findings) {
    this.files = files;
    this.findings = findings;
  }

  /// The documents of a Compose file.
  ///
  /// @param from who asks for it
  List<Raw> yaml(String path, @Nullable Mark from, Path at) {
    List<Raw> known = documents.get(path);
    if (known != null) {
      return known;
    }
    byte[] bytes = read(path, YamlReader.MOST_BYTES, from, at);
    List<Raw> read = bytes == null ? List.of() : YamlReader.read(path, bytes, findings);
    documents.put(path, read);
    return read;
  }

  /// The variables of an env file; empty if it cannot be read.
  Optional<Map<String, String>> env(
      String path, Template.Variables outer, @Nullable Mark from, Path at) {
    byte[] bytes = read(path, EnvFile.MOST_BYTES, from, at);
    if (bytes == null) {
      return Optional.empty();
    }
    try {
      String text = new String(bytes, StandardCharsets.UTF_8);
      return Optional.of(EnvFile.parse(path, text, outer, findings::warn));
    } catch (Refusal e) {
      findings.problem(e.mark(), Path.ROOT, e.message(), e.advice());
      return Optional.empty();
    }
  }

  void problem(String file, String message, String advice) {
    findings.fileProblem(file, message, advice);
  }

  SourceFiles.Reading look(String path, long most) {
    return files.read(path, most);
  }

  boolean isDirectory(String path) {
    return files.read(path, 0) instanceof SourceFiles.Directory;
  }

  boolean isThere(String path) {
    return !(files.read(path, 0) instanceof SourceFiles.Missing);
  }

  /// Bytes of all files of one load.
  private static final int MOST_BYTES = 64 * 1024 * 1024;

  private byte @Nullable [] read(String path, int most, @Nullable Mark from, Path at) {
    SourceFiles.Reading reading = files.read(path, most);
    if (reading instanceof SourceFiles.Content content && content.bytes().length <= most) {
      bytesRead += content.bytes().length;
      if (bytesRead <= MOST_BYTES) {
        return content.bytes();
      }
    }
    String why =
        switch (reading) {
          case SourceFiles.Content _ -> "is too large: the files together are too much";
          case SourceFiles.Missing _ -> "does not exist";
          case SourceFiles.Directory _ -> "is a directory";
          case SourceFiles.TooLarge big ->
              "is too large: " + big.size() + " bytes, at most " + most;
          case SourceFiles.Unreadable unreadable -> "cannot be read: " + unreadable.reason();
        };
    if (from == null) {
      findings.fileProblem(path, why, "check the path");
    } else {
      findings.problem(from, at, path + " " + why, "check the path, or remove it here");
    }
    return null;
  }
}
