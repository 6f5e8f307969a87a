package io.armory.agent.adapter.http;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.port.Control;
import io.armory.agent.view.Answers;
import io.armory.agent.view.Diagnosis;
import io.armory.agent.view.Freshness;
import io.armory.agent.view.HistoryText;
import io.armory.agent.view.Lists;
import io.armory.agent.view.ReportJson;
import io.armory.agent.view.StatusText;
import io.armory.agent.view.Style;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
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

  /// In milliseconds.
  private static final long BETWEEN_LOOKS = 300;

  private final Vertx vertx;
  private final Control control;
  private final InstantSource clock;
  private final Connections connections;

  ControlServer(Vertx vertx, Control control, InstantSource clock) {
    this.vertx = vertx;
    this.control = control;
    this.clock = clock;
    this.connections = new Connections(vertx);
  }

  Future<Path> listen(Path socket) {
    var routes = routes();
    return vertx
        .createHttpServer(HealthServer.options())
        .connectionHandler(connections::opened)
        .requestHandler(request -> connections.inTurn(request, routes))
        .listen(SocketAddress.domainSocketAddress(socket.toString()))
        .map(socket);
  }

  private Router routes() {
    var routes = Router.router(vertx);
    question(routes, "/v1/status", this::status);
    question(routes, "/v1/plan", this::plan);
    question(routes, "/v1/config", this::config);
    question(routes, "/v1/compose", this::compose);
    question(routes, "/v1/doctor", this::doctor);
    question(routes, "/v1/events", this::events);
    question(routes, "/v1/history", this::history);
    question(routes, "/v1/container", this::container);
    question(routes, "/v1/logs", new LogAnswers(vertx, control)::answer);
    new Commands(vertx, control, connections).routes(routes);
    // The router's own words for these are of no use to an operator.
    return routes
        .errorHandler(400, this::unknown)
        .errorHandler(404, this::unknown)
        .errorHandler(405, this::unknown)
        .errorHandler(500, this::failed);
  }

  private void question(Router routes, String path, Consumer<ControlRequest> answer) {
    routes.get(path).handler(context -> answer.accept(asked(context)));
  }

  private void unknown(RoutingContext context) {
    var asked = asked(context);
    var method = context.request().method();
    if (HttpMethod.GET.equals(method) || HttpMethod.POST.equals(method)) {
      asked.fail(
          404,
          "the running agent, version %s, does not know this command"
              .formatted(control.report().agentVersion()));
    } else {
      asked.fail(405, "GET or POST");
    }
  }

  private ControlRequest asked(RoutingContext context) {
    return new ControlRequest(context.request(), connections);
  }

  private void failed(RoutingContext context) {
    failed(asked(context), context.failure());
  }

  private static void failed(ControlRequest asked, Throwable why) {
    if (why instanceof ControlRequest.Malformed e) {
      asked.fail(400, String.valueOf(e.getMessage()));
    } else {
      LOG.error("control: cannot answer {}", asked.path(), why);
      asked.fail(500, "internal error in the agent: " + why + "; see its log");
    }
  }

  private void config(ControlRequest asked) {
    asked.answer(
        asked.json()
            ? Answers.parameters(control.parameters()) + "\n"
            : cut(asked, Lists.parameters(control.parameters()), "--json tells all"));
  }

  private void doctor(ControlRequest asked) {
    var now = clock.instant();
    asked.answer(Diagnosis.lines(Diagnosis.of(Freshness.judged(control.report(), now), now)));
  }

  private void history(ControlRequest asked) {
    asked.answer(
        asked.json()
            ? HistoryText.json(control.history()) + "\n"
            : end(asked, HistoryText.text(control.history())));
  }

  /// What services use of the processor takes two looks, unless somebody has looked of late.
  private void status(ControlRequest asked) {
    if (control.knowsRates()) {
      stand(asked);
    } else {
      control.measured();
      vertx.setTimer(
          BETWEEN_LOOKS,
          _ -> {
            try {
              stand(asked);
            } catch (RuntimeException e) {
              failed(asked, e);
            }
          });
    }
  }

  private void stand(ControlRequest asked) {
    var now = clock.instant();
    var report = Freshness.judged(control.measured(), now);
    asked.exit(report.ready().holds() ? 0 : 1);
    asked.answer(
        asked.json()
            ? ReportJson.write(report, ReportJson.Audience.OPERATOR) + "\n"
            : StatusText.fitted(
                StatusText.write(report, now, style(asked), asked.flag("all")),
                asked.number("rows", 0)));
  }

  /// The name of one that runs.
  private void container(ControlRequest asked) {
    var name = asked.text("service");
    var report = control.report();
    var service = report.services().stream().filter(s -> s.name().equals(name)).findFirst();
    if (service.isEmpty()) {
      asked.fail(new Failure(Failure.Kind.INVALID, report.noService(name)));
      return;
    }
    service.get().containers().stream()
        .filter(c -> c.engineState().equals("running"))
        .findFirst()
        .ifPresentOrElse(
            c -> asked.answer(c.name() + "\n"),
            () ->
                asked.fail(
                    new Failure(
                        Failure.Kind.NOT_FOUND,
                        "%s has no container that runs: %s"
                            .formatted(name, service.get().reason()))));
  }

  private static Style style(ControlRequest asked) {
    return new Style(asked.number("columns", 100), asked.flag("colour"));
  }

  private void plan(ControlRequest asked) {
    var report = Freshness.judged(control.report(), clock.instant());
    asked.answer(
        asked.json()
            ? Answers.plan(report) + "\n"
            : cut(asked, Lists.plan(report, style(asked)), "--json tells all"));
  }

  private void compose(ControlRequest asked) {
    var yaml = control.renderedCompose();
    if (yaml.isEmpty()) {
      asked.fail(409, "no revision has been rendered yet: " + control.report().ready().reason());
    } else {
      asked.answer(yaml);
    }
  }

  private void events(ControlRequest asked) {
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
            : end(asked, events.stream().map(e -> line(e, asked)).collect(Collectors.joining())));
  }

  /// A person at a terminal can scroll.
  static String cut(ControlRequest asked, String text, String hint) {
    return asked.flag("tty") ? text : StatusText.cut(text, LIMIT, hint);
  }

  static String end(ControlRequest asked, String text) {
    return asked.flag("tty") ? text : StatusText.end(text, LIMIT, "--json tells all");
  }

  /// Where no width is named, one line for each, to be searched.
  static String line(AgentEvent event, ControlRequest asked) {
    var columns = asked.number("columns", 0);
    if (asked.json() || columns == 0) {
      return (asked.json() ? Answers.event(event) : Lists.event(event)) + "\n";
    }
    return Lists.event(event, new Style(columns, false));
  }
}
