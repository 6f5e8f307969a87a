package io.armory.agent.cli;

import io.armory.agent.config.Environment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The usual forms of the two commands that have to be quick off the mark, understood without
/// starting the command line's library: `run`, which keeps what it loads for good, and `status`.
///
/// @param root of all the agent's paths
/// @param json `--json` was given
public record PlainCommand(Name name, Path root, boolean json) {

  public enum Name {
    RUN,
    STATUS
  }

  /// These arguments, if they are plainly one of the two; `null` when they need a closer look.
  public static @Nullable PlainCommand of(String[] arguments, Environment environment) {
    var root = environment.root();
    var json = false;
    Name name = null;
    for (var i = 0; i < arguments.length; i++) {
      var argument = arguments[i];
      if (argument.equals("status") && name == null) {
        name = Name.STATUS;
      } else if (argument.equals("run") && name == null) {
        name = Name.RUN;
      } else if (argument.equals("--json") && name == Name.STATUS) {
        json = true;
      } else if (argument.equals("--root")
          && i + 1 < arguments.length
          && !arguments[i + 1].isEmpty()) {
        root = Path.of(arguments[++i]);
      } else {
        return null;
      }
    }
    return name == null ? null : new PlainCommand(name, root, json);
  }
}
