package io.armory.agent.reconcile.simulation;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.ProbeResult.Standing;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.health.SlowStart.Seen;
import io.armory.agent.port.FakeEngine;
import io.armory.agent.port.NodeFiles;
import io.armory.agent.port.StateStore;
import io.armory.agent.port.Telemetry;
import io.armory.agent.reconcile.CorePorts;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effect.ProbeTarget;
import io.armory.agent.reconcile.Message;
import io.armory.agent.reconcile.Reconciler;
import io.armory.agent.reconcile.ReconcilerSettings;
import io.armory.agent.reconcile.desired.RevisionArchive;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.reconcile.driver.SystemThreads;
import io.armory.agent.reconcile.shared.ClusterState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One node: the core, driven in virtual time, between an engine, sources and a disk in memory.
/// What takes time on a real node takes time here.
final class SimulatedNode {
  static final Duration POLL = Duration.ofSeconds(60);
  private static final Fact FACT = new Fact("standalone", "simulation");

  final VirtualTime time = new VirtualTime();
  final FakeEngine engine = new FakeEngine(time::wall);
  private final long seed;
  private final boolean traced;
  private final Map<String, Integer> drawn = new HashMap<>();
  final Workload workload;
  final List<String> trace = new ArrayList<>();
  final Invariants invariants = new Invariants(this);

  // ---- faults, turned by hand

  /// The engine answers nothing, and every call to it waits for its deadline.
  boolean halted;

  boolean eventsLost;
  boolean registryAway;
  boolean diskFull;
  boolean sourcesAway;

  /// Some probes are answered late, though in time.
  boolean slowProbes;

  /// How far names are set, of four calls to the engine, when the agent is killed meanwhile.
  int namesSet = 4;

  int namesBrokenOff;

  /// Of an agent that starts from now on.
  Approval approval = Approval.AUTO;

  /// What the sources say.
  Revision desired = SimulatedStack.revision(0);

  private final Map<String, byte[]> kept = new HashMap<>();
  private Optional<Revision> archived = Optional.empty();
  private Optional<Revision> begun = Optional.empty();
  private @Nullable Agent agent;
  private int lives;
  private Runnable onStart = () -> {};
  int passes;
  int actions;

  /// @param traced what happens is to be told
  SimulatedNode(long seed, boolean traced) {
    this.traced = traced;
    this.seed = seed;
    this.workload = new Workload(this);
    engine.watch(
        "spinnaker",
        event -> {
          workload.heard(event);
          var told = agent;
          if (told != null && !eventsLost) {
            time.in(between("event", 1, 50), () -> told.deliver(new Message.EngineSpoke(event)));
          }
        });
  }

  void startAgent() {
    if (agent == null) {
      agent = new Agent(++lives);
      onStart.run();
      agent.begin();
    }
  }

  /// SIGKILL.
  void killAgent() {
    agent = null;
  }

  /// How often the agent was started.
  int starts() {
    return lives;
  }

  /// What happens whenever the agent is started from now on.
  void onStart(Runnable happens) {
    onStart = happens;
  }

  boolean isAgentUp() {
    return agent != null;
  }

  Optional<Reconciler> core() {
    return Optional.ofNullable(agent).map(a -> a.core);
  }

  Optional<HealthReport> report() {
    return core().map(Reconciler::report);
  }

  /// Somebody asks for something on the agent's control socket.
  void ask(Runnable task) {
    var told = agent;
    if (told != null) {
      told.deliver(new Message.Asked(task));
    }
  }

  void sync() {
    var told = agent;
    if (told != null) {
      told.deliver(new Message.Asked(() -> told.core.inputs().refresh()));
    }
  }

  /// A duration at random, drawn for something by its name: what else is drawn meanwhile, and in
  /// which order, changes nothing about it, so that a seed is the same life in every process.
  Duration between(String what, long leastMillis, long mostMillis) {
    var times = drawn.merge(what, 1, Integer::sum);
    var mixed = new Random(seed * 31 + what.hashCode() * 1_000_003L + times);
    mixed.nextLong();
    return Duration.ofMillis(mixed.nextLong(leastMillis, mostMillis + 1));
  }

  /// @param what happened, as the trace of a life tells it, which is seldom wanted
  void note(Supplier<String> what) {
    if (traced) {
      trace.add("%6d s  %s".formatted(time.passed().toSeconds(), what.get()));
    }
  }

  /// One process of the agent, from its start to its end.
  private final class Agent {
    private final int life;
    private final Reconciler core;
    private final Queue<Message> mailbox = new ArrayDeque<>();
    private Map<String, ProbeTarget> targets = Map.of();
    private boolean awake;
    private boolean readingSources;
    private int beats;

    Agent(int life) {
      this.life = life;
      this.core =
          new Reconciler(
              new CorePorts(
                  settings(),
                  new Disk(),
                  new Archive(),
                  new Files(),
                  Telemetry.NONE,
                  new Random(seed)),
              new ClusterState(Optional.empty(), m -> {}, time::wall, new SystemThreads()),
              time.tick());
    }

    boolean lives() {
      return agent == this && life == lives;
    }

    void begin() {
      perform(core.begin(time.tick()));
      deliver(new Message.EngineSpoke(new FakeEngine.EngineEvent("connected", "", "", "")));
    }

    void deliver(Message message) {
      if (!lives()) {
        return;
      }
      mailbox.add(message);
      if (!(message instanceof Message.Probed probed && probed.confirms()) && !awake) {
        awake = true;
        time.in(Duration.ZERO, this::pass);
      }
    }

    private void pass() {
      if (!lives()) {
        return;
      }
      awake = false;
      passes++;
      for (var message = mailbox.poll(); message != null && lives(); message = mailbox.poll()) {
        invariants.before(message);
        perform(core.handle(message, time.tick()));
      }
      if (lives()) {
        perform(core.advance(time.tick()));
        invariants.check(core);
        var beat = ++beats;
        time.in(
            core.untilWake().plusMillis(1),
            () -> {
              if (beat == beats && !awake) {
                pass();
              }
            });
      }
    }

    private void perform(List<Effect> effects) {
      for (var effect : effects) {
        if (lives()) {
          perform(effect);
          invariants.afterEffect(effect);
        }
      }
    }

    private void perform(Effect effect) {
      switch (effect) {
        case Effect.Observe observe -> look(observe);
        case Effect.Execute(var step) -> execute(step);
        case Effect.PullAhead(var revision) ->
            later(
                between("pull ahead", 100, 5000),
                () ->
                    new Message.PulledAhead(
                        revision.id(),
                        registryAway
                            ? Outcome.failed(Failure.Kind.UNREACHABLE, "registry is away")
                            : Outcome.done("here")));
        case Effect.Kill(var action) ->
            time.in(between("kill", 50, 200), () -> engine.execute(action, l -> {}));
        case Effect.AimProbes(var now) -> aim(now);
        case Effect.SeeStart see ->
            later(
                between("see " + see.containerId(), 20, 200),
                () ->
                    new Message.StartSeen(
                        see.containerId(),
                        see.startedAt(),
                        new Seen(
                            see.now(),
                            workload.processorTime(see.containerId()),
                            Optional.empty())));
        case Effect.ReadHealth read ->
            later(
                between("health " + read.containerId(), 5, 50),
                () -> new Message.HealthRead(read.containerId(), "{\"status\":\"DOWN\"}"));
        case Effect.ReadEvidence read ->
            later(
                halted
                    ? Duration.ofSeconds(10)
                    : between("evidence " + read.draft().service(), 20, 300),
                () -> new Message.EvidenceRead(read.draft().with("", List.of("last words"))));
        case Effect.ReadLogs read ->
            later(
                between("logs " + read.service(), 20, 300),
                () -> new Message.LogsRead(read.service(), read.failedAt(), List.of("last words")));
        case Effect.FollowSources _ -> readSources();
        case Effect.ReadSources _ -> time.in(between("sync", 1, 20), this::readNow);
        case Effect.Write write -> {
          // Begun in order; each takes the same time, so that they end in order, too.
          time.in(
              Duration.ofMillis(20),
              () -> {
                if (lives()) {
                  var outcome = write.write().get();
                  deliver(new Message.Asked(() -> write.ended().accept(outcome)));
                }
              });
        }
        case Effect.Log(_, var line) -> note(() -> "  log: " + line);
        case Effect.Notify(var event) -> note(() -> "  event: " + said(event));
        case Effect.Answer(var answer) -> answer.run();
        case Effect.Publish(var report, _) -> invariants.published(report);
      }
    }

    private static String said(AgentEvent event) {
      return event.kind() + " " + event.subject() + " " + event.what() + " (" + event.why() + ")";
    }

    private void later(Duration delay, Supplier<Message> message) {
      time.in(delay, () -> deliver(message.get()));
    }

    private void look(Effect.Observe wanted) {
      if (halted) {
        later(
            Duration.ofSeconds(3),
            () ->
                new Message.Looked(
                    wanted.sequence(),
                    new Observation.Unavailable(
                        time.wall(), new Failure(Failure.Kind.TIMEOUT, "no answer within 3 s")),
                    host()));
        return;
      }
      var all = between("look", 10, 150);
      time.in(
          all.dividedBy(2),
          () -> {
            var seen = engine.observe(wanted.scope());
            later(all.dividedBy(2), () -> new Message.Looked(wanted.sequence(), seen, host()));
          });
    }

    private void execute(Plan.Step step) {
      actions++;
      var action = step.action();
      invariants.launched(step, core);
      if (halted) {
        var began = time.steady();
        later(
            Duration.ofSeconds(30),
            () ->
                new Message.Acted(
                    step,
                    Outcome.failed(Failure.Kind.TIMEOUT, "no answer within 30 s"),
                    Duration.between(began, time.steady())));
        return;
      }
      var took = workload.durationOf(action);
      // What the engine was asked for happens, whether or not the agent is there to hear of it.
      time.in(
          took,
          () -> {
            var wasFound = workload.isFound(action.subject());
            Outcome<String> outcome =
                action instanceof Action.PullImage && registryAway
                    ? Outcome.failed(Failure.Kind.UNREACHABLE, "registry is away")
                    : carriedOut(action);
            note(() ->
                "  "
                    + action.describe()
                    + (outcome.whyFailed().map(f -> " FAILED: " + f.message()).orElse(""))
                    + " ("
                    + step.cause()
                    + ")");
            if (wasFound && !workload.isFound(action.subject())) {
              invariants.lost(step, core);
            }
            deliver(new Message.Acted(step, outcome, took));
          });
    }

    private Outcome<String> carriedOut(Action action) {
      return !lives() && namesSet < 4 && action instanceof Action.SetNames set
          ? brokenOff(set)
          : engine.execute(action, line -> deliver(new Message.Progressed(action.subject(), line)));
    }

    /// Who runs is paused, loses its place on the network, gets another there, and goes on.
    private Outcome<String> brokenOff(Action.SetNames set) {
      namesBrokenOff++;
      var isPaused = set.address().isPresent() && namesSet > 0;
      if (namesSet == 2) {
        engine.execute(
            new Action.DisconnectNetwork(
                set.service(), set.name(), set.id(), set.network(), set.networkId()),
            _ -> {});
      } else if (namesSet == 3) {
        engine.execute(set, _ -> {});
      }
      if (isPaused) {
        engine.pausedByHand(set.name());
      }
      return Outcome.done("");
    }

    private void aim(Map<String, ProbeTarget> now) {
      var before = targets;
      targets = now;
      now.forEach((id, target) -> {
        if (!target.equals(before.get(id))) {
          time.in(between("aim " + id, 1, 100), () -> probe(id, target, false));
        }
      });
    }

    private void probe(String id, ProbeTarget target, boolean wasHealthy) {
      if (!lives() || !target.equals(targets.get(id))) {
        return;
      }
      var silent = workload.standing(id) == Standing.SILENT;
      var took = silent ? target.spec().timeout() : answersIn(target.spec().timeout());
      time.in(
          took,
          () -> {
            if (!lives() || !target.equals(targets.get(id))) {
              return;
            }
            var standing = silent ? Standing.SILENT : workload.standing(id);
            var healthy = standing == Standing.WELL;
            deliver(
                new Message.Probed(
                    id,
                    target.startedAt(),
                    new ProbeResult(standing, healthy ? "200" : standing.name(), took),
                    wasHealthy && healthy));
            var pause = healthy ? target.spec().interval() : Duration.ofSeconds(2);
            time.in(pause.plus(between("probe " + id, 0, 500)), () -> probe(id, target, healthy));
          });
    }

    /// At once, but one answer in eight where probes are slow.
    private Duration answersIn(Duration timeout) {
      return slowProbes && between("slow", 0, 7).isZero()
          ? between("answer", 100, timeout.toMillis() - 1)
          : Duration.ofMillis(2);
    }

    private void readSources() {
      if (lives()) {
        readNow();
        time.in(POLL.plus(between("poll", 0, 6000)), this::readSources);
      }
    }

    private void readNow() {
      if (!lives() || readingSources) {
        return;
      }
      readingSources = true;
      deliver(new Message.SourcesBegun());
      var away = sourcesAway;
      var said = desired;
      later(
          away ? Duration.ofSeconds(5) : between("reading", 50, 1500),
          () -> {
            readingSources = false;
            return new Message.SourcesRead(
                away
                    ? new Sources.Reading(
                        Optional.empty(),
                        Parameters.NONE,
                        new Sources.Unreadable(new Problem("ssm", "answers 500", "")))
                    : new Sources.Reading(
                        Optional.of(identity()), Parameters.NONE, new Sources.Ready(said)));
          });
    }
  }

  private static HealthReport.Host host() {
    return new HealthReport.Host(1, List.of());
  }

  private static NodeIdentity identity() {
    return new NodeIdentity(
        FACT,
        Optional.of(FACT),
        FACT,
        Map.of(NodeIdentity.INSTANCE_ID, new Fact("i-1", "simulation")),
        Map.of(),
        List.of());
  }

  private ReconcilerSettings settings() {
    return new ReconcilerSettings(
        "simulation",
        "spinnaker",
        Duration.ofMinutes(10),
        Duration.ofSeconds(60),
        approval,
        new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
        Duration.ofSeconds(10),
        POLL,
        Duration.ofMinutes(15));
  }

  private Outcome<String> unlessFull(Runnable write) {
    if (diskFull) {
      return Outcome.failed(Failure.Kind.NO_ROOM, "no space left on device");
    }
    write.run();
    return Outcome.done("");
  }

  private final class Disk implements StateStore {
    @Override
    public Outcome<Optional<byte[]>> load(String name) {
      return Outcome.done(Optional.ofNullable(kept.get(name)));
    }

    @Override
    public Outcome<String> save(String name, byte[] content) {
      return unlessFull(() -> kept.put(name, content));
    }

    @Override
    public Outcome<String> delete(String name) {
      kept.remove(name);
      return Outcome.done("");
    }
  }

  private final class Archive implements RevisionArchive {
    @Override
    public Outcome<String> begin(Revision revision) {
      return unlessFull(() -> begun = Optional.of(revision));
    }

    @Override
    public Outcome<Optional<Revision>> begun() {
      return Outcome.done(begun);
    }

    @Override
    public Outcome<String> keep(Revision revision) {
      return unlessFull(() -> archived = Optional.of(revision));
    }

    @Override
    public Outcome<Optional<Revision>> recall() {
      return Outcome.done(archived);
    }
  }

  private final class Files implements NodeFiles {
    @Override
    public Outcome<String> put(List<RenderedFile> files) {
      return unlessFull(() -> {});
    }

    @Override
    public boolean has(List<RenderedFile> files) {
      return true;
    }
  }
}
