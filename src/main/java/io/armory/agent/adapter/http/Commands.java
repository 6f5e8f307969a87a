package io.armory.agent.adapter.http;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Control;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.view.Json;
import io.armory.agent.view.ReportJson;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The commands of the control socket. Each is handed to the agent and answered by a stream that
/// ends with what came of it. A client that goes away does not end the command.
final class Commands {
  private static final Duration SYNC_TIMEOUT = Duration.ofMinutes(30);

  private final Vertx vertx;
  private final Control control;

  Commands(Vertx vertx, Control control) {
    this.vertx = vertx;
    this.control = control;
  }

  void handle(Question asked) {
    var result = start(asked);
    if (result == null) {
      var version = control.report().agentVersion();
      asked.fail(404, "the running agent, version " + version + ", does not know this command");
      return;
    }
    asked.stream("application/x-ndjson");
    var _ =
        result.whenComplete(
            (outcome, error) -> asked.later(vertx, () -> finish(asked, outcome, error)));
  }

  private @Nullable CompletableFuture<Outcome<String>> start(Question asked) {
    var service = asked.text("service");
    return switch (asked.path()) {
      case "/v1/sync" ->
          control.sync(
              new SyncRequest(
                  asked.flag("removeOrphans"),
                  asked.flag("retry"),
                  asked.duration("timeout", SYNC_TIMEOUT)),
              line -> progress(asked, line));
      case "/v1/stop" -> control.stop(service, asked.by());
      case "/v1/start" -> control.start(service, asked.by());
      case "/v1/restart" -> control.restart(service, asked.by());
      case "/v1/pull" -> control.pull(line -> progress(asked, line));
      case "/v1/maintenance" ->
          control.maintenance(
              asked.duration("for", Duration.ZERO),
              asked.text("reason"),
              asked.flag("standby"),
              asked.by());
      case "/v1/drain" ->
          control.drain(
              asked.duration("timeout", Duration.ZERO), asked.by(), line -> progress(asked, line));
      default -> null;
    };
  }

  private void progress(Question asked, String line) {
    asked.later(vertx, () -> asked.piece(Json.object(j -> j.field("progress", line)) + "\n"));
  }

  private static void finish(
      Question asked, @Nullable Outcome<String> outcome, @Nullable Throwable error) {
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
            .field("exit", Question.exitOf(failure.kind())));
  }
}
