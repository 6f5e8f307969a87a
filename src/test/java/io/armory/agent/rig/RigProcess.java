package io.armory.agent.rig;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program of `src/test/rig` that prints `ready PORT…` once it serves. It ends when its standard
/// input does, so it cannot outlive the test however the test ends.
public abstract class RigProcess implements AutoCloseable {
  private static final Path RIG = Path.of("src/test/rig");

  private final Serving serving;

  /// A program that serves at these ports.
  protected record Serving(Process process, List<Integer> ports) {}

  protected RigProcess(Serving serving) {
    this.serving = serving;
  }

  protected static Serving start(String script, String... arguments) {
    var command = new ArrayList<>(List.of("python3", RIG.resolve(script).toString()));
    command.addAll(List.of(arguments));
    command.add("--exit-with-stdin");
    try {
      var log =
          Files.createTempFile(Files.createDirectories(Path.of("target/rig")), script, ".log");
      var process = new ProcessBuilder(command).redirectError(log.toFile()).start();
      return new Serving(process, ready(process, log));
    } catch (IOException e) {
      throw new UncheckedIOException("python3 is needed for " + script, e);
    }
  }

  private static List<Integer> ready(Process process, Path log) throws IOException {
    var out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var line = out.readLine();
    if (line == null || !line.startsWith("ready ")) {
      process.destroyForcibly();
      throw new IllegalStateException("did not start: " + Files.readString(log).strip());
    }
    return List.of(line.substring("ready ".length()).split(" ")).stream()
        .map(Integer::valueOf)
        .toList();
  }

  protected int port(int index) {
    return serving.ports().get(index);
  }

  protected Serving serving() {
    return serving;
  }

  /// A connection of its own for each: one kept alive may be closed just when it is used again.
  protected String ask(String method, int port, String path, String body) {
    try {
      var connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
      connection.setRequestMethod(method);
      connection.setRequestProperty("Connection", "close");
      connection.setConnectTimeout(30_000);
      connection.setReadTimeout(60_000);
      if (!body.isEmpty()) {
        connection.setDoOutput(true);
        connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
      }
      try (var answer = connection.getInputStream()) {
        return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Ends it as a power cut would: its ports refuse from now on.
  @Override
  public void close() {
    serving.process().destroyForcibly();
    serving.process().onExit().join();
  }
}
