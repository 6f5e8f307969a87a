package io.armory.agent.adapter.docker;

import com.github.dockerjava.api.DockerClient;
import io.armory.agent.adapter.docker.create.ContainerCalls;
import io.armory.agent.adapter.docker.create.ContainerCreation;
import io.armory.agent.adapter.docker.create.EngineInfo;
import io.armory.agent.adapter.docker.create.InstalledCompose;
import io.armory.agent.adapter.docker.create.NetworkCalls;
import io.armory.agent.adapter.docker.create.NetworkTrial;
import io.armory.agent.adapter.docker.create.NetworkingBody;
import io.armory.agent.adapter.docker.create.VolumeCalls;
import io.armory.agent.adapter.docker.events.EventStream;
import io.armory.agent.adapter.docker.exec.ContainerExec;
import io.armory.agent.adapter.docker.exec.ContainerHooks;
import io.armory.agent.adapter.docker.http.DeadlineCalls;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.http.Sessions;
import io.armory.agent.adapter.docker.images.ImagePull;
import io.armory.agent.adapter.docker.images.KeptLines;
import io.armory.agent.adapter.docker.images.SignedImages;
import io.armory.agent.adapter.docker.logs.ContainerLogs;
import io.armory.agent.adapter.docker.logs.LogConnection;
import io.armory.agent.adapter.docker.observe.Mounted;
import io.armory.agent.adapter.docker.observe.ObservationCache;
import io.armory.agent.adapter.docker.observe.ProjectLook;
import io.armory.agent.domain.EngineAbilities;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.NodeRanges;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Service.Hook;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.DataContainers;
import io.armory.agent.port.ImageShelf;
import io.armory.agent.port.RegistryCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
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

  private static final int MAX_CALLS = 48;

  /// For a call about networks, and what it has to wait for.
  private static final Duration TURN = Duration.ofSeconds(5);

  private final Path socket;
  private final RegistryCredentials credentials;
  private final Deadlines deadlines;
  private final InstantSource clock;
  private final Sessions sessions;
  private final DeadlineCalls calls = new DeadlineCalls(MAX_CALLS);
  private final NetworkTurn turn = new NetworkTurn(TURN);
  private final ObservationCache known = new ObservationCache();
  private final InstalledCompose compose;
  private final KeptLines pulled;
  private final Optional<SignedImages> signed;
  private final Semaphore logTurn = new Semaphore(1, true);
  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

  /// When the engine last answered anything, by `System.nanoTime`.
  private volatile long answeredAt;

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
    this.signed = signed;
    this.socket = socket;
    this.credentials = credentials;
    this.deadlines = deadlines;
    this.clock = clock;
    this.compose = new InstalledCompose(root);
    this.sessions = new Sessions(socket);
    this.answeredAt = System.nanoTime() - deadlines.betweenQuestions().toNanos();
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
    return new ProjectLook(session, scope, known, calls, clock.instant(), deadlines.look);
  }

  private Observation look(Sessions.Call<Observation> look) {
    try {
      return ask(deadlines.look, look);
    } catch (EngineException e) {
      known.forget();
      return new Observation.Unavailable(clock.instant(), e.unread());
    }
  }

  /// As long after its last answer to anything as passes between two questions; after a question
  /// that was not answered, from then on.
  private Duration untilQuestion() {
    var left = leftUntilQuestion();
    return left.isPositive() ? left : deadlines.betweenQuestions();
  }

  /// Not positive when a question is due.
  private Duration leftUntilQuestion() {
    return Duration.ofNanos(answeredAt - System.nanoTime()).plus(deadlines.betweenQuestions());
  }

  /// On a connection that is there, as it is asked all the time; not asked at all when something
  /// else was answered since the last question was due.
  private boolean answers() {
    if (leftUntilQuestion().isPositive()) {
      return true;
    }
    try {
      ask(
          deadlines.liveness,
          session -> {
            session.run(DockerClient::pingCmd);
            return true;
          });
      return true;
    } catch (EngineException e) {
      return false;
    }
  }

  /// Asks again when the engine broke off: after its restart the first call meets an old socket.
  private <T> T ask(Duration deadline, Sessions.Call<T> question) throws EngineException {
    var patience = new DeadlineCalls.Patience(deadline);
    try {
      return call(patience, question);
    } catch (EngineException e) {
      if (e.kind() != Failure.Kind.UNREACHABLE || !sessions.wasOpen()) {
        throw e;
      }
      return call(patience, question);
    }
  }

  @Override
  public Outcome<String> execute(Action action, Consumer<String> progress) {
    try {
      return Outcome.done(inTurn(action, progress));
    } catch (EngineException e) {
      return Outcome.failed(e.failure(action.describe()));
    } finally {
      known.forget();
    }
  }

  /// What stops a container may last for minutes, and waits for nobody.
  private String inTurn(Action action, Consumer<String> progress) throws EngineException {
    return switch (action) {
      case Action.SetNames _ -> turn.alone(() -> carryOut(action, progress));
      case Action.StartContainer _,
          Action.CreateContainer _,
          Action.RemoveContainer _,
          Action.ConnectNetwork _,
          Action.DisconnectNetwork _,
          Action.CreateNetwork _,
          Action.TryNetwork _,
          Action.RemoveNetwork _ ->
          turn.among(() -> carryOut(action, progress));
      case Action.PullImage _,
          Action.CreateVolume _,
          Action.StopContainer _,
          Action.RestartContainer _,
          Action.RunHooks _,
          Action.UnpauseContainer _,
          Action.RenameContainer _,
          Action.SetRestartPolicy _ ->
          carryOut(action, progress);
    };
  }

  private String carryOut(Action action, Consumer<String> progress) throws EngineException {
    if (action instanceof Action.CreateContainer create) {
      createTrusted(create);
    } else if (action instanceof Action.StartContainer start) {
      startTrusted(start.id());
    } else if (action instanceof Action.RestartContainer restart) {
      startTrusted(restart.id());
    }
    return switch (action) {
      case Action.PullImage a -> pull(a, progress);
      case Action.CreateNetwork a -> act(s -> NetworkCalls.create(s, a));
      case Action.TryNetwork a -> effect(s -> NetworkTrial.run(s, a));
      case Action.RemoveNetwork a -> effect(s -> NetworkCalls.remove(s, a));
      case Action.CreateVolume a -> act(s -> VolumeCalls.create(s, a));
      case Action.CreateContainer a ->
          act(s -> new ContainerCreation(s, a, compose.release()).create());
      case Action.StartContainer a -> effect(s -> ContainerCalls.start(s, a.id()));
      case Action.StopContainer a ->
          stopping(a.name(), a.id(), a.grace(), a.preStop(), ContainerCalls::stop);
      case Action.RestartContainer a ->
          stopping(a.name(), a.id(), a.grace(), a.preStop(), ContainerCalls::restart);
      case Action.RunHooks a ->
          effect(deadlines.hooks, s -> ContainerHooks.postStart(s, a.id(), a.hooks()));
      case Action.UnpauseContainer a -> effect(s -> ContainerCalls.unpause(s, a.id()));
      case Action.RemoveContainer a -> effect(s -> ContainerCalls.remove(s, a));
      case Action.RenameContainer a -> effect(s -> ContainerCalls.rename(s, a));
      case Action.ConnectNetwork a -> effect(s -> connect(s, a));
      case Action.DisconnectNetwork a -> effect(s -> NetworkCalls.disconnect(s, a));
      case Action.SetNames a -> effect(s -> NetworkCalls.names(s, a));
      case Action.SetRestartPolicy a -> effect(s -> ContainerCalls.restartPolicy(s, a));
    };
  }

  /// Also between two looks a tag may move: what counts is the image that the container has. One
  /// that runs is not stopped for want of a signature, and so not restarted either.
  private void startTrusted(String id) throws EngineException {
    if (signed.isPresent()) {
      var container = act(s -> s.get("/containers/" + id + "/json"));
      trusted(container.path("Image").asText(), container.path("Config").path("Image").asText());
    }
  }

  /// The planned image; only where that is gone, the name decides.
  private void createTrusted(Action.CreateContainer create) throws EngineException {
    var container = create.service().container();
    trustedAsPlanned(create.imageId(), container.image());
    for (var mount : container.storage().imageMounts().toList()) {
      trustedAsPlanned(Objects.requireNonNullElse(mount.imageId(), mount.image()), mount.image());
    }
  }

  private void trustedAsPlanned(String id, String name) throws EngineException {
    try {
      trusted(id, name);
    } catch (EngineException e) {
      if (e.status() != 404) {
        throw e;
      }
      trusted(name, name);
    }
  }

  /// @param image as the engine is asked for it
  /// @param name as people know it
  private void trusted(String image, String name) throws EngineException {
    if (signed.isPresent()) {
      signed.get().check(name, act(s -> s.get(Paths.image(image, "/json"))));
    }
  }

  private static void connect(Session session, Action.ConnectNetwork a) throws EngineException {
    var endpoint = NetworkingBody.endpoint(a.service(), a.name(), a.attachment());
    if (!session.isPodman()) {
      endpoint.put("NetworkID", a.networkId());
    }
    NetworkCalls.connect(session, a.networkId(), a.id(), endpoint);
  }

  private String pull(Action.PullImage pull, Consumer<String> progress) throws EngineException {
    var patience = new DeadlineCalls.Patience(deadlines.pullSilence);
    var id =
        call(
            patience,
            session ->
                new ImagePull(session, credentials, pull)
                    .pull(line -> {
                      patience.signOfLife();
                      progress.accept(line);
                    }));
    pulled.add(id);
    trusted(id, pull.image());
    return id;
  }

  @Override
  public Outcome<List<LogLine>> logLines(String containerId, LogRange range) {
    return outcome("logs of " + containerId, s -> new ContainerLogs(s, containerId).read(range));
  }

  @Override
  public Outcome<String> followLog(String containerId, LogRange range, LogSink sink) {
    try {
      LogConnection.follow(socket, containerId, range, logTurn, sink);
      return Outcome.done("");
    } catch (EngineException e) {
      return Outcome.failed(e.failure("logs of " + containerId));
    }
  }

  @Override
  public Outcome<Duration> processorTime(String containerId) {
    return outcome(
        "processor time of " + containerId, s -> ContainerCalls.processorTime(s, containerId));
  }

  @Override
  public Outcome<ExecResult> exec(String containerId, ExecRequest request) {
    try {
      var patience = new DeadlineCalls.Patience(request.deadline());
      return Outcome.done(call(patience, s -> ContainerExec.run(s, containerId, request)));
    } catch (EngineException e) {
      return Outcome.failed(e.failure("run " + request.command().getFirst()));
    }
  }

  @Override
  public ImageShelf images() {
    return new EngineShelf(this, pulled);
  }

  /// The data of the stores that run on it.
  public DataContainers data() {
    return new EngineData(this);
  }

  /// A call that may take as long as it goes on: it is given up after a silence as of a pull.
  ///
  /// @param what the attempt in words
  <T> Outcome<T> lasting(String what, EngineData.Lasting<T> call) {
    var patience = new DeadlineCalls.Patience(deadlines.pullSilence);
    try {
      return Outcome.done(call(patience, s -> call.run(s, patience::signOfLife)));
    } catch (EngineException e) {
      return Outcome.failed(e.failure(what));
    }
  }

  /// One question to the engine.
  ///
  /// @param what the attempt in words
  <T> Outcome<T> outcome(String what, Sessions.Call<T> question) {
    try {
      return Outcome.done(act(question));
    } catch (EngineException e) {
      return Outcome.failed(e.failure(what));
    }
  }

  /// Host ports that the running containers of a project hold.
  public Outcome<Set<Integer>> published(String project) {
    var ours = Query.of("filters", "{\"label\":[\"com.docker.compose.project=" + project + "\"]}");
    try {
      return Outcome.done(
          ask(
              deadlines.look,
              session -> {
                var ports = new HashSet<Integer>();
                for (var container : session.get("/containers/json" + ours)) {
                  container.path("Ports").forEach(p -> ports.add(p.path("PublicPort").asInt()));
                }
                return ports;
              }));
    } catch (EngineException e) {
      return Outcome.failed(e.failure("list the ports of project " + project));
    }
  }

  /// The paths on the node that any container mounts, whoever made it and in whatever state it is.
  public Outcome<Set<String>> mounted() {
    try {
      return Outcome.done(
          ask(
              deadlines.look,
              session -> {
                var sources = new HashSet<String>();
                for (var listed : session.get("/containers/json" + Query.of("all", "1"))) {
                  var path = "/containers/" + listed.path("Id").asText() + "/json";
                  sources.addAll(Mounted.sources(session.get(path).path("Mounts")));
                }
                return sources;
              }));
    } catch (EngineException e) {
      return Outcome.failed(e.failure("list what containers mount"));
    }
  }

  /// The ranges of this machine's networks.
  public Outcome<List<NodeRanges.EngineRange>> ranges() {
    try {
      return Outcome.done(
          ask(deadlines.look, session -> NetworkCalls.ranges(session.get("/networks"))));
    } catch (EngineException e) {
      return Outcome.failed(e.failure("list the networks"));
    }
  }

  /// What it has of drivers and the like; nothing is known of Podman's, which go by other names.
  public Outcome<EngineAbilities> abilities() {
    try {
      return Outcome.done(
          ask(
              deadlines.look,
              session ->
                  session.isPodman()
                      ? EngineAbilities.UNKNOWN
                      : EngineInfo.abilities(session.get("/info"))));
    } catch (EngineException e) {
      return Outcome.failed(e.failure("ask what it has"));
    }
  }

  @Override
  public AutoCloseable watch(String project, Consumer<EngineEvent> listener) {
    var stream =
        new EventStream(
            socket,
            project,
            event -> {
              known.forget(event.containerId(), event.isOfOneAlone());
              listener.accept(event);
            },
            deadlines.liveness,
            this::untilQuestion,
            EventStream.QUIET,
            this::answers,
            sessions::dropCurrent);
    streams.add(stream);
    stream.start();
    return () -> {
      streams.remove(stream);
      stream.close();
    };
  }

  private interface Effect {
    void on(Session session) throws EngineException;
  }

  private <T> T act(Sessions.Call<T> call) throws EngineException {
    return call(new DeadlineCalls.Patience(deadlines.act), call);
  }

  private String effect(Effect effect) throws EngineException {
    return effect(deadlines.act, effect);
  }

  private interface Stop {
    void on(Session session, String id, Duration grace) throws EngineException;
  }

  private String stopping(String name, String id, Duration grace, List<Hook> preStop, Stop stop)
      throws EngineException {
    ContainerHooks.preStop(calls, sessions, name, id, grace, preStop);
    return effect(grace.plus(deadlines.stopMargin), s -> stop.on(s, id, grace));
  }

  private String effect(Duration deadline, Effect effect) throws EngineException {
    return call(
        new DeadlineCalls.Patience(deadline),
        session -> {
          effect.on(session);
          return "";
        });
  }

  private <T> T call(DeadlineCalls.Patience patience, Sessions.Call<T> call)
      throws EngineException {
    try {
      var answer = calls.within(patience, () -> sessions.use(call));
      answeredAt = System.nanoTime();
      return answer;
    } catch (EngineException e) {
      if (e.kind() == Failure.Kind.TIMEOUT) {
        sessions.dropCurrent();
        throw withAddress(e);
      }
      throw e;
    }
  }

  private EngineException withAddress(EngineException e) {
    return new EngineException(e.kind(), "Docker Engine at " + socket + ": " + e.getMessage());
  }

  @Override
  public void close() {
    streams.forEach(EventStream::close);
    streams.clear();
    sessions.close();
  }
}
