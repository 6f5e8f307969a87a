package io.armory.agent.cli;

import io.armory.agent.view.CheckList;
import io.armory.agent.view.Style;
import java.util.ArrayList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    description = {
      "Explain what is wrong on this node, and what to do about it.",
      "First what the running agent says is wrong, then what the node needs: Docker,"
          + " AWS, role, ports, names, Redis, and more. Each check is fine, or says in one line"
          + " what to do. Needs no running agent.",
      "Exit code 0 unless something is wrong, or the node is not ready."
    })
final class DoctorCommand extends CliCommand {
  @Option(names = "--json", description = "for programs; field names are stable")
  private boolean json;

  @Override
  public Integer call() {
    var checks = new ArrayList<>(AgentsWord.ask(cli.client()));
    checks.addAll(cli.local().examine(cli.paths(), cli.environment()));
    var terminal = cli.terminal();
    terminal.print(
        json
            ? CheckList.json(checks)
            : CheckList.text(
                checks, new Style(terminal.columns(), terminal.colour()), terminal.tty()));
    return CheckList.isFine(checks) ? Exit.DONE : Exit.FAILED;
  }
}
