package io.armory.agent.adapter.http;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.HealthReport;
import io.armory.agent.port.Control;
import io.armory.agent.view.Answers;
import io.armory.agent.view.Diagnosis;
import io.armory.agent.view.Freshness;
import io.armory.agent.view.Lists;
import io.armory.agent.view.ReportJson;
import io.armory.agent.view.StatusText;
import io.armory.agent.view.Style;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The control socket: HTTP, for `armory-agent`'s own client. Questions (GET) are answered as the
/// text or JSON the operator will see, so that the client has nothing to do but to print it, and an
/// old client shows a new agent rightly. Commands (POST) are answered by a stream of JSON lines:
/// any number of `{"progress":…}`, then one `{"done":…}` or `{"failed":…,"kind":…}`.
final class ControlServer {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

  /// The exit code the client is to end with.
  static final String EXIT = "agent-exit";

  /// Run Command shows 24,000 characters.
  private static final int LIMIT = 20_000;

  private final Vertx vertx;
  private final Control control;
  private final InstantSource clock;

  ControlServer(Vertx vertx, Control control, InstantSource clock) {
    this.vertx = vertx;
    this.control = control;
    this.clock = clock;
  }

  Future<Path> listen(Path socket) {
    return vertx
        .createHttpServer(HealthServer.options())
        .requestHandler(this::handle)
        .listen(SocketAddress.domainSocketAddress(socket.toString()))
        .map(socket);
  }

  private void handle(HttpServerRequest request) {
    var asked = new Question(request);
    try {
      if (HttpMethod.GET.equals(request.method())) {
        question(asked);
      } else if (HttpMethod.POST.equals(request.method())) {
        new Commands(vertx, control).handle(asked);
      } else {
        asked.fail(405, "GET or POST");
      }
    } catch (Question.Malformed e) {
      asked.fail(400, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("control: cannot answer {}", request.path(), e);
      asked.fail(500, "internal error in the agent: " + e + "; see its log");
    }
  }

  private void question(Question asked) {
    switch (asked.path()) {
      case "/v1/status" -> status(asked);
      case "/v1/plan" -> plan(asked, Freshness.judged(control.report(), clock.instant()));
      case "/v1/config" ->
          asked.answer(
              asked.json()
                  ? Answers.parameters(control.parameters()) + "\n"
                  : cut(asked, Lists.parameters(control.parameters()), "--json tells all"));
      case "/v1/compose" -> compose(asked);
      case "/v1/doctor" -> {
        var now = clock.instant();
        asked.answer(Diagnosis.lines(Diagnosis.of(Freshness.judged(control.report(), now), now)));
      }
      case "/v1/events" -> events(asked);
      case "/v1/logs" -> new LogAnswers(vertx, control).answer(asked);
      default ->
          asked.fail(
              404,
              "the running agent, version %s, does not know this command"
                  .formatted(control.report().agentVersion()));
    }
  }

  private void status(Question asked) {
    var now = clock.instant();
    var report = Freshness.judged(control.report(), now);
    asked.exit(report.ready().holds() ? 0 : 1);
    asked.answer(
        asked.json()
            ? ReportJson.write(report, ReportJson.Audience.OPERATOR) + "\n"
            : StatusText.write(report, now, style(asked)));
  }

  private static Style style(Question asked) {
    return new Style(asked.number("columns", 100), asked.flag("colour"));
  }

  private static void plan(Question asked, HealthReport report) {
    asked.answer(
        asked.json()
            ? Answers.plan(report.plan()) + "\n"
            : cut(asked, Lists.plan(report, style(asked)), "--json tells all"));
  }

  private void compose(Question asked) {
    var yaml = control.renderedCompose();
    if (yaml.isEmpty()) {
      asked.fail(409, "no revision has been rendered yet: " + control.report().ready().reason());
    } else {
      asked.answer(yaml);
    }
  }

  private void events(Question asked) {
    var since = asked.instant("since", Instant.EPOCH);
    var limit = asked.number("limit", 1000);
    if (asked.flag("follow")) {
      new EventStream(vertx, control, asked, since).start();
      return;
    }
    var events = control.events(since, limit);
    asked.answer(
        asked.json()
            ? Answers.events(events) + "\n"
            : end(asked, events.stream().map(e -> line(e, false)).collect(Collectors.joining())));
  }

  /// A person at a terminal can scroll.
  static String cut(Question asked, String text, String hint) {
    return asked.flag("tty") ? text : StatusText.cut(text, LIMIT, hint);
  }

  static String end(Question asked, String text) {
    return asked.flag("tty") ? text : StatusText.end(text, LIMIT, "--json tells all");
  }

  static String line(AgentEvent event, boolean json) {
    return (json ? Answers.event(event) : Lists.event(event)) + "\n";
  }
}
