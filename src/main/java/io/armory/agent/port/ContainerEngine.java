package io.armory.agent.port;

import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Docker Engine, Podman's compatible socket, or the fake of the tests. Every call has a deadline
/// and none throws for anything the engine does or does not do.
public interface ContainerEngine extends AutoCloseable {

  /// One look at everything of the project.
  ///
  /// @param scope what is of interest beside the project's own objects
  Observation observe(Scope scope);

  /// A look for the sake of routine, or of one container: what was seen a moment ago, and has not
  /// been touched since as far as the agent and the engine's events tell, may be told again. Events
  /// that were not heard are made up for: what the engine remembers of them counts. What somebody
  /// did to an image, a network or a volume meanwhile is seen within two minutes.
  default Observation glance(Scope scope) {
    return observe(scope);
  }

  /// @param project the Compose project
  /// @param images references to be resolved to IDs
  /// @param networks engine names to be looked up even when not labelled with the project
  /// @param volumes likewise
  record Scope(String project, Set<String> images, Set<String> networks, Set<String> volumes) {
    public Scope {
      images = Set.copyOf(images);
      networks = Set.copyOf(networks);
      volumes = Set.copyOf(volumes);
    }
  }

  /// Carries out one action. The value is the ID of what was made, or an empty string. Stopping
  /// what is stopped, starting what runs and removing what is gone are done, not failed.
  ///
  /// @param progress told of a pull's progress, one line at a time, such as "3 of 7 layers, 41 %"
  Outcome<String> execute(Action action, Consumer<String> progress);

  /// Lines a container wrote, oldest first, standard output and error together; of very many the
  /// last.
  Outcome<List<LogLine>> logLines(String containerId, LogRange range);

  /// The last lines a container wrote.
  default Outcome<List<String>> lastLogLines(String containerId, int lines) {
    return logLines(containerId, LogRange.last(lines))
        .map(all -> all.stream().map(LogLine::text).toList());
  }

  /// Tells what a container wrote and goes on writing, on the caller's thread: done when the
  /// container has ended or is gone, at once when it does not run. An interrupt ends it as a
  /// failure. There is no deadline: an engine that says nothing has nothing to say.
  Outcome<String> followLog(String containerId, LogRange range, LogSink sink);

  /// Who is told what a container writes.
  interface LogSink {
    /// In the order of the log. Must not wait.
    void take(List<LogLine> lines);

    /// Returns when there is room for more; until then no more is read from the engine.
    void awaitRoom() throws InterruptedException;
  }

  /// The processor time that a running container has used since its start, of all its processes.
  /// Costs the engine a second at times: not to be asked for the sake of routine.
  Outcome<Duration> processorTime(String containerId);

  /// Runs a command in a container to its end.
  Outcome<ExecResult> exec(String containerId, ExecRequest request);

  /// @param user `null`: the container's own
  /// @param workingDir `null`: the container's own
  /// @param environment added to the container's own
  record ExecRequest(
      List<String> command,
      @Nullable String user,
      boolean privileged,
      @Nullable String workingDir,
      Map<String, String> environment,
      Duration deadline) {
    public ExecRequest {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }
  }

  /// @param output standard output and error together, its end when it is long
  record ExecResult(int exitCode, String output) {}

  /// The images on the node.
  ImageShelf images();

  /// Listens to the project's container events until closed. Events are hints: some are lost, and
  /// the stream mends itself. The listener must not block.
  AutoCloseable watch(String project, Consumer<EngineEvent> listener);

  /// @param action the engine's word: `die`, `start`, `oom`, `destroy`, … or `lost` and `connected`
  ///   for the stream itself
  /// @param signal for `kill`: the signal
  record EngineEvent(String action, String service, String containerId, String signal) {
    private static final Set<String> ENDS = Set.of("die", "oom", "kill");

    /// The processes of one container, known by its ID, end, which changes nothing else of the
    /// project.
    public boolean isOfOneAlone() {
      return !containerId.isEmpty() && ENDS.contains(action);
    }
  }

  @Override
  void close();
}
