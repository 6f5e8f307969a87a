package io.armory.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.adapter.http.HttpFront;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.testing.FakeControl;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What people and their programs rely on of the command line: the names, what each takes, whether
/// it answers programs, and how it ends. A name or an option that is taken away fails here.
class CommandContractTest {
  /// Of each: whether it reads (`read`), orders something of the running agent (`act`), or needs
  /// none; `json`, if it answers programs; and how it is used.
  private static final String COMMANDS =
      """
      run            here -    --help
      up             here -    --role ha --help
      status         read json | --all
      plan           read json |
      history        read json |
      rollback       act  -    | 3f2a91c | --release
      approve        act  -    | 3f2a91c
      render         here json | --role ha
      config         read json |
      validate       here json |
      sync           act  -    | --dry-run | --now | --retry
      restart        act  -    | gate | gate orca
      stop           act  -    | gate | gate orca
      start          act  -    | gate | gate orca
      exec           here -    --help
      logs           read json gate | gate orca
      pull           act  -    |
      drain          act  -    |
      maintenance    act  -    on --for 1h | off
      backup         here -    | --to a.zip
      restore        here -    --help
      doctor         here json |
      events         read json | --since 1h
      import         here -    --help
      support-bundle here -    --help
      version        here json |
      """;

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path root;
  private final FakeControl control = new FakeControl();

  private record Command(String name, String kind, boolean json, List<String> uses) {
    static Command of(String line) {
      var words = line.split("\\s+", 4);
      return new Command(
          words[0],
          words[1],
          words[2].equals("json"),
          Stream.of(words[3].split("\\|", -1)).map(String::strip).distinct().toList());
    }
  }

  private static List<Command> commands() {
    return COMMANDS.lines().map(Command::of).toList();
  }

  private CommandRun run(String line) {
    return CommandRun.of(root, line.strip().split("\\s+"));
  }

  private void assertOneLineOfError(String line, int exit) {
    var result = run(line);
    assertThat(result.exit()).as("%s: %s", line, result).isEqualTo(exit);
    assertThat(result.err()).as(line).startsWith("armory-agent: ").containsOnlyOnce("\n");
  }

  @Test
  void these_are_the_commands_and_each_has_help() {
    var listed =
        Pattern.compile("(?m)^  ([a-z][a-z-]+) +[A-Z]").matcher(run("--help").out()).results();
    assertThat(listed.map(r -> r.group(1)))
        .containsExactlyInAnyOrderElementsOf(commands().stream().map(Command::name).toList());
    for (var command : commands()) {
      var help = run(command.name() + " --help");
      assertThat(help.exit()).as(command.name()).isZero();
      assertThat(help.out()).startsWith("Usage: armory-agent " + command.name()).contains("--root");
      if (command.json()) {
        assertThat(help.out()).contains("--json");
      }
    }
  }

  @Test
  void a_running_agent_is_asked_and_how_it_ended_is_the_exit_code() throws IOException {
    try (var front = HttpFront.open()) {
      var socket = root.resolve("run/armory-agent/control.sock");
      front.serveControl(socket, control, InstantSource.system());
      for (var command : commands()) {
        for (var use : command.uses()) {
          var result = run(command.name() + " " + use);
          assertThat(result.exit()).as("%s %s: %s", command.name(), use, result).isZero();
        }
        if (command.json()) {
          var said = run(command.name() + " " + command.uses().getFirst() + " --json").out();
          if (!command.name().equals("render")) {
            JSON.readTree(said);
          }
        }
      }
      control.next =
          CompletableFuture.completedFuture(
              Outcome.failed(Failure.Kind.UNHEALTHY, "gate is not healthy"));
      for (var command : commands()) {
        if (command.kind().equals("act")) {
          assertOneLineOfError(command.name() + " " + command.uses().getFirst(), Exit.FAILED);
        }
      }
    }
  }

  @Test
  void without_an_agent_or_with_wrong_usage_it_is_one_line_and_its_own_exit_code() {
    for (var command : commands()) {
      assertOneLineOfError(command.name() + " --no-such-option", Exit.USAGE);
      if (!command.kind().equals("here")) {
        assertOneLineOfError(command.name() + " " + command.uses().getFirst(), Exit.NOT_RUNNING);
      }
    }
    assertThat(run("status").err()).contains("armory-agent --root " + root + " run");
  }
}
