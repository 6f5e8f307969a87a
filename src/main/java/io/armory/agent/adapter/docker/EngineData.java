package io.armory.agent.adapter.docker;

import io.armory.agent.adapter.docker.exec.Assistant;
import io.armory.agent.adapter.docker.exec.StreamedExec;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.DataContainers;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// The local stores' data, by the engine's exec and archive calls.
record EngineData(EngineCalls calls) implements DataContainers {

  @Override
  public Outcome<String> read(String container, List<String> command, OutputStream to) {
    return calls.lasting(
        "run " + command.getFirst(),
        (s, alive) -> new StreamedExec(s, alive).run(container, command, to));
  }

  @Override
  public Outcome<String> assistant(String container, String name) {
    return calls.outcome("start " + name, s -> Assistant.start(s, container, name));
  }

  @Override
  public Outcome<String> run(String assistant, String script) {
    var out = new ByteArrayOutputStream();
    return calls
        .lasting(
            "run a script in " + assistant,
            (s, alive) ->
                new StreamedExec(s, alive).run(assistant, List.of("/bin/sh", "-c", script), out))
        .map(_ -> out.toString(StandardCharsets.UTF_8).strip());
  }

  @Override
  public Outcome<String> put(String assistant, String directory, String name, Path file) {
    return calls.lasting(
        "copy " + name,
        (s, alive) -> Assistant.put(s, alive, assistant, new Assistant.Put(directory, name, file)));
  }

  @Override
  public Outcome<String> dismiss(String name) {
    return calls.outcome("remove " + name, s -> Assistant.remove(s, name));
  }
}
