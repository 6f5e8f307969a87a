package io.armory.agent.cli;

import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.view.LocalTimes;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// `armory-agent status`, which is run in loops and by monitoring: nothing is loaded for it that it
/// can do without.
public final class StatusQuery {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private StatusQuery() {}

  /// Prints how the node stands.
  ///
  /// @return the exit code
  public static int run(PlainCommand command, Environment environment) {
    var terminal = Terminal.ofProcess(environment);
    var socket = new Paths(command.root()).controlSocket();
    try {
      var client = new ControlClient(socket, environment.user());
      return once(client, terminal, new Shape(command.json(), false, 0), Optional.empty());
    } catch (Refused e) {
      terminal.complain(e.line());
      return e.exit();
    }
  }

  /// How it is to be answered.
  ///
  /// @param all where each fact about the node is from, too; as without a terminal in any case:
  ///   room is scarce on a screen alone
  /// @param rows of the screen that it is to fit on; 0: it need not
  record Shape(boolean json, boolean all, int rows) {}

  /// @param before printed in one go with the answer, so that a refreshed screen does not flicker
  static int once(ControlClient client, Terminal terminal, Shape shape, Optional<String> before) {
    var printer = new Printer(terminal, shape.json(), before.orElse(""));
    return client.ask("GET", "/v1/status", parameters(terminal, shape), PATIENCE, printer);
  }

  // A class, not a lambda: the first lambda of a process costs 20 ms.
  private record Printer(Terminal terminal, boolean json, String before)
      implements ControlClient.Reader<Integer> {
    @Override
    public Integer read(ControlClient.Answer answer) throws IOException {
      var text = answer.text();
      if (answer.status() != 200) {
        terminal.complain(text);
      } else {
        terminal.print(before + (json ? text : LocalTimes.here(text)));
      }
      return answer.exit();
    }
  }

  private static Map<String, String> parameters(Terminal terminal, Shape shape) {
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("as", shape.json() ? "json" : "text");
    parameters.put("all", String.valueOf(shape.all() || !terminal.tty()));
    parameters.put("rows", String.valueOf(shape.rows()));
    parameters.put("columns", String.valueOf(terminal.columns()));
    parameters.put("colour", String.valueOf(terminal.colour()));
    return parameters;
  }
}
