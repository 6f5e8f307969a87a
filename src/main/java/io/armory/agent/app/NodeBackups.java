package io.armory.agent.app;

import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.adapter.aws.S3Objects;
import io.armory.agent.adapter.docker.DockerEngine;
import io.armory.agent.adapter.files.NodeHost;
import io.armory.agent.adapter.probe.Front50Objects;
import io.armory.agent.adapter.redis.RedisDump;
import io.armory.agent.backup.Backup;
import io.armory.agent.backup.BackupTimer;
import io.armory.agent.backup.Delivery;
import io.armory.agent.backup.NodeStores;
import io.armory.agent.backup.Restore;
import io.armory.agent.cli.Version;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.S3Address;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.BackupVault;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.Control;
import io.armory.agent.port.DataContainers;
import io.armory.agent.port.EventLog;
import io.armory.agent.port.RegistryCredentials;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import io.armory.agent.sources.NodeSources;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Wires backups and their way back, of the daemon and of the command.
final class NodeBackups implements Control.Restoring, AutoCloseable {
  /// Digests are not shown, so any key does.
  private static final String NO_KEY = "";

  private final Optional<BackupTimer> timer;
  private final Restore restore;
  private final EventLog events;
  private final InstantSource clock;

  /// Of the daemon.
  NodeBackups(
      ReconcilerDriver loop,
      ReconcilerPorts parts,
      NodeSources sources,
      AgentConfig config,
      DataContainers data) {
    this.events = parts.events();
    this.clock = parts.clock();
    this.restore =
        new Restore(
            new Restore.Parts(
                config.paths().restores(),
                () -> stores(loop, parts.engine()),
                data,
                new Front50Objects(),
                new RedisDump(),
                parts.state(),
                parts.events(),
                parts.clock(),
                parts.threads(),
                said -> loop.ask(() -> loop.core().aside("restore", said))));
    this.timer =
        config
            .backup()
            .every()
            .map(every ->
                new BackupTimer(
                    new BackupTimer.Parts(
                        delivery(
                            data,
                            () -> vault(sources, loop.report().node().identity()),
                            config.paths().backups().resolve("sending")),
                        () -> stores(loop, parts.engine()),
                        loop::report,
                        parts.state(),
                        parts.events(),
                        parts.clock(),
                        parts.threads(),
                        report -> loop.ask(() -> loop.core().backup(report)),
                        said -> loop.ask(() -> loop.core().aside("backup", said))),
                    config.backup(),
                    every));
  }

  @Override
  public CompletableFuture<Outcome<String>> begin(
      Control desk, Control.RestoreRequest request, Consumer<String> progress) {
    return restore.begin(desk, request, progress);
  }

  @Override
  public void made(String address, String by) {
    events.append(
        new AgentEvent(
            clock.instant(), "backup", "", "backup made", address + ", by hand of " + by, null));
    timer.ifPresent(t -> t.madeByHand(address));
  }

  /// @param desk by which an interrupted restore is ended
  void start(Control desk) {
    restore.start(desk);
    timer.ifPresent(BackupTimer::start);
  }

  private static Optional<NodeStores> stores(ReconcilerDriver loop, ContainerEngine engine) {
    return loop.revision().flatMap(r -> stores(engine, r, loop.report().node().identity()));
  }

  private static Optional<NodeStores> stores(
      ContainerEngine engine, Revision revision, Optional<NodeIdentity> identity) {
    var scope = new ContainerEngine.Scope(revision.stack().project(), Set.of(), Set.of(), Set.of());
    return engine.observe(scope) instanceof Observation.Observed observed
        ? Optional.of(NodeStores.of(observed, revision, identity, NodeHost.name()))
        : Optional.empty();
  }

  private static Delivery delivery(
      DataContainers data, Supplier<Optional<BackupVault>> vault, Path scratch) {
    return new Delivery(
        new Backup(Version.current(), data, new Front50Objects(), new RedisDump()), vault, scratch);
  }

  private static Optional<BackupVault> vault(NodeSources sources, Optional<NodeIdentity> identity) {
    return sources.aws().map(clients -> new S3Objects(clients, identity));
  }

  // ---------------------------------------------------------------- the command

  /// Makes one now, with the rights of who asks.
  static Outcome<String> make(AgentConfig config, Optional<String> to, Consumer<String> progress) {
    try (var sources = new NodeSources(config, NO_KEY, AwsOptions.STANDARD);
        var engine = DockerEngine.open(config.docker().socket(), RegistryCredentials.ANONYMOUS)) {
      var reading = sources.besides(engine::ranges, engine::abilities).sources().read();
      if (!(reading.made() instanceof Sources.Ready(var revision))) {
        return Outcome.failed(
            Failure.Kind.INVALID, "no backup: this node has no role; see armory-agent doctor");
      }
      var stores = stores(engine, revision, reading.identity());
      if (stores.isEmpty()) {
        return Outcome.failed(
            Failure.Kind.UNREACHABLE,
            "no backup: the engine cannot be read; see armory-agent doctor");
      }
      var delivery =
          delivery(
              engine.data(),
              () -> vault(sources, reading.identity()),
              config.paths().backups().resolve("sending"));
      return delivery
          .make(stores.get(), to.orElse(config.paths().backups() + "/"), Instant.now(), progress)
          .map(d -> d.address() + "\n" + d.words());
    }
  }

  /// Puts an archive where the daemon takes it from.
  ///
  /// @return its name there
  static Outcome<String> stage(AgentConfig config, String from, Consumer<String> progress) {
    try (var sources = new NodeSources(config, NO_KEY, AwsOptions.STANDARD)) {
      return Delivery.fetch(
          () -> vault(sources, sources.sources().read().identity()),
          config.paths().restores(),
          from,
          progress);
    }
  }

  /// Puts a file of the node into S3.
  static Outcome<String> send(AgentConfig config, Path file, S3Address to) {
    try (var sources = new NodeSources(config, NO_KEY, AwsOptions.STANDARD)) {
      return Delivery.send(() -> vault(sources, sources.sources().read().identity()), file, to);
    }
  }

  @Override
  public void close() {
    timer.ifPresent(BackupTimer::close);
    restore.close();
  }
}
