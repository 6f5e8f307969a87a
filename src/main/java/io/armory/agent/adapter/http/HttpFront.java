package io.armory.agent.adapter.http;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.Control;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// Everything the agent serves, on two event loops: one for the health port, one for the control
/// socket, so that no operator's question can delay a load balancer's.
public final class HttpFront implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 10;

  private final Vertx vertx;
  private final List<ControlSocket> claims = new CopyOnWriteArrayList<>();

  private HttpFront(Vertx vertx) {
    this.vertx = vertx;
  }

  public static HttpFront open() {
    // Neither server looks a name up, and Netty's resolver costs 20 ms to start.
    System.setProperty("vertx.disableDnsResolver", "true");
    var options =
        new VertxOptions()
            .setEventLoopPoolSize(2)
            .setWorkerPoolSize(1)
            .setInternalBlockingPoolSize(1)
            .setBlockedThreadCheckInterval(60_000)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setClassPathResolvingEnabled(false)
                    .setFileCachingEnabled(false));
    return new HttpFront(Vertx.builder().with(options).withTransport(new GatedTransport()).build());
  }

  /// Opens the health port. Answers only ever come from what `reports` has at hand.
  ///
  /// @param address an IP address; `0.0.0.0` is every interface
  /// @param port 0: any free one
  /// @param settingsFile named in the error when the port is taken
  /// @return the port
  public Outcome<Integer> serveHealth(
      String address, int port, Path settingsFile, HealthSources sources) {
    var server = new HealthServer(vertx, sources).listen(address, port);
    return switch (await(server)) {
      case Outcome.Done<Integer> done -> done;
      case Outcome.Failed<Integer> failed ->
          bindFailure(failed.failure(), address, port, settingsFile);
    };
  }

  /// What the health port's answers are made of.
  ///
  /// @param measured adds to a report what services use, for the answers that tell it; does not
  ///   wait
  /// @param events the last of them, for the page
  /// @param details who reaches the port may read what operators do
  public record HealthSources(
      Supplier<HealthReport> reports,
      UnaryOperator<HealthReport> measured,
      Metrics metrics,
      InstantSource clock,
      Supplier<List<AgentEvent>> events,
      boolean details) {

    HealthSources(
        Supplier<HealthReport> reports,
        UnaryOperator<HealthReport> measured,
        Metrics metrics,
        InstantSource clock) {
      this(reports, measured, metrics, clock, List::of, false);
    }
  }

  /// Opens the control socket in a directory only root and the group `armory-agent` may enter.
  /// Fails with [Failure.Kind#CONFLICT] when another agent serves it.
  public Outcome<Path> serveControl(Path socket, Control control, InstantSource clock) {
    return switch (ControlSocket.claim(socket)) {
      case Outcome.Failed<ControlSocket> failed -> Outcome.failed(failed.failure());
      case Outcome.Done<ControlSocket>(var claimed) ->
          switch (await(new ControlServer(vertx, control, clock).listen(socket))) {
            case Outcome.Failed<Path> failed -> {
              claimed.close();
              yield failed;
            }
            case Outcome.Done<Path> _ -> {
              claims.add(claimed);
              yield claimed.open();
            }
          };
    };
  }

  private static Outcome<Integer> bindFailure(
      Failure failure, String address, int port, Path settingsFile) {
    if (!PortOwner.isListening(address, port)) {
      return Outcome.failed(
          Failure.Kind.INVALID,
          "cannot listen on %s port %d: %s; change http.address or http.port in %s"
              .formatted(address, port, failure.message(), settingsFile));
    }
    var owner = PortOwner.of(port).map(o -> "taken by " + o).orElse("taken by another program");
    return Outcome.failed(
        Failure.Kind.PORT_TAKEN,
        "port %d is %s; stop it, or change http.port in %s".formatted(port, owner, settingsFile));
  }

  private static <T> Outcome<T> await(Future<T> future) {
    try {
      return Outcome.done(
          future.toCompletionStage().toCompletableFuture().get(DEADLINE_SECONDS, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      return Outcome.failed(Failure.Kind.TRANSIENT, String.valueOf(cause.getMessage()));
    } catch (TimeoutException e) {
      return Outcome.failed(Failure.Kind.TIMEOUT, "no answer in 10 s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Outcome.failed(Failure.Kind.TIMEOUT, "interrupted");
    }
  }

  @Override
  public void close() {
    var _ = await(vertx.close());
    claims.forEach(ControlSocket::close);
  }
}
