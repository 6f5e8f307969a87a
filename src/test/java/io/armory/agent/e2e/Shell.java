package io.armory.agent.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs commands to their end.
final class Shell {
  private Shell() {}

  record Result(int exit, String out, String err) {
    String trimmed() {
      return out.strip();
    }

    List<String> lines() {
      return out.lines().filter(l -> !l.isBlank()).toList();
    }
  }

  static Result run(List<String> command) {
    return run(command, Map.of());
  }

  static Result run(List<String> command, Map<String, String> environment) {
    try {
      var out = Files.createTempFile("e2e", ".out");
      var err = Files.createTempFile("e2e", ".err");
      try {
        var builder =
            new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment);
        var process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
          process.destroyForcibly();
          throw new AssertionError("does not end: " + command);
        }
        return new Result(process.exitValue(), text(out), text(err));
      } finally {
        Files.deleteIfExists(out);
        Files.deleteIfExists(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// As [#run], and must succeed.
  static Result must(String... command) {
    var result = run(List.of(command));
    if (result.exit() != 0) {
      throw new AssertionError(
          String.join(" ", command) + ": exit " + result.exit() + "\n" + result.err());
    }
    return result;
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
