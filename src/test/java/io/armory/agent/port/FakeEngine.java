package io.armory.agent.port;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.EngineHealth;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.reconcile.driver.SystemThreads;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// An engine in memory that keeps [ContainerEngineContract] and Docker's rules: names and host
/// ports conflict, images and networks must exist, what runs cannot be removed. Thread-safe; every
/// answer is immediate unless a test says otherwise.
///
/// Three groups beside the port itself: what lies there (`image`, `put`), what the world does
/// (`dies`, `health`, `pausedByHand`, …), and faults (`unavailable`, `failNext`, `hang`, …). It
/// does not restart anything by policy: the agent is the one that restarts.
public final class FakeEngine implements ContainerEngine {
  private static final Observation.Engine ENGINE = new Observation.Engine("Docker", "fake", "1.41");

  private final Object lock = new Object();
  private final FakeEvents events = new FakeEvents();
  private final Threads threads;
  private final FakeWorld world;
  private final FakeShelf shelf = new FakeShelf();
  private final List<Action> actions = new CopyOnWriteArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private final List<Consumer<Action>> hooks = new CopyOnWriteArrayList<>();
  private final FakeLogs logs;
  private @Nullable String outage;
  private Failure.Blame outageBlame = Failure.Blame.ENGINE;
  private @Nullable Hang hang;

  private final AtomicLong looks = new AtomicLong();

  public FakeEngine() {
    this(InstantSource.system());
  }

  public FakeEngine(InstantSource clock) {
    this(clock, new SystemThreads());
  }

  /// @param threads by which actions hang, and who follows a log waits
  public FakeEngine(InstantSource clock, Threads threads) {
    this.threads = threads;
    this.logs = new FakeLogs(lock, threads);
    this.world = new FakeWorld(clock, events);
    events.alsoTell(logs::changed);
  }

  /// How the containers of a service act once started. Without a script they run, and are healthy
  /// at once when they have a healthcheck.
  public record Behaviour(EngineHealth health, boolean exits, int exitCode, boolean oomKilled) {
    public static Behaviour runs() {
      return new Behaviour(EngineHealth.HEALTHY, false, 0, false);
    }

    public static Behaviour neverHealthy() {
      return new Behaviour(EngineHealth.STARTING, false, 0, false);
    }

    public static Behaviour unhealthy() {
      return new Behaviour(EngineHealth.UNHEALTHY, false, 0, false);
    }

    public static Behaviour exits(int code) {
      return new Behaviour(EngineHealth.STARTING, true, code, false);
    }

    public static Behaviour runsOutOfMemory() {
      return new Behaviour(EngineHealth.STARTING, true, 137, true);
    }
  }

  // ---- what lies there

  /// Images that are here, and in the registry.
  public FakeEngine image(String... references) {
    synchronized (lock) {
      for (var reference : references) {
        world.images.put(reference, idOf(reference));
        world.registry.put(reference, idOf(reference));
      }
    }
    return this;
  }

  /// `docker tag`: the reference means what another one means.
  public void tag(String image, String as) {
    synchronized (lock) {
      world.images.values().forEach(world.unnamed::add);
      world.images.put(as, idOf(image));
    }
  }

  /// An image that can be pulled.
  public FakeEngine pullable(String reference) {
    return pullable(reference, idOf(reference));
  }

  /// The registry has this ID under the reference now: a moved tag.
  public FakeEngine pullable(String reference, String imageId) {
    synchronized (lock) {
      world.registry.put(reference, imageId);
    }
    return this;
  }

  /// A container as somebody else made it; host ports are those it holds while it runs.
  public void put(Observation.Container container, Set<Integer> hostPorts) {
    synchronized (lock) {
      boolean checked = container.engineHealth() != EngineHealth.NONE;
      world.containers.put(
          container.id(), new FakeContainer(container, hostPorts, checked, world.now()));
    }
  }

  public void put(Observation.ObservedNetwork network) {
    synchronized (lock) {
      world.networks.put(network.name(), network);
    }
  }

  public void put(Observation.ObservedVolume volume) {
    synchronized (lock) {
      world.volumes.put(volume.name(), volume);
    }
  }

  /// Another program of the node listens on this port.
  public void takePort(int port) {
    synchronized (lock) {
      world.portsOfOthers.add(port);
    }
  }

  public void freePort(int port) {
    synchronized (lock) {
      world.portsOfOthers.remove(port);
    }
  }

  public FakeEngine script(String service, Behaviour behaviour) {
    synchronized (lock) {
      world.scripts.put(service, behaviour);
    }
    return this;
  }

  /// The containers of a service end by SIGKILL alone.
  public void stubborn(String service) {
    synchronized (lock) {
      world.stubborn.add(service);
    }
  }

  public void logs(String containerId, String... lines) {
    synchronized (lock) {
      logs.forget(containerId);
      for (var line : lines) {
        logs.write(containerId, new LogLine(world.now(), line));
      }
    }
  }

  /// A container writes a line.
  public void writes(String name, String line) {
    synchronized (lock) {
      writes(name, new LogLine(world.now(), line));
    }
  }

  public void writes(String name, LogLine line) {
    synchronized (lock) {
      logs.write(find(name).id, line);
    }
  }

  /// How many logs are being followed.
  public int followers() {
    return logs.followers();
  }

  /// Every container of the engine, of whatever project.
  public List<Observation.Container> containers() {
    synchronized (lock) {
      return world.containers.values().stream().map(FakeContainer::observed).toList();
    }
  }

  public Observation.Container container(String name) {
    synchronized (lock) {
      return find(name).observed();
    }
  }

  /// Every action asked for, in order, those that failed included.
  public List<Action> actions() {
    return List.copyOf(actions);
  }

  // ---- what the world does; containers are given by name

  public void dies(String name, int exitCode) {
    synchronized (lock) {
      world.end(find(name), exitCode, false);
    }
  }

  public void runsOutOfMemory(String name) {
    synchronized (lock) {
      world.end(find(name), 137, true);
    }
  }

  public void health(String name, EngineHealth health) {
    synchronized (lock) {
      var container = find(name);
      container.health = health;
      events.emit(
          "health_status: " + health.name().toLowerCase(java.util.Locale.ROOT), container, "");
    }
  }

  /// `docker stop` of one that takes its time: it has had the signal, and runs on.
  public void toldToEndByHand(String name) {
    synchronized (lock) {
      events.emit("kill", find(name), "15");
    }
  }

  /// `docker kill`.
  public void killedByHand(String name) {
    synchronized (lock) {
      var container = find(name);
      events.emit("kill", container, "9");
      world.end(container, 137, false);
    }
  }

  public void restartedByHand(String name) {
    synchronized (lock) {
      world.restart(find(name).id);
    }
  }

  public void stoppedByHand(String name) {
    synchronized (lock) {
      world.stop(find(name).id);
    }
  }

  public void pausedByHand(String name) {
    synchronized (lock) {
      var container = find(name);
      container.state = State.PAUSED;
      events.emit("pause", container, "");
    }
  }

  /// `docker rm -f`.
  public void deletedByHand(String name) {
    synchronized (lock) {
      var container = find(name);
      if (container.alive()) {
        world.end(container, 137, false);
      }
      world.remove(container.id);
    }
  }

  public void networkDeletedByHand(String name) {
    synchronized (lock) {
      world.networks.remove(name);
    }
  }

  // ---- faults

  /// From now on the engine answers nothing: observations are unavailable, actions fail.
  public void unavailable(String reason) {
    unavailable(reason, Failure.Blame.ENGINE);
  }

  /// As [#unavailable], by whose fault.
  public void unavailable(String reason, Failure.Blame blame) {
    synchronized (lock) {
      outage = reason;
      outageBlame = blame;
    }
    events.stream("lost");
  }

  public void available() {
    synchronized (lock) {
      outage = null;
    }
    events.stream("connected");
  }

  /// As [#unavailable], but no stream breaks: it is halted, and only waits.
  public void halted(String reason) {
    synchronized (lock) {
      outage = reason;
    }
  }

  public void goesOn() {
    synchronized (lock) {
      outage = null;
    }
  }

  /// The next `times` matching actions fail and change nothing.
  public void failNext(int times, Predicate<Action> which, Failure failure) {
    synchronized (lock) {
      faults.add(new Fault(which, failure, false, times));
    }
  }

  /// The next `times` matching actions take effect, but the caller is told that they failed.
  public void loseAnswerOfNext(int times, Predicate<Action> which, Failure failure) {
    synchronized (lock) {
      faults.add(new Fault(which, failure, true, times));
    }
  }

  /// Matching actions block until [#release], then go on. Interrupted ones end as a timeout.
  public void hang(Predicate<Action> which) {
    synchronized (lock) {
      hang = new Hang(which, threads.semaphore(0));
    }
  }

  public void release() {
    synchronized (lock) {
      if (hang != null) {
        hang.released.release(Integer.MAX_VALUE / 2);
        hang = null;
      }
    }
  }

  /// Called before every action, outside the lock, on the caller's thread: for scripts that act at
  /// a certain moment. What it throws goes to the caller, as the end of a killed agent would.
  public void beforeEach(Consumer<Action> hook) {
    hooks.add(hook);
  }

  private record Hang(Predicate<Action> which, Semaphore released) {}

  private static final class Fault {
    final Predicate<Action> which;
    final Failure failure;
    final boolean afterwards;
    int left;

    Fault(Predicate<Action> which, Failure failure, boolean afterwards, int left) {
      this.which = which;
      this.failure = failure;
      this.afterwards = afterwards;
      this.left = left;
    }
  }

  /// It tells nobody what processor time containers use.
  public volatile boolean isStatless;

  /// How often it was asked what processor time a container has used.
  public final AtomicLong statsAsked = new AtomicLong();

  /// Services whose containers use a processor as long as they run.
  public final Set<String> working = ConcurrentHashMap.newKeySet();

  // ---- the port

  /// How often it was looked at.
  public long looks() {
    return looks.get();
  }

  @Override
  public Observation observe(Scope scope) {
    looks.incrementAndGet();
    synchronized (lock) {
      if (outage != null) {
        return new Observation.Unavailable(
            world.now(), new Failure(Failure.Kind.UNREACHABLE, outage, outageBlame));
      }
      var images = new LinkedHashMap<String, String>();
      for (var reference : scope.images()) {
        var id = world.isHere(reference) ? reference : world.images.get(reference);
        if (id != null) {
          images.put(reference, id);
        }
      }
      return new Observation.Observed(
          world.now(),
          ENGINE,
          world.containers.values().stream()
              .filter(c -> c.of(scope.project()))
              .map(FakeContainer::observed)
              .toList(),
          world.networks.values().stream()
              .filter(n ->
                  n.project().filter(scope.project()::equals).isPresent()
                      || scope.networks().contains(n.name()))
              .toList(),
          world.volumes.values().stream()
              .filter(v ->
                  v.project().filter(scope.project()::equals).isPresent()
                      || scope.volumes().contains(v.name()))
              .toList(),
          images,
          List.of());
    }
  }

  @Override
  public Outcome<String> execute(Action action, Consumer<String> progress) {
    actions.add(action);
    hooks.forEach(h -> h.accept(action));
    if (!waitWhileHung(action)) {
      return Outcome.failed(Failure.Kind.TIMEOUT, action.describe() + ": no answer");
    }
    synchronized (lock) {
      if (outage != null) {
        return Outcome.failed(Failure.Kind.UNREACHABLE, outage);
      }
      var fault = nextFault(action);
      if (fault != null && !fault.afterwards) {
        return Outcome.failed(fault.failure);
      }
      var outcome = carryOut(action, progress);
      return fault == null ? outcome : Outcome.failed(fault.failure);
    }
  }

  private boolean waitWhileHung(Action action) {
    Hang now;
    synchronized (lock) {
      now = hang;
    }
    if (now == null || !now.which.test(action)) {
      return true;
    }
    try {
      now.released.acquire();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private @Nullable Fault nextFault(Action action) {
    for (var fault : faults) {
      if (fault.left > 0 && fault.which.test(action)) {
        fault.left--;
        return fault;
      }
    }
    return null;
  }

  private Outcome<String> carryOut(Action action, Consumer<String> progress) {
    return switch (action) {
      case Action.PullImage a -> {
        progress.accept("1 of 1 layers, 100 %");
        yield world.pull(a);
      }
      case Action.CreateNetwork a -> world.create(a);
      case Action.TryNetwork _ -> Outcome.done("");
      case Action.RemoveNetwork a -> world.remove(a);
      case Action.CreateVolume a -> world.create(a);
      case Action.CreateContainer a -> world.create(a);
      case Action.StartContainer a -> world.start(a.id());
      case Action.StopContainer a -> world.stop(a.id());
      case Action.RestartContainer a -> world.restart(a.id());
      case Action.RunHooks a -> world.hooks(a);
      case Action.UnpauseContainer a -> world.unpause(a.id());
      case Action.RemoveContainer a -> world.remove(a.id());
      case Action.RenameContainer a -> world.rename(a.id(), a.newName());
      case Action.ConnectNetwork a -> world.connect(a);
      case Action.DisconnectNetwork a -> world.disconnect(a);
      case Action.SetNames a -> world.names(a);
      case Action.SetRestartPolicy a -> world.restartPolicy(a);
    };
  }

  @Override
  public Outcome<List<LogLine>> logLines(String containerId, LogRange range) {
    synchronized (lock) {
      return world.containers.containsKey(containerId)
          ? Outcome.done(logs.read(containerId, range))
          : Outcome.failed(Failure.Kind.NOT_FOUND, "no such container");
    }
  }

  @Override
  public Outcome<String> followLog(String containerId, LogRange range, LogSink sink) {
    synchronized (lock) {
      if (outage == null && !world.containers.containsKey(containerId)) {
        return Outcome.failed(Failure.Kind.NOT_FOUND, "no such container");
      }
    }
    return logs.follow(containerId, range, () -> endOfLog(containerId), sink);
  }

  private Optional<Outcome<String>> endOfLog(String containerId) {
    if (outage != null) {
      return Optional.of(Outcome.failed(Failure.Kind.UNREACHABLE, outage));
    }
    var container = world.containers.get(containerId);
    return container != null && container.alive()
        ? Optional.empty()
        : Optional.of(Outcome.done(""));
  }

  @Override
  public FakeShelf images() {
    return shelf;
  }

  /// Of what works as long as it runs; of others, always the same.
  @Override
  public Outcome<Duration> processorTime(String containerId) {
    statsAsked.incrementAndGet();
    synchronized (lock) {
      var container = world.containers.get(containerId);
      if (container == null) {
        return Outcome.failed(Failure.Kind.NOT_FOUND, "no such container");
      }
      if (container.state != State.RUNNING || container.startedAt == null || isStatless) {
        return Outcome.failed(Failure.Kind.TRANSIENT, "tells no processor time");
      }
      return Outcome.done(
          working.contains(container.service())
              ? Duration.between(container.startedAt, world.now()).plusNanos(1)
              : Duration.ofMillis(1));
    }
  }

  @Override
  public Outcome<ExecResult> exec(String containerId, ExecRequest request) {
    synchronized (lock) {
      var container = world.containers.get(containerId);
      if (container == null) {
        return Outcome.failed(Failure.Kind.NOT_FOUND, "no such container");
      }
      return container.state == State.RUNNING
          ? Outcome.done(new ExecResult(0, ""))
          : Outcome.failed(Failure.Kind.CONFLICT, container.name + " does not run");
    }
  }

  @Override
  public AutoCloseable watch(String project, Consumer<EngineEvent> listener) {
    return events.subscribe(project, listener);
  }

  @Override
  public void close() {
    release();
  }

  private FakeContainer find(String name) {
    var container = world.named(name);
    if (container == null) {
      throw new IllegalArgumentException("the fake engine has no container " + name);
    }
    return container;
  }

  private static String idOf(String reference) {
    return "sha256:%064x".formatted(reference.hashCode() & 0xffffffffL);
  }
}
