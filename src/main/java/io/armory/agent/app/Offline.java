package io.armory.agent.app;

import io.armory.agent.cli.LocalCommands;
import io.armory.agent.domain.Problem;
import java.util.List;

/// The commands that work on files alone.
final class Offline implements LocalCommands {
  @Override
  public Answer render(ComposeRequest request) {
    return new Answer.Invalid(List.of(new Problem("", "not wired in yet", "")));
  }

  @Override
  public Answer validate(ComposeRequest request) {
    return new Answer.Invalid(List.of(new Problem("", "not wired in yet", "")));
  }
}
