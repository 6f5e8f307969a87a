package io.armory.agent.compose.project;

import io.armory.agent.compose.source.ComposeEnvFile;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.Raw;
import io.armory.agent.compose.source.RawEnvFile;
import io.armory.agent.compose.source.Refusal;
import io.armory.agent.compose.source.Template;
import io.armory.agent.compose.source.YamlReader;
import io.armory.agent.domain.SourceFiles;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Files of the project, with every failure to read one said as a [Problem].
public final class Sources {
  /// Of all env and label files, each counted as often as it is read.
  private static final int MOST_VARIABLES = 100_000;

  private final SourceFiles files;
  private final Diagnostics findings;
  private final Map<String, List<Raw>> documents = new HashMap<>();
  private long bytesRead;
  private int variables;

  public Sources(SourceFiles files, Diagnostics findings) {
    this.files = files;
    this.findings = findings;
  }

  /// The documents of a Compose file.
  ///
  /// @param from who asks for it
  public List<Raw> yaml(String path, @Nullable Location from, Path at) {
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
      String path, Template.Variables outer, @Nullable Location from, Path at) {
    byte[] bytes = read(path, ComposeEnvFile.MOST_BYTES, from, at);
    if (bytes == null) {
      return Optional.empty();
    }
    return parsed(
        path,
        () -> {
          String text = new String(bytes, StandardCharsets.UTF_8);
          return ComposeEnvFile.parse(path, text, outer, findings::warn);
        });
  }

  /// As [#env] of one that is taken word for word.
  Optional<Map<String, String>> rawEnv(
      String path, Template.Variables outer, @Nullable Location from, Path at) {
    byte[] bytes = read(path, ComposeEnvFile.MOST_BYTES, from, at);
    return bytes == null
        ? Optional.empty()
        : parsed(
            path, () -> RawEnvFile.parse(path, new String(bytes, StandardCharsets.UTF_8), outer));
  }

  private Optional<Map<String, String>> parsed(String path, Supplier<Map<String, String>> parser) {
    try {
      Map<String, String> read = parser.get();
      variables += read.size();
      if (variables > MOST_VARIABLES) {
        findings.fileProblem(
            path,
            "makes the variables of all such files more than " + MOST_VARIABLES,
            "use fewer, or fewer files");
        return Optional.empty();
      }
      return Optional.of(read);
    } catch (Refusal e) {
      findings.problem(e.mark(), Path.ROOT, e.message(), e.advice());
      return Optional.empty();
    }
  }

  void problem(String file, String message, String advice) {
    findings.fileProblem(file, message, advice);
  }

  public SourceFiles.Reading look(String path, long most) {
    return files.read(path, most);
  }

  boolean isDirectory(String path) {
    return files.read(path, 0) instanceof SourceFiles.Directory;
  }

  /// As the reference asks: below something that is no folder, nothing is known to be absent.
  boolean isThere(String path) {
    String at = path;
    while (files.read(at, 0) instanceof SourceFiles.Missing) {
      if (at.lastIndexOf('/') <= 0) {
        return false;
      }
      at = at.substring(0, at.lastIndexOf('/'));
    }
    return at.equals(path) || !isDirectory(at);
  }

  /// Bytes of all files of one load.
  private static final int MOST_BYTES = 64 * 1024 * 1024;

  private byte @Nullable [] read(String path, int most, @Nullable Location from, Path at) {
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
