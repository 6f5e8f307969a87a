package io.armory.agent.app;

import io.armory.agent.adapter.aws.AwsClients;
import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.adapter.docker.DockerEngine;
import io.armory.agent.adapter.docker.images.KeptLines;
import io.armory.agent.adapter.docker.images.SignedImages;
import io.armory.agent.adapter.files.ControlGroups;
import io.armory.agent.adapter.files.DiskNodeFiles;
import io.armory.agent.adapter.files.DiskStateStore;
import io.armory.agent.adapter.files.Journal;
import io.armory.agent.adapter.files.LeaseFile;
import io.armory.agent.adapter.files.MachineMarks;
import io.armory.agent.adapter.files.NodeHost;
import io.armory.agent.adapter.files.SealedBox;
import io.armory.agent.adapter.files.SealedStateStore;
import io.armory.agent.adapter.files.ShutStateStore;
import io.armory.agent.adapter.files.StateOwner;
import io.armory.agent.adapter.http.HttpFront;
import io.armory.agent.adapter.http.Metrics;
import io.armory.agent.adapter.probe.SocketProbe;
import io.armory.agent.adapter.probe.SpinnakerWork;
import io.armory.agent.adapter.probe.WorkingProbe;
import io.armory.agent.adapter.redis.RedisClient;
import io.armory.agent.adapter.systemd.Notifier;
import io.armory.agent.adapter.systemd.SystemState;
import io.armory.agent.cli.Exit;
import io.armory.agent.cli.Version;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.Environment;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Owner;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.DataContainers;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.port.StateStore;
import io.armory.agent.reconcile.ReconcilerSettings;
import io.armory.agent.reconcile.desired.CachedNodeFacts;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import io.armory.agent.reconcile.driver.SystemThreads;
import io.armory.agent.reconcile.election.LeaseTimes;
import io.armory.agent.reconcile.images.ImageGarbageCollector;
import io.armory.agent.reconcile.intent.PersistedState;
import io.armory.agent.reconcile.lifecycle.ShutdownDrain;
import io.armory.agent.reconcile.operator.OperatorApi;
import io.armory.agent.reconcile.shared.ClusterPorts;
import io.armory.agent.reconcile.shared.TurnSettings;
import io.armory.agent.reconcile.turn.TurnTimes;
import io.armory.agent.render.RevisionCodec;
import io.armory.agent.sources.NodeSources;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The daemon, wired by hand. The health port is open before any container is touched.
final class Agent {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.agent");
  private static final Duration LOOK_EVERY = Duration.ofSeconds(15);
  private static final Duration STOP_MORE = Duration.ofSeconds(30);

  private final AgentConfig config;
  private final Environment environment;
  private final InstantSource clock = InstantSource.system();
  private final AtomicReference<Path> engineData = new AtomicReference<>(NodeHost.USUAL);

  /// What was claimed when the agent started is another machine's after all.
  private final AtomicBoolean mistaken = new AtomicBoolean();

  private volatile Runnable end = () -> {};

  private Agent(AgentConfig config, Environment environment) {
    this.config = config;
    this.environment = environment;
  }

  /// Runs until the process is told to end.
  ///
  /// @param problems where to say, one line each, why it cannot run
  /// @return the exit code
  static int run(AgentConfig config, Environment environment, Consumer<String> problems) {
    while (true) {
      var agent = new Agent(config, environment);
      var code = agent.run(problems);
      if (!agent.mistaken.get()) {
        return code;
      }
      LOG.warn("starts anew: what it began with is another machine's");
    }
  }

  private int run(Consumer<String> problems) {
    var state = new DiskStateStore(config.paths().state(), clock, LOG::error);
    var owner = new StateOwner(state, config.paths().lease(), clock);
    var ready =
        owner
            .claim(self(owner))
            .flatMap(aside ->
                NodeKeys.digestKey(state)
                    .map(key -> keys(state, key))
                    .map(keys -> new State(state, owner, aside.map(Agent::notUsed), keys)));
    return switch (ready) {
      case Outcome.Failed<State>(var failure) -> refuse(failure, problems);
      case Outcome.Done<State>(var kept) -> run(kept, problems);
    };
  }

  /// IMDS is waited for only where something is kept that may be another's.
  private Owner self(StateOwner owner) {
    return NodeSources.owner(config, MachineMarks.OF_THIS, owner.isAnythingKept());
  }

  /// What is kept is of another machine, as IMDS says only now: all begins anew, without it.
  private Optional<String> contradicts(StateOwner owner, String instance) {
    var why = owner.contradicts(instance);
    why.ifPresent(w -> {
      LOG.error("{}", w);
      mistaken.set(true);
      end.run();
    });
    return why;
  }

  private static AgentEvent notUsed(StateOwner.SetAside aside) {
    LOG.warn("{}", aside.message());
    var what = "what " + aside.by() + " kept is not used";
    return new AgentEvent(aside.at(), "state", "", what, aside.message(), null);
  }

  /// What is kept, and is this machine's.
  ///
  /// @param notUsed said of what is another's
  private record State(
      DiskStateStore store, StateOwner owner, Optional<AgentEvent> notUsed, Keys keys) {}

  /// @param digest keys the digests of secrets
  /// @param sealed keeps what holds secrets
  private record Keys(String digest, StateStore sealed) {}

  /// Without a fit key nothing is sealed or opened; what was sealed before is left as it is.
  private Keys keys(DiskStateStore state, String digest) {
    if (!config.secrets().keepLastKnownGood()) {
      return new Keys(digest, new SealedStateStore(state, Optional.empty()));
    }
    return switch (SealedBox.open(config.paths().sealKey(), environment.credentialsDirectory())) {
      case Outcome.Done<SealedBox>(var box) -> {
        LOG.info("seals the last known good by key {}, {}", box.keyId(), box.keyOrigin());
        yield new Keys(digest, new SealedStateStore(state, Optional.of(box)));
      }
      case Outcome.Failed<SealedBox>(var failure) -> {
        LOG.warn("runs without a copy of the last known good: {}", failure.message());
        yield new Keys(digest, new ShutStateStore(failure));
      }
    };
  }

  private int run(State state, Consumer<String> problems) {
    var metrics = new Metrics();
    try (var front = HttpFront.open();
        var sources =
            new NodeSources(
                config,
                state.keys().digest(),
                AwsOptions.STANDARD.withCalls(
                    (what, failed, took) -> metrics.askedAws(what, !failed, took)));
        var engine =
            DockerEngine.open(
                config.docker().socket(),
                sources.credentials(environment.dockerConfig()),
                environment.root(),
                KeptLines.in(config.paths().state().resolve("pulled-images")),
                signed(sources.credentials(environment.dockerConfig())));
        var journal = new JournalLog(Journal.open(config.paths().state()))) {
      var notifier = new Notifier(environment.notifySocket());
      state.notUsed().ifPresent(journal::append);
      sources.confirmBy(instance -> contradicts(state.owner(), instance));
      sources.knownBefore(before(state));
      var _ = sources.besides(engine::ranges, engine::abilities);
      var parts = parts(engine, sources, state, journal, metrics, notifier);
      return serve(front, parts, sources, metrics, notifier, engine.data(), problems);
    } catch (IOException e) {
      problems.accept("cannot use " + config.paths().state() + ": " + e.getMessage());
      return Exit.FAILED;
    }
  }

  private Optional<SignedImages> signed(RegistryCredentials credentials) {
    var kept = KeptLines.in(config.paths().state().resolve("signed-images"));
    return config.images().verifyKey().map(key -> new SignedImages(key, kept, credentials));
  }

  /// What cannot be read is reported where all of the state is.
  private static Optional<NodeIdentity> before(State state) {
    return switch (new PersistedState(state.store()).facts()) {
      case Outcome.Done<Optional<CachedNodeFacts>>(var kept) -> kept.map(CachedNodeFacts::identity);
      case Outcome.Failed<Optional<CachedNodeFacts>> _ -> Optional.empty();
    };
  }

  private ReconcilerPorts parts(
      DockerEngine engine,
      NodeSources sources,
      State state,
      JournalLog journal,
      Metrics metrics,
      Notifier notifier) {
    var codec =
        new RevisionCodec(
            config.project(), NodeSources.composeFile(config).toString(), state.keys().digest());
    return new ReconcilerPorts(
        new ReconcilerSettings(
            Version.current(),
            config.project(),
            config.rollout().timeout(),
            config.rollout().bake(),
            config.rollout().approval(),
            config.repair().backoff(),
            LOOK_EVERY,
            config.parameters().pollInterval(),
            config.repair().window()),
        new TriedEngine(
            new SingleOwnerEngine(
                new MaskingEngine(engine, sources.secrets()),
                config.paths(),
                NodeSources.composeFile(config).toString()),
            new StartTrial(engine::published)::obstacle),
        new MaskingProbe(
            new WorkingProbe(new SocketProbe(), new SpinnakerWork()), sources.secrets()),
        sources.sources(),
        new DiskNodeFiles(
            Map.of(config.paths().rendered(), 0755, config.paths().secrets(), 0700),
            engine::mounted),
        state.store(),
        new KeptRevision(
            state.keys().sealed(),
            codec,
            r -> sources.secrets().learn(r, config.paths().secrets().toString()),
            state.owner()),
        journal,
        clock,
        // Starts anywhere, and nobody sets it.
        () -> Instant.EPOCH.plusNanos(System.nanoTime()),
        new SystemThreads(),
        new Random(),
        new HostReport(
            host(),
            NodeHost::freeMemory,
            () -> sources.aws().flatMap(AwsClients::clockBehind),
            clock),
        metrics,
        notifier::watchdog,
        Optional.of(shared()));
  }

  private NodeHost host() {
    return new NodeHost(config.paths().state(), engineData::get, config.health().disk());
  }

  private ClusterPorts shared() {
    return new ClusterPorts(
        new RedisClient(),
        new LeaseFile(config.paths().lease()),
        // Idle until a revision has services that are elected: a parameter may ask for it later.
        Optional.of(new LeaseTimes(config.election().lease())),
        Optional.of(
            TurnSettings.of(
                TurnTimes.USUAL,
                config.rollout().maxUnavailable(),
                config.drain().loadBalancer(),
                config.rollout().bake())));
  }

  private int serve(
      HttpFront front,
      ReconcilerPorts parts,
      NodeSources sources,
      Metrics metrics,
      Notifier notifier,
      DataContainers data,
      Consumer<String> problems) {
    var loop = new ReconcilerDriver(parts);
    var usage = new ControlGroups();
    var health =
        front.serveHealth(
            config.http().address(),
            config.http().port(),
            config.paths().agentYaml(),
            new HttpFront.HealthSources(
                loop::report,
                usage::measured,
                metrics,
                loop.clock(),
                () -> parts.events().since(Instant.EPOCH, 200),
                config.http().details()));
    if (health.whyFailed().isPresent()) {
      return refuse(health.whyFailed().get(), problems);
    }
    var lifecycle = new NodeLifecycle(loop, parts, sources, config, loop.poller());
    var backups = new NodeBackups(loop, parts, sources, config, data);
    var desk =
        new OperatorApi(loop, parts, lifecycle.drainer(), config.drain().timeout(), usage, backups);
    var control = front.serveControl(config.paths().controlSocket(), desk, clock);
    if (control.whyFailed().isPresent()) {
      return refuse(control.whyFailed().get(), problems);
    }
    LOG.info("armory-agent {} serves health on port {}", Version.current(), config.http().port());
    var images =
        new ImageGarbageCollector(
            loop,
            parts,
            host()::engineDisk,
            directory -> engineData.set(Path.of(directory)),
            config.health().disk());
    loop.start();
    lifecycle.start();
    images.start();
    var alerts = NodeAlerts.of(loop, parts, sources, config);
    alerts.start();
    backups.start(desk);
    var heap = HeapCare.ofOwn();
    heap.start();
    try (lifecycle;
        images;
        alerts;
        backups;
        heap) {
      awaitEnd(loop, lifecycle, notifier);
    }
    return Exit.DONE;
  }

  private void awaitEnd(ReconcilerDriver loop, NodeLifecycle lifecycle, Notifier notifier) {
    var told = new CountDownLatch(1);
    end = told::countDown;
    if (mistaken.get()) {
      told.countDown();
    }
    var ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  told.countDown();
                  try {
                    ended.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    try {
      tell(loop, notifier, told);
      if (mistaken.get()) {
        LOG.info("the stack is left as it is meanwhile");
      } else if (environment.notifySocket().isPresent() && SystemState.isStopping()) {
        LOG.info("ends with the node");
        new ShutdownDrain(loop, lifecycle.drainer(), new SystemThreads())
            .run(config.drain().timeout(), doing -> notifier.stopsLater(STOP_MORE, doing));
      } else {
        LOG.info("ends; the stack keeps running");
      }
      if (!mistaken.get()) {
        notifier.stopping("handing the stack over to the engine");
      }
      loop.close();
    } finally {
      ended.countDown();
    }
  }

  /// Tells systemd how it stands until the process is to end: READY once the first look was taken.
  private static void tell(ReconcilerDriver loop, Notifier notifier, CountDownLatch told) {
    var said = "";
    var ready = false;
    try {
      do {
        var report = loop.report();
        var status = status(report);
        if (!ready && report.engine().isPresent()) {
          ready = true;
          notifier.ready(status);
        } else if (!status.equals(said)) {
          notifier.status(status);
        }
        said = status;
      } while (!told.await(ready ? 5 : 1, java.util.concurrent.TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String status(HealthReport report) {
    return (report.ready().holds() ? "ready: " : "not ready: ") + report.ready().reason();
  }

  /// What was read of `agent.yaml` is in order. All that can go wrong after it may pass: a disk is
  /// emptied, an address comes, a key is put right. So systemd tries again.
  private static int refuse(Failure failure, Consumer<String> problems) {
    problems.accept(failure.message());
    return Exit.FAILED;
  }
}
