package io.armory.agent.cli;

import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Prints the completions for bash, which zsh understands too. For whoever packages the agent.
@Command(
    name = "generate-completion",
    hidden = true,
    description = "print the completions of all commands, for bash and zsh")
final class CompletionCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      var line = spec.root().commandLine();
      line.getOut().println(AutoComplete.bash(spec.root().name(), line));
      line.getOut().flush();
    }
  }
}
