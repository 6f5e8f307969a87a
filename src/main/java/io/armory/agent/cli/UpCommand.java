package io.armory.agent.cli;

import io.armory.agent.cli.LocalCommands.ComposeRequest;
import io.armory.agent.cli.LocalCommands.Format;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `up`: the agent and its stack on any Linux host with Docker, to be looked at.
@Command(
    name = "up",
    description = {
      "Try the stack out on this host, without AWS and systemd.",
      "Runs the agent in the foreground, waits until the stack is ready, and prints where deck and"
          + " gate are. Ctrl-C ends the agent and leaves the stack running; with --rm it removes"
          + " the stack's containers and networks, and keeps its volumes.",
      "All it needs is kept under --root (default: ~/.local/state/armory-agent)."
    })
final class UpCommand extends Act {
  private static final String STANDALONE = "standalone";
  private static final String MARK = "# Written by armory-agent up.\n";
  private static final int HEALTH = 5000;
  private static final int GATE = 8084;
  private static final int DECK = 80;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      defaultValue = STANDALONE,
      description = "what the node is (default: ${DEFAULT-VALUE})")
  private String role = STANDALONE;

  @Option(
      names = "--deck-port",
      paramLabel = "PORT",
      defaultValue = "80",
      description = "where deck is published (default: ${DEFAULT-VALUE})")
  private int deckPort = DECK;

  @Option(
      names = "--gate-port",
      paramLabel = "PORT",
      defaultValue = "8084",
      description = "where gate is published (default: ${DEFAULT-VALUE})")
  private int gatePort = GATE;

  @Option(
      names = "--health-port",
      paramLabel = "PORT",
      description = "the agent's own port (default: 5000, or the next one that is free)")
  private @Nullable Integer healthPort;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      defaultValue = "localhost",
      description = "how a browser calls this host (default: ${DEFAULT-VALUE})")
  private String host = "localhost";

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME=VALUE",
      description = "a parameter of the stack, such as SPINNAKER_RELEASE; may be repeated")
  private Map<String, String> variables = new LinkedHashMap<>();

  @Option(
      names = {"-p", "--project-name"},
      paramLabel = "NAME",
      defaultValue = "spinnaker",
      description = "the Compose project (default: ${DEFAULT-VALUE})")
  private String project = "spinnaker";

  @Option(names = "--rm", description = "remove the stack at Ctrl-C")
  private boolean remove;

  @Override
  public Integer call() {
    var paths =
        new Paths(
            cli.givenRoot()
                .orElseGet(() ->
                    Path.of(
                        cli.environment().get("HOME").orElse("/root"),
                        ".local/state/armory-agent")));
    var port = healthPort == null ? freePort() : healthPort;
    try {
      spareNode(paths);
      prepare(paths, port);
    } catch (IOException e) {
      throw new Refused(Exit.FAILED, "cannot write below " + paths.root() + ": " + e);
    }
    var config = config(paths);
    askEngine(config.docker().socket());
    check(paths);
    return run(paths, config, port);
  }

  private int run(Paths paths, AgentConfig config, int port) {
    var done = new CountDownLatch(1);
    var untilDone = Thread.ofPlatform().name("until done").unstarted(() -> await(done));
    Runtime.getRuntime().addShutdownHook(untilDone);
    var following = Thread.ofPlatform().daemon().name("up").start(() -> follow(paths, port));
    try {
      var exit = cli.starter().run(config, cli.environment(), cli.terminal()::complain);
      following.interrupt();
      if (exit == Exit.DONE && remove) {
        removeStack(paths);
      } else if (exit == Exit.DONE) {
        cli.terminal().print(left(paths));
      }
      return exit;
    } finally {
      done.countDown();
      forget(untilDone);
    }
  }

  /// What whoever pressed Ctrl-C may want next.
  private String left(Paths paths) {
    return "the agent has ended, and the stack runs on by itself; %s continues, and removes it at Ctrl-C with --rm\n"
        .formatted("armory-agent --root " + paths.root() + " up");
  }

  private void removeStack(Paths paths) {
    switch (cli.local().down(paths, cli.environment(), this::progress)) {
      case Outcome.Done<String>(var text) -> cli.terminal().print(text + "\n");
      case Outcome.Failed<String>(var failure) -> cli.terminal().complain(failure.message());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, which is what the hook is for.
    }
  }

  /// Follows the first rollout, on a thread beside the agent's.
  private void follow(Paths paths, int port) {
    try {
      cli.terminal().print("starting the stack; its images are pulled where they are not here\n");
      while (!UnixSockets.accepts(paths.controlSocket())) {
        Thread.sleep(100);
      }
      orderTo(new ControlClient(paths.controlSocket(), cli.environment().user()), "/v1/sync");
      cli.terminal().print(where(paths, port));
    } catch (Refused e) {
      cli.terminal().complain(e.line());
      cli.terminal()
          .print("the agent goes on trying; in another window: " + command(paths, "status") + "\n");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String where(Paths paths, int port) {
    var text = new StringBuilder("\n");
    if (role.equals(STANDALONE)) {
      text.append("  deck    ").append(url(deckPort)).append('\n');
      text.append("  gate    ").append(url(gatePort)).append('\n');
    }
    text.append("  status  ").append(url(port)).append('\n');
    text.append("          ").append(command(paths, "status")).append("\n\n");
    text.append("Ctrl-C ends the agent and ");
    text.append(remove ? "removes the stack.\n" : "leaves the stack running; --rm removes it.\n");
    return text.toString();
  }

  private static String command(Paths paths, String name) {
    return "armory-agent --root " + paths.root() + " " + name;
  }

  private String url(int port) {
    return "http://" + host + (port == DECK ? "" : ":" + port);
  }

  private static int freePort() {
    for (var port = HEALTH; port < HEALTH + 20; port++) {
      try (var socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(port));
        return port;
      } catch (IOException e) {
        // Taken.
      }
    }
    return HEALTH;
  }

  private AgentConfig config(Paths paths) {
    return switch (ConfigFile.read(paths, cli.environment())) {
      case ConfigFile.Reading.Valid(var config) -> config;
      case ConfigFile.Reading.Invalid(var problems) ->
          throw new Refused(Exit.USAGE, problems.getFirst().line());
    };
  }

  private void check(Paths paths) {
    var request =
        new ComposeRequest(
            paths,
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Format.YAML,
            cli.environment());
    if (cli.local().validate(request) instanceof LocalCommands.Answer.Invalid(var problems)) {
      throw new Refused(
          Exit.USAGE, problems.stream().map(p -> p.line()).collect(Collectors.joining("\n")));
    }
  }

  private static void askEngine(Path socket) {
    try {
      UnixSockets.ask(socket);
    } catch (IOException e) {
      var message = String.valueOf(e.getMessage());
      if (message.contains("ermission") || message.contains("not permitted")) {
        throw new Refused(
            Exit.NOT_ALLOWED, "not allowed to use Docker at " + socket + "; use sudo");
      }
      throw new Refused(
          Exit.FAILED,
          "Docker does not answer at "
              + socket
              + "; install it (apt install docker.io, or dnf install docker-ce) and start it"
              + " (systemctl start docker)");
    }
  }

  /// What a person wrote for a node is not written over.
  private static void spareNode(Paths paths) throws IOException {
    var file = paths.agentYaml();
    if (Files.exists(file) && !Files.readString(file).startsWith(MARK)) {
      throw new Refused(
          Exit.USAGE,
          file
              + ": a node is configured here, and `up` would write over it; leave out --root, or"
              + " name an empty directory");
    }
  }

  private void prepare(Paths paths, int port) throws IOException {
    var templates = new Paths(Path.of("/")).templates();
    if (Files.isDirectory(templates) && !Files.isSymbolicLink(paths.templates())) {
      copy(templates, paths.templates());
    }
    Files.createDirectories(paths.env());
    Files.writeString(
        paths.agentYaml(),
        MARK
            + """
            project: %s
            identity: {stack: evaluation, role: %s}
            aws: off
            http: {port: %d}
            rollout: {bake: 0s}
            """
                .formatted(project, role, port));
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("DECK_PUBLISHED_PORT", String.valueOf(deckPort));
    parameters.put("GATE_PUBLISHED_PORT", String.valueOf(gatePort));
    parameters.put("DECK_HOST", url(deckPort));
    parameters.put("API_HOST", url(gatePort));
    parameters.putAll(variables);
    forOwner(
        paths.env().resolve("evaluation.env"),
        parameters.entrySet().stream()
            .map(e -> e.getKey() + "=" + e.getValue())
            .collect(
                Collectors.joining(
                    "\n", "# Written by armory-agent up; yours go into default.env.\n", "\n")));
  }

  /// What was given by `-e` may be a password. An earlier file had the rights of any other.
  private static void forOwner(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      files
          .filter(Files::isRegularFile)
          .forEach(file -> {
            try {
              var target = to.resolve(from.relativize(file).toString());
              Files.createDirectories(target.getParent());
              Files.write(target, Files.readAllBytes(file));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
