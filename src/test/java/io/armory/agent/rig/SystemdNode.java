package io.armory.agent.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// An EC2 node as far as a container can be one: systemd as the first process, a Docker Engine of
/// its own, and the instance metadata service at its real address where it is asked for. Made by
/// `src/test/rig/node-image.sh` and `node-run.sh`.
public final class SystemdNode implements AutoCloseable {
  private static final String RIG = "src/test/rig/";
  private static final long LONGEST_MINUTES = 10;

  private final String name;

  private SystemdNode(String name) {
    this.name = name;
  }

  /// What a command said and ended with.
  public record Result(int exit, String out, String err) {
    public String trimmed() {
      return out.strip();
    }

    /// Both streams, for messages.
    public String text() {
      return (out + err).strip();
    }
  }

  /// The image of a node; made where it is not there yet, which takes a minute.
  ///
  /// @param suite a Debian release
  /// @param suite a Debian release
  public static String image(String suite) {
    return check(script("node-image.sh", List.of(suite))).trimmed();
  }

  /// Of Debian bookworm, with the Python that [#tag] needs.
  public static String image() {
    return image("bookworm");
  }

  /// Options of [#boot] for a node on which Podman is the only engine.
  public static List<String> withoutDocker() {
    return Stream.of("docker.service", "docker.socket", "containerd.service")
        .flatMap(unit -> Stream.of("-v", "/dev/null:/etc/systemd/system/" + unit + ":ro"))
        .toList();
  }

  /// Boots a node.
  ///
  /// @param name of its container, and its host name
  /// @param options of `docker run`
  public static SystemdNode boot(String name, String image, String... options) {
    check(script("node-run.sh", join(List.of("start", name, image), List.of(options))));
    return new SystemdNode(name);
  }

  public String name() {
    return name;
  }

  /// Runs a command as root.
  public Result run(String... command) {
    return execute(join(List.of("docker", "exec", name), List.of(command)), null);
  }

  /// As [#run], and it must succeed.
  public Result must(String... command) {
    return check(run(command));
  }

  /// Runs lines of shell as root.
  public Result shell(String lines) {
    return run("sh", "-c", lines);
  }

  /// As [#shell], and it must succeed.
  public Result mustShell(String lines) {
    return must("sh", "-c", lines);
  }

  public void copyIn(Path file, String to) {
    check(execute(List.of("docker", "cp", file.toString(), name + ":" + to), null));
  }

  /// Writes a file, and the directories above it.
  public void write(String path, String text) {
    try {
      var file = Files.createTempFile("node", ".file");
      try {
        Files.writeString(file, text);
        must("mkdir", "-p", path.substring(0, Math.max(1, path.lastIndexOf('/'))));
        check(execute(List.of("docker", "exec", "-i", name, "sh", "-c", "cat >" + path), file));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Copies images of the machine's Docker Engine into the node's own.
  public void loadImages(String... images) {
    check(script("node-run.sh", join(List.of("images", name), List.of(images))));
  }

  /// Starts an instance metadata service with these tags, in place of the one before.
  public void tag(Map<String, String> tags) {
    var words = tags.entrySet().stream().map(t -> t.getKey() + "=" + t.getValue()).toList();
    check(script("node-run.sh", join(List.of("tags", name), words)));
  }

  /// Returns when the node is up again.
  public void reboot() {
    check(script("node-run.sh", List.of("reboot", name)));
  }

  /// The node's address, for the machine that runs the test and for other containers of its
  /// network.
  public String address() {
    return network("IPAddress");
  }

  /// This machine's address, as the node knows it.
  public String gateway() {
    return network("Gateway");
  }

  private String network(String field) {
    var format = "{{range .NetworkSettings.Networks}}{{." + field + "}} {{end}}";
    var addresses = check(execute(List.of("docker", "inspect", "-f", format, name), null));
    return addresses.trimmed().split(" ", -1)[0];
  }

  /// What a unit wrote to the journal since the node's first boot.
  public String journal(String unit) {
    return run("journalctl", "-u", unit, "-o", "cat", "--no-pager").out();
  }

  /// Removes the node and all that its engine kept.
  @Override
  public void close() {
    check(script("node-run.sh", List.of("remove", name)));
  }

  private static Result script(String script, List<String> arguments) {
    return execute(join(List.of(RIG + script), arguments), null);
  }

  private static Result check(Result result) {
    if (result.exit() != 0) {
      throw new AssertionError("exit " + result.exit() + ": " + result.text());
    }
    return result;
  }

  private static Result execute(List<String> command, @Nullable Path in) {
    try {
      var out = Files.createTempFile("node", ".out");
      var err = Files.createTempFile("node", ".err");
      try {
        var builder = new ProcessBuilder(command);
        builder.redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.redirectInput(in == null ? Path.of("/dev/null").toFile() : in.toFile());
        var process = builder.start();
        if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
          process.destroyForcibly();
          throw new AssertionError("does not end: " + command);
        }
        return new Result(process.exitValue(), text(out), text(err));
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private static List<String> join(List<String> first, List<String> more) {
    return Stream.of(first, more).flatMap(List::stream).toList();
  }
}
