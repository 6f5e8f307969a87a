package io.armory.agent.cli;

import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// `armory-agent status`, which is run in loops and by monitoring: its usual forms are understood
/// without starting the command line's library.
public final class StatusQuery {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private StatusQuery() {}

  /// Does it, if these arguments are plainly that; empty when they need a closer look.
  ///
  /// @return the exit code
  public static OptionalInt attempt(String[] arguments, Environment environment) {
    var root = environment.root();
    var json = false;
    var status = false;
    for (var i = 0; i < arguments.length; i++) {
      var argument = arguments[i];
      if (argument.equals("status") && !status) {
        status = true;
      } else if (argument.equals("--json") && status) {
        json = true;
      } else if (argument.equals("--root")
          && i + 1 < arguments.length
          && !arguments[i + 1].isEmpty()) {
        root = Path.of(arguments[++i]);
      } else {
        return OptionalInt.empty();
      }
    }
    if (!status) {
      return OptionalInt.empty();
    }
    var terminal = Terminal.ofProcess(environment);
    var client = new ControlClient(new Paths(root).controlSocket(), environment.user());
    try {
      return OptionalInt.of(once(client, terminal, json, Optional.empty()));
    } catch (Refused e) {
      terminal.complain(e.line());
      return OptionalInt.of(e.exit());
    }
  }

  /// @param before printed in one go with the answer, so that a refreshed screen does not flicker
  static int once(ControlClient client, Terminal terminal, boolean json, Optional<String> before) {
    var printer = new Printer(terminal, before.orElse(""));
    return client.ask("GET", "/v1/status", parameters(terminal, json), PATIENCE, printer);
  }

  // A class, not a lambda: the first lambda of a process costs 20 ms.
  private record Printer(Terminal terminal, String before)
      implements ControlClient.Reader<Integer> {
    @Override
    public Integer read(ControlClient.Answer answer) throws IOException {
      var text = answer.text();
      if (answer.status() != 200) {
        terminal.complain(text);
      } else {
        terminal.print(before + text);
      }
      return answer.exit();
    }
  }

  private static Map<String, String> parameters(Terminal terminal, boolean json) {
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("as", json ? "json" : "text");
    parameters.put("columns", String.valueOf(terminal.columns()));
    parameters.put("colour", String.valueOf(terminal.colour()));
    return parameters;
  }
}
