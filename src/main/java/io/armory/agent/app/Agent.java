package io.armory.agent.app;

import io.armory.agent.adapter.aws.AwsClients;
import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.adapter.docker.DockerEngine;
import io.armory.agent.adapter.docker.images.KeptLines;
import io.armory.agent.adapter.docker.images.SignedImages;
import io.armory.agent.adapter.files.ControlGroups;
import io.armory.agent.adapter.files.DiskNodeFiles;
import io.armory.agent.adapter.files.Journal;
import io.armory.agent.adapter.files.LeaseFile;
import io.armory.agent.adapter.files.NodeHost;
import io.armory.agent.adapter.files.StateOwner;
import io.armory.agent.adapter.http.HttpFront;
import io.armory.agent.adapter.http.Metrics;
import io.armory.agent.adapter.probe.SocketProbe;
import io.armory.agent.adapter.probe.SpinnakerWork;
import io.armory.agent.adapter.probe.WorkingProbe;
import io.armory.agent.adapter.redis.RedisClient;
import io.armory.agent.adapter.systemd.Notifier;
import io.armory.agent.cli.Exit;
import io.armory.agent.cli.Version;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.Environment;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.DataContainers;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.reconcile.ReconcilerSettings;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import io.armory.agent.reconcile.driver.SystemThreads;
import io.armory.agent.reconcile.election.LeaseTimes;
import io.armory.agent.reconcile.images.ImageGarbageCollector;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The daemon, wired by hand. The health port is open before any container is touched.
final class Agent {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.agent");
  private static final Duration LOOK_EVERY = Duration.ofSeconds(15);

  private final AgentConfig config;
  private final Environment environment;
  private final InstantSource clock = InstantSource.system();
  private final AtomicReference<Path> engineData = new AtomicReference<>(NodeHost.USUAL);

  private final AgentEnd end = new AgentEnd();

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
      if (!agent.end.isMistaken()) {
        return code;
      }
      LOG.warn("starts anew: what it began with is another machine's");
    }
  }

  private int run(Consumer<String> problems) {
    return switch (KeptState.open(config, environment, clock)) {
      case Outcome.Failed<KeptState>(var failure) -> refuse(failure, problems);
      case Outcome.Done<KeptState>(var kept) -> run(kept, problems);
    };
  }

  /// What is kept is of another machine, as IMDS says only now: all begins anew, without it.
  private Optional<String> contradicts(StateOwner owner, String instance) {
    var why = owner.contradicts(instance);
    why.ifPresent(w -> {
      LOG.error("{}", w);
      end.mistaken();
    });
    return why;
  }

  private int run(KeptState state, Consumer<String> problems) {
    var metrics = new Metrics();
    try (var front = HttpFront.open();
        var sources =
            new NodeSources(
                config,
                state.digestKey(),
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
      sources.knownBefore(state.before());
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

  private ReconcilerPorts parts(
      DockerEngine engine,
      NodeSources sources,
      KeptState state,
      JournalLog journal,
      Metrics metrics,
      Notifier notifier) {
    var codec =
        new RevisionCodec(
            config.project(), NodeSources.composeFile(config).toString(), state.digestKey());
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
            state.sealed(),
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
      end.await(loop, lifecycle, notifier, config, environment);
    }
    return Exit.DONE;
  }

  /// What was read of `agent.yaml` is in order. All that can go wrong after it may pass: a disk is
  /// emptied, an address comes, a key is put right. So systemd tries again.
  private static int refuse(Failure failure, Consumer<String> problems) {
    problems.accept(failure.message());
    return Exit.FAILED;
  }
}
