package io.armory.agent.cli;

import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.Environment;

/// Runs the daemon in this process until it is told to stop.
@FunctionalInterface
public interface AgentStarter {

  /// @param problems where to say, one line each, why it cannot run
  /// @return the exit code
  int run(
      AgentConfig config, Environment environment, java.util.function.Consumer<String> problems);
}
