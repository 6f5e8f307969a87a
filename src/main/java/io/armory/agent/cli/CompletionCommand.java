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
  /// Services are the running agent's, roles those of the templates and the site.
  private static final String NAMES =
      """
      function _armory_agent_names() {
        local root=${ARMORY_AGENT_ROOT:-} word=${COMP_WORDS[COMP_CWORD]} names=""
        if [ "${COMP_WORDS[COMP_CWORD-1]}" = --role ]; then
          names=$(ls "$root"/usr/share/armory-agent/compose-templates/roles "$root"/etc/armory-agent/compose/roles 2>/dev/null | sed -n 's/\\.yml$//p')
        else
          case "$word ${COMP_WORDS[*]:1:COMP_CWORD-1} " in
            -*) ;;
            *" logs "* | *" restart "* | *" stop "* | *" start "* | *" exec "*)
              names=$(armory-agent status --json 2>/dev/null | tr '{' '\\n' | sed -n 's/^"name":"\\([^"]*\\)","state".*/\\1/p') ;;
          esac
        fi
        if [ -n "$names" ]; then
          COMPREPLY=($(compgen -W "$names" -- "$word"))
        else
          _complete_armory-agent "$@"
        fi
      }
      complete -F _armory_agent_names -o default armory-agent
      """;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      var line = spec.root().commandLine();
      line.getOut().println(AutoComplete.bash(spec.root().name(), line));
      line.getOut().println(NAMES);
      line.getOut().flush();
    }
  }
}
