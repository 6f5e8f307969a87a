package io.armory.agent.adapter.docker;

import io.armory.agent.adapter.docker.create.ContainerCalls;
import io.armory.agent.adapter.docker.create.EngineInfo;
import io.armory.agent.adapter.docker.create.InstalledCompose;
import io.armory.agent.adapter.docker.create.NetworkCalls;
import io.armory.agent.adapter.docker.events.EventStream;
import io.armory.agent.adapter.docker.exec.ContainerExec;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.http.Sessions;
import io.armory.agent.adapter.docker.images.KeptLines;
import io.armory.agent.adapter.docker.images.SignedImages;
import io.armory.agent.adapter.docker.logs.ContainerLogs;
import io.armory.agent.adapter.docker.logs.LogConnection;
import io.armory.agent.adapter.docker.observe.Mounted;
import io.armory.agent.adapter.docker.observe.ObservationCache;
import io.armory.agent.adapter.docker.observe.ProjectLook;
import io.armory.agent.domain.EngineAbilities;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.NodeRanges;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.DataContainers;
import io.armory.agent.port.ImageShelf;
import io.armory.agent.port.RegistryCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// The Docker Engine API, 1.41 (Docker 20.10) and newer, and Podman's rendering of it, over a Unix
/// socket. Opening never fails: an engine that is away is [Observation.Unavailable] until it comes.
public final class DockerEngine implements ContainerEngine {
  /// Where Docker listens unless told otherwise.
  public static final Path DEFAULT_SOCKET = Path.of("/var/run/docker.sock");

  private final EngineCalls calls;
  private final EngineActions actions;
  private final InstantSource clock;
  private final ObservationCache known = new ObservationCache();
  private final KeptLines pulled;
  private final Semaphore logTurn = new Semaphore(1, true);
  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

  /// How long the engine may take.
  ///
  /// @param look for an observation
  /// @param act for any action but those below
  /// @param stopMargin beyond a container's grace period, for stop and restart
  /// @param pullSilence between two lines of a pull
  /// @param hooks for all `post_start` commands of a container together
  /// @param liveness for the answer to whether the engine behind an event stream is there; it is
  ///   asked when nothing was answered for twice that time
  public record Deadlines(
      Duration look,
      Duration act,
      Duration stopMargin,
      Duration pullSilence,
      Duration hooks,
      Duration liveness) {
    public static final Deadlines USUAL =
        new Deadlines(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(20),
            Duration.ofSeconds(120),
            Duration.ofMinutes(5),
            Duration.ofSeconds(5));

    /// From one question whether the engine is there to the next.
    Duration betweenQuestions() {
      return liveness.multipliedBy(2);
    }
  }

  private DockerEngine(
      Path socket,
      RegistryCredentials credentials,
      Deadlines deadlines,
      InstantSource clock,
      Path root,
      KeptLines pulled,
      Optional<SignedImages> signed) {
    this.pulled = pulled;
    this.clock = clock;
    this.calls = new EngineCalls(socket, deadlines);
    this.actions =
        new EngineActions(calls, credentials, new InstalledCompose(root), pulled, signed);
  }

  /// @param credentials asked before each pull
  public static DockerEngine open(Path socket, RegistryCredentials credentials) {
    return open(socket, credentials, Path.of("/"));
  }

  /// @param root below which the installed Docker Compose is looked for
  public static DockerEngine open(Path socket, RegistryCredentials credentials, Path root) {
    return open(socket, credentials, root, KeptLines.inMemory(), Optional.empty());
  }

  /// @param pulled IDs of the images that were pulled
  /// @param signed what an image has to be in order to run; empty: anything
  public static DockerEngine open(
      Path socket,
      RegistryCredentials credentials,
      Path root,
      KeptLines pulled,
      Optional<SignedImages> signed) {
    return new DockerEngine(
        socket, credentials, Deadlines.USUAL, InstantSource.system(), root, pulled, signed);
  }

  public static DockerEngine open(
      Path socket, RegistryCredentials credentials, Deadlines deadlines, InstantSource clock) {
    return new DockerEngine(
        socket,
        credentials,
        deadlines,
        clock,
        Path.of("/"),
        KeptLines.inMemory(),
        Optional.empty());
  }

  @Override
  public Observation observe(Scope scope) {
    return look(session -> lookAt(session, scope).observed());
  }

  @Override
  public Observation glance(Scope scope) {
    return look(session -> lookAt(session, scope).glanced());
  }

  private ProjectLook lookAt(Session session, Scope scope) {
    return new ProjectLook(
        session, scope, known, calls.within(), clock.instant(), calls.deadlines().look());
  }

  private Observation look(Sessions.Call<Observation> look) {
    try {
      return calls.look(look);
    } catch (EngineException e) {
      known.forget();
      return new Observation.Unavailable(clock.instant(), e.unread());
    }
  }

  @Override
  public Outcome<String> execute(Action action, Consumer<String> progress) {
    try {
      return EngineCalls.attempt(action.describe(), () -> actions.carryOut(action, progress));
    } finally {
      known.forget();
    }
  }

  @Override
  public Outcome<List<LogLine>> logLines(String containerId, LogRange range) {
    return calls.outcome(
        "logs of " + containerId, s -> new ContainerLogs(s, containerId).read(range));
  }

  @Override
  public Outcome<String> followLog(String containerId, LogRange range, LogSink sink) {
    return EngineCalls.attempt(
        "logs of " + containerId,
        () -> {
          LogConnection.follow(calls.socket(), containerId, range, logTurn, sink);
          return "";
        });
  }

  @Override
  public Outcome<Duration> processorTime(String containerId) {
    return calls.outcome(
        "processor time of " + containerId, s -> ContainerCalls.processorTime(s, containerId));
  }

  @Override
  public Outcome<ExecResult> exec(String containerId, ExecRequest request) {
    return EngineCalls.attempt(
        "run " + request.command().getFirst(),
        () -> calls.by(request.deadline(), s -> ContainerExec.run(s, containerId, request)));
  }

  @Override
  public ImageShelf images() {
    return new EngineShelf(calls, pulled);
  }

  /// The data of the stores that run on it.
  public DataContainers data() {
    return new EngineData(calls);
  }

  /// Host ports that the running containers of a project hold.
  public Outcome<Set<Integer>> published(String project) {
    var ours = Query.of("filters", "{\"label\":[\"com.docker.compose.project=" + project + "\"]}");
    return calls.seen(
        "list the ports of project " + project,
        session -> {
          var ports = new HashSet<Integer>();
          for (var container : session.get("/containers/json" + ours)) {
            container.path("Ports").forEach(p -> ports.add(p.path("PublicPort").asInt()));
          }
          return ports;
        });
  }

  /// The paths on the node that any container mounts, whoever made it and in whatever state it is.
  public Outcome<Set<String>> mounted() {
    return calls.seen(
        "list what containers mount",
        session -> {
          var sources = new HashSet<String>();
          for (var listed : session.get("/containers/json" + Query.of("all", "1"))) {
            var path = "/containers/" + listed.path("Id").asText() + "/json";
            sources.addAll(Mounted.sources(session.get(path).path("Mounts")));
          }
          return sources;
        });
  }

  /// The ranges of this machine's networks.
  public Outcome<List<NodeRanges.EngineRange>> ranges() {
    return calls.seen(
        "list the networks", session -> NetworkCalls.ranges(session.get("/networks")));
  }

  /// What it has of drivers and the like; nothing is known of Podman's, which go by other names.
  public Outcome<EngineAbilities> abilities() {
    return calls.seen(
        "ask what it has",
        session ->
            session.isPodman()
                ? EngineAbilities.UNKNOWN
                : EngineInfo.abilities(session.get("/info")));
  }

  @Override
  public AutoCloseable watch(String project, Consumer<EngineEvent> listener) {
    var stream =
        new EventStream(
            calls.socket(),
            project,
            event -> {
              known.forget(event.containerId(), event.isOfOneAlone());
              listener.accept(event);
            },
            calls.deadlines().liveness(),
            calls::untilQuestion,
            EventStream.QUIET,
            calls::answers,
            calls.sessions()::dropCurrent);
    streams.add(stream);
    stream.start();
    return () -> {
      streams.remove(stream);
      stream.close();
    };
  }

  @Override
  public void close() {
    streams.forEach(EventStream::close);
    streams.clear();
    calls.close();
  }
}
