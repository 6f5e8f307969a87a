package io.armory.agent.adapter.http;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Control;
import io.armory.agent.port.Control.ApproveRequest;
import io.armory.agent.port.Control.RestoreRequest;
import io.armory.agent.port.Control.RollbackRequest;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.view.Json;
import io.armory.agent.view.ReportJson;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The commands of the control socket. Each is handed to the agent and answered by a stream that
/// ends with what came of it. A client that goes away does not end the command.
record Commands(Vertx vertx, Control control, Connections connections) {
  private static final Duration SYNC_TIMEOUT = Duration.ofMinutes(30);

  void routes(Router routes) {
    route(routes, "/v1/sync", this::sync);
    route(routes, "/v1/rollback", this::rollback);
    route(routes, "/v1/approve", this::approve);
    route(
        routes,
        "/v1/stop",
        asked -> control.stop(asked.names("service"), asked.by(), line -> progress(asked, line)));
    route(
        routes,
        "/v1/start",
        asked -> control.start(asked.names("service"), asked.by(), line -> progress(asked, line)));
    route(
        routes,
        "/v1/restart",
        asked ->
            control.restart(asked.names("service"), asked.by(), line -> progress(asked, line)));
    route(routes, "/v1/pull", asked -> control.pull(line -> progress(asked, line)));
    route(routes, "/v1/maintenance", this::maintenance);
    route(routes, "/v1/drain", this::drain);
    route(routes, "/v1/restore", this::restore);
    route(routes, "/v1/backed-up", asked -> control.backedUp(asked.text("address"), asked.by()));
  }

  private void route(
      Router routes,
      String path,
      Function<ControlRequest, CompletableFuture<Outcome<String>>> command) {
    routes
        .post(path)
        .handler(context -> {
          var asked = new ControlRequest(context.request(), connections);
          var result = command.apply(asked);
          asked.stream("application/x-ndjson");
          var _ =
              result.whenComplete(
                  (outcome, error) -> asked.later(vertx, () -> finish(asked, outcome, error)));
        });
  }

  private CompletableFuture<Outcome<String>> sync(ControlRequest asked) {
    return control.sync(
        new SyncRequest(
            asked.flag("removeOrphans"),
            asked.flag("retry"),
            asked.flag("now"),
            asked.flag("awaitApproval"),
            asked.flag("dryRun"),
            asked.by(),
            asked.duration("timeout", SYNC_TIMEOUT)),
        line -> progress(asked, line));
  }

  private CompletableFuture<Outcome<String>> rollback(ControlRequest asked) {
    return control.rollback(
        new RollbackRequest(
            Optional.of(asked.text("revision")).filter(r -> !r.isEmpty()),
            asked.flag("release"),
            asked.by(),
            asked.duration("timeout", SYNC_TIMEOUT)),
        line -> progress(asked, line));
  }

  private CompletableFuture<Outcome<String>> approve(ControlRequest asked) {
    return control.approve(
        new ApproveRequest(
            Optional.of(asked.text("revision")).filter(r -> !r.isEmpty()),
            asked.by(),
            asked.duration("timeout", SYNC_TIMEOUT)),
        line -> progress(asked, line));
  }

  private CompletableFuture<Outcome<String>> maintenance(ControlRequest asked) {
    return control.maintenance(
        asked.duration("for", Duration.ZERO),
        asked.text("reason"),
        asked.flag("standby"),
        asked.by());
  }

  private CompletableFuture<Outcome<String>> drain(ControlRequest asked) {
    return control.drain(
        asked.duration("timeout", Duration.ZERO), asked.by(), line -> progress(asked, line));
  }

  private CompletableFuture<Outcome<String>> restore(ControlRequest asked) {
    return control.restore(
        new RestoreRequest(
            asked.text("archive"),
            asked.text("from"),
            asked.flag("otherStack"),
            asked.flag("overwrite"),
            asked.by()),
        line -> progress(asked, line));
  }

  private void progress(ControlRequest asked, String line) {
    asked.later(vertx, () -> asked.piece(Json.object(j -> j.field("progress", line)) + "\n"));
  }

  private static void finish(
      ControlRequest asked, @Nullable Outcome<String> outcome, @Nullable Throwable error) {
    var last =
        switch (outcome) {
          case Outcome.Done<String>(var text) -> Json.object(j -> j.field("done", text));
          case Outcome.Failed<String>(var failure) -> failed(failure);
          case null ->
              failed(
                  new Failure(
                      Failure.Kind.TRANSIENT,
                      "internal error in the agent: " + error + "; see its log"));
        };
    asked.piece(last + "\n");
    asked.end();
  }

  private static String failed(Failure failure) {
    return Json.object(j ->
        j.field("failed", failure.message())
            .field("kind", ReportJson.word(failure.kind()))
            .field("exit", ControlRequest.exitOf(failure.kind())));
  }
}
