package io.armory.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.port.Control;
import io.armory.agent.port.EventLog;
import io.armory.agent.port.FakeEngine;
import io.armory.agent.port.FakeStateStore;
import io.armory.agent.port.NodeFiles;
import io.armory.agent.port.Probe;
import io.armory.agent.port.Telemetry;
import io.armory.agent.port.Threads;
import io.armory.agent.port.UsageMeter;
import io.armory.agent.reconcile.desired.RevisionArchive;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import io.armory.agent.reconcile.driver.SystemThreads;
import io.armory.agent.reconcile.election.PollerDuty;
import io.armory.agent.reconcile.lifecycle.DrainController;
import io.armory.agent.reconcile.operator.OperatorApi;
import io.armory.agent.reconcile.shared.ClusterPorts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// A whole node on an engine in memory, with probes, sources and state the test turns by hand, in
/// stepped time: it passes while the test waits, and no other.
public final class Rig implements AutoCloseable {
  /// A wait for something that does not come.
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  private static final Duration LOOK = Duration.ofMillis(100);

  private final Threads threads;
  public final InstantSource time;
  public final FakeEngine engine;
  public final Set<String> sick = ConcurrentHashMap.newKeySet();

  /// Services whose port is not open.
  public final Set<String> closed = ConcurrentHashMap.newKeySet();

  /// Services that say that they are on their way.
  final Set<String> loading = ConcurrentHashMap.newKeySet();

  /// Held while things are done in one moment.
  private final Semaphore probing;

  public final Map<String, byte[]> state = new ConcurrentHashMap<>();

  /// Why nothing can be written there.
  volatile Optional<Failure> stateFails = Optional.empty();

  public final Map<String, Revision> remembers = new ConcurrentHashMap<>();
  public final List<AgentEvent> events = new CopyOnWriteArrayList<>();
  volatile Sources.Made made =
      new Sources.Unreadable(new io.armory.agent.domain.Problem("test", "nothing yet", ""));

  /// What every container answers in full.
  volatile String body = "";

  volatile Outcome<String> filesPut = Outcome.done("");

  /// What the containers of a revision need is on the node, though nothing more may have room.
  volatile boolean filesThere;

  public volatile Optional<Revision> archived = Optional.empty();
  public volatile Optional<Revision> begun = Optional.empty();

  /// Why the archive cannot be read.
  volatile Optional<Failure> unrecalled = Optional.empty();

  public final FakeWork workload = new FakeWork();
  final FakeDuty poller = new FakeDuty();
  public volatile InstantSource clock;

  /// The engine goes by the agent's clock, when that is turned.
  public volatile boolean engineFollows;

  /// Empty: all that the clock is turned by is time that passes.
  public volatile Optional<InstantSource> steady = Optional.empty();

  volatile Duration window = Duration.ofMinutes(15);

  /// Of an agent that starts from now on.
  volatile Duration bake = Duration.ZERO;

  /// Of an agent that starts from now on.
  public volatile Approval approval = Approval.AUTO;

  /// Of an agent that starts from now on.
  volatile Duration pollEvery = Duration.ofMillis(100);

  /// Sources that hang answer when this is completed.
  volatile CompletableFuture<Void> mayRead = CompletableFuture.completedFuture(null);

  /// How often the loop has thought.
  public final AtomicLong thoughts = new AtomicLong();

  private final String instance;
  private final Optional<ClusterPorts> shared;
  private final Duration loadBalancer;
  public ReconcilerDriver loop;
  public DrainController drainer;
  public ReconcilerPorts parts;
  public OperatorApi desk;

  public Rig(Duration rolloutTimeout) {
    this(rolloutTimeout, Duration.ZERO);
  }

  /// @param loadBalancer so long a drained node's services go on
  public Rig(Duration rolloutTimeout, Duration loadBalancer) {
    this(new SteppedThreads(), rolloutTimeout, "i-1", Optional.empty(), loadBalancer);
  }

  /// A node that is one of several, in one time with them.
  Rig(SteppedThreads time, Duration rolloutTimeout, String instance, ClusterPorts shared) {
    this(time, rolloutTimeout, instance, Optional.of(shared), Duration.ZERO);
  }

  /// A node on the machine's own threads and time, for a real Redis.
  public static Rig inRealTime(
      Duration rolloutTimeout, String instance, Optional<ClusterPorts> shared) {
    return new Rig(new SystemThreads(), rolloutTimeout, instance, shared, Duration.ZERO);
  }

  private Rig(
      Threads threads,
      Duration rolloutTimeout,
      String instance,
      Optional<ClusterPorts> shared,
      Duration loadBalancer) {
    this.threads = threads;
    this.time = threads instanceof SteppedThreads stepped ? stepped : InstantSource.system();
    this.clock = time;
    this.engine = new FakeEngine(this::enginesTime, threads);
    this.probing = threads.semaphore(1);
    this.instance = instance;
    this.shared = shared;
    this.loadBalancer = loadBalancer;
    parts = parts(rolloutTimeout);
    loop = new ReconcilerDriver(parts);
    drainer = new DrainController(loop, parts, duty(), workload, loadBalancer);
    desk =
        new OperatorApi(
            loop, parts, drainer, Duration.ofMinutes(30), UsageMeter.NONE, new NothingIsRestored());
  }

  /// A new agent on the same node.
  public void restart(Duration rolloutTimeout) {
    drainer.close();
    loop.close();
    parts = parts(rolloutTimeout);
    loop = new ReconcilerDriver(parts);
    drainer = new DrainController(loop, parts, duty(), workload, loadBalancer);
    desk =
        new OperatorApi(
            loop, parts, drainer, Duration.ofMinutes(30), UsageMeter.NONE, new NothingIsRestored());
    loop.start();
    drainer.start();
  }

  /// Starts the agent on a node with the images of [TestStacks#withOrca] in two versions, and waits
  /// until it runs the first.
  public void startWithOrca() {
    for (var s : List.of("redis", "orca", "gate")) {
      engine.image("image/" + s + ":1", "image/" + s + ":2");
    }
    give(TestStacks.withOrca("r1", "1"));
    loop.start();
    drainer.start();
    awaitSteady();
  }

  private PollerDuty duty() {
    return shared.isPresent() ? loop.poller() : poller;
  }

  private Instant enginesTime() {
    return (engineFollows ? clock : time).instant();
  }

  public void images(String version) {
    for (var s : List.of("redis", "front50", "gate")) {
      engine.image("image/" + s + ":" + version);
    }
  }

  public void give(Revision revision) {
    made = new Sources.Ready(revision);
  }

  /// What a container of an image carries, so that [#sick] can name one version of a service.
  String idOf(String image) {
    var scope = new Scope("x", Set.of(image), Set.of(), Set.of());
    var observed = (Observed) engine.observe(scope);
    return Objects.requireNonNull(observed.images().get(image));
  }

  /// Does several things in one moment, as the probes see it.
  void atOnce(Runnable... things) {
    probing.acquireUninterruptibly();
    List.of(things).forEach(Runnable::run);
    probing.release();
  }

  public HealthReport report() {
    return loop.report();
  }

  public Optional<ServiceReport> service(String name) {
    return report().services().stream().filter(s -> s.name().equals(name)).findFirst();
  }

  public boolean isReady() {
    return report().ready().holds();
  }

  /// What passes whatever [#clock] is set to.
  public Instant now() {
    return time.instant();
  }

  /// A clock for this node that is turned by hand.
  public TurnedClock turned() {
    return new TurnedClock(time);
  }

  public void until(BooleanSupplier condition) {
    assertThat(waited(condition, PATIENCE)).as(() -> "it comes true: " + report()).isTrue();
  }

  public void untilAsserted(Runnable assertion) {
    waited(() -> holds(assertion), PATIENCE);
    assertion.run();
  }

  private static boolean holds(Runnable assertion) {
    try {
      assertion.run();
      return true;
    } catch (AssertionError e) {
      return false;
    }
  }

  /// It stays so.
  public void during(Duration time, BooleanSupplier condition) {
    assertThat(waited(() -> !condition.getAsBoolean(), time)).as(() -> "" + report()).isFalse();
  }

  /// So much time passes.
  public void passes(Duration time) {
    try {
      threads.sleep(time);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Looks as often as Awaitility does, and as late for the first time.
  private boolean waited(BooleanSupplier condition, Duration most) {
    for (var end = now().plus(most); now().isBefore(end); ) {
      passes(LOOK);
      if (condition.getAsBoolean()) {
        return true;
      }
    }
    return false;
  }

  /// What comes of it.
  public <T> T answer(CompletableFuture<T> future) {
    until(future::isDone);
    return future.join();
  }

  /// Runs what waits on a thread of its own.
  public CompletableFuture<Void> beside(Runnable task) {
    return CompletableFuture.runAsync(task, t -> threads.start("beside", t));
  }

  /// Until the node serves and the loop has nothing left to do. Starts with a revision, where there
  /// are the images of these versions.
  public void startSteady(Revision revision, String... versions) {
    for (var version : versions) {
      images(version);
    }
    give(revision);
    startSteady();
  }

  public void startSteady() {
    loop.start();
    awaitSteady();
  }

  public void awaitSteady() {
    until(() -> isReady() && report().phase() == Phase.STEADY);
  }

  /// How often a service was restarted, as the report tells.
  public int restarts(String service) {
    return service(service).map(ServiceReport::restarts).orElse(0);
  }

  /// How far the drain is.
  Optional<Drain.Step> step() {
    return report().lifecycle().drain().map(Drain::step);
  }

  void awaitStep(Drain.Step step) {
    until(() -> step().equals(Optional.of(step)));
  }

  /// The services whose containers were stopped, in order.
  List<String> stops() {
    return subjects(Action.StopContainer.class);
  }

  /// What actions of a kind were done to, in order.
  public List<String> subjects(Class<? extends Action> kind) {
    return engine.actions().stream().filter(kind::isInstance).map(Action::subject).toList();
  }

  /// How many containers were created of an image.
  public long subjectsOf(String image) {
    return engine.actions().stream()
        .filter(a ->
            a instanceof Action.CreateContainer create
                && create.service().container().image().equals(image))
        .count();
  }

  private ReconcilerPorts parts(Duration rolloutTimeout) {
    return new ReconcilerPorts(
        new ReconcilerSettings(
            "test",
            TestStacks.PROJECT,
            rolloutTimeout,
            bake,
            approval,
            new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
            Duration.ofSeconds(5),
            pollEvery,
            window),
        engine,
        new NamedProbe(),
        new Sources(this::identify, List.of(), (i, p) -> made),
        new Files(),
        new FakeStateStore(state, () -> stateFails),
        new Archive(),
        new Events(),
        () -> clock.instant(),
        () -> steady.orElse(clock).instant(),
        threads,
        new Random(1),
        () -> new HealthReport.Host(1, List.of()),
        new Thoughts(),
        () -> {},
        shared);
  }

  private Outcome<NodeIdentity> identify() {
    try {
      threads.get(mayRead, Duration.ofHours(1));
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      Thread.currentThread().interrupt();
    }
    return Outcome.done(identity());
  }

  private NodeIdentity identity() {
    var fact = new Fact("standalone", "test");
    return new NodeIdentity(
        fact,
        Optional.of(fact),
        fact,
        Map.of(NodeIdentity.INSTANCE_ID, new Fact(instance, "test")),
        Map.of(),
        List.of(NodeIdentity.Look.at("agent.yaml")));
  }

  private final class Thoughts implements Telemetry {
    @Override
    public void probed(String service, ProbeResult result) {}

    @Override
    public void acted(Action action, boolean done, Duration took) {}

    @Override
    public void reconciled(Duration took) {
      thoughts.incrementAndGet();
    }

    @Override
    public void askedAws(String operation, boolean answered, Duration took) {}
  }

  /// Answers for whichever container has the address.
  private final class NamedProbe implements Probe {
    @Override
    public ProbeResult ask(String address, ProbeSpec spec) {
      boolean ill;
      probing.acquireUninterruptibly();
      try {
        var asked =
            engine.containers().stream()
                .filter(c ->
                    c.networks().values().stream().anyMatch(e -> address.equals(e.ipAddress())))
                .toList();
        if (asked.stream().anyMatch(c -> closed.contains(c.service()))) {
          return new ProbeResult(ProbeResult.Standing.CLOSED, "connection refused", Duration.ZERO);
        }
        if (asked.stream().anyMatch(c -> loading.contains(c.service()))) {
          return new ProbeResult(ProbeResult.Standing.STARTING, "loads its data", Duration.ZERO);
        }
        ill =
            asked.stream()
                .anyMatch(c ->
                    sick.contains(c.service())
                        || sick.contains(c.imageId())
                        || sick.contains(c.name()));
      } finally {
        probing.release();
      }
      return new ProbeResult(!ill, !ill, ill ? "no answer" : "200", Duration.ZERO);
    }

    @Override
    public String body(String address, ProbeSpec spec) {
      return body;
    }
  }

  private final class Files implements NodeFiles {
    @Override
    public Outcome<String> put(List<RenderedFile> files) {
      return filesPut;
    }

    @Override
    public boolean has(List<RenderedFile> files) {
      return filesThere;
    }
  }

  private final class Archive implements RevisionArchive {
    private final Map<String, Revision> remembered = remembers;

    @Override
    public Outcome<String> remember(Revision revision) {
      remembered.put(revision.id(), revision);
      return Outcome.done("");
    }

    @Override
    public Outcome<Optional<Revision>> recall(String id) {
      return Outcome.done(Optional.ofNullable(remembered.get(id)));
    }

    @Override
    public Outcome<String> forget(String id) {
      remembered.remove(id);
      return Outcome.done("");
    }

    @Override
    public Outcome<String> begin(Revision revision) {
      begun = Optional.of(revision);
      return Outcome.done("");
    }

    @Override
    public Outcome<Optional<Revision>> begun() {
      return Outcome.done(begun);
    }

    @Override
    public Outcome<String> keep(Revision revision) {
      archived = Optional.of(revision);
      return Outcome.done("");
    }

    @Override
    public Outcome<Optional<Revision>> recall() {
      return unrecalled
          .<Outcome<Optional<Revision>>>map(Outcome::failed)
          .orElseGet(() -> Outcome.done(archived));
    }
  }

  private final class Events implements EventLog {
    @Override
    public void append(AgentEvent event) {
      events.add(event);
    }

    @Override
    public List<AgentEvent> since(Instant from, int limit) {
      return events.stream().filter(e -> !e.at().isBefore(from)).toList();
    }
  }

  @Override
  public void close() {
    mayRead.complete(null);
    drainer.close();
    loop.close();
    if (threads instanceof SteppedThreads stepped) {
      stepped.close();
    }
  }

  private static final class NothingIsRestored implements Control.Restoring {
    @Override
    public void made(String address, String by) {}

    @Override
    public CompletableFuture<Outcome<String>> begin(
        Control desk, Control.RestoreRequest request, Consumer<String> progress) {
      return new CompletableFuture<>();
    }
  }
}
