package io.armory.agent.adapter.http;

import io.armory.agent.adapter.http.HealthAnswers.Answer;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.view.Answers;
import io.armory.agent.view.ReportJson.Audience;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The read-only health port. Every answer comes from a snapshot at hand, so none can wait.
final class HealthServer {
  private static final Logger LOG = LoggerFactory.getLogger(HealthServer.class);
  private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
  private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
  private static final CharSequence CONTENT_TYPE_OPTIONS =
      HttpHeaders.createOptimized("x-content-type-options");

  /// An ELB's shortest usual timeout is 3 s.
  private static final long PATIENCE_NANOS = 2_500_000_000L;

  private static final long POLL_MILLIS = 50;

  /// Bytes that the kernel keeps of a connection's answers, instead of megabytes.
  private static final int SEND_BUFFER = 64 * 1024;

  private final Vertx vertx;
  private final HealthAnswers answers;
  private final HttpFront.HealthSources sources;
  private final Connections connections;
  private final Router router;

  HealthServer(Vertx vertx, HttpFront.HealthSources sources) {
    this.vertx = vertx;
    this.sources = sources;
    this.connections = new Connections(vertx);
    this.answers =
        new HealthAnswers(
            sources.reports(), sources.measured(), sources.clock(), audience(sources.details()));
    this.router = routes();
  }

  private static Audience audience(boolean details) {
    return details ? Audience.OPERATOR : Audience.PUBLIC;
  }

  /// @return the port
  Future<Integer> listen(String address, int port) {
    return vertx
        .createHttpServer(options())
        .connectionHandler(connections::opened)
        .requestHandler(request -> connections.inTurn(request, this::handle))
        .listen(port, address)
        .map(HttpServer::actualPort);
  }

  /// Small limits: no client of this port has much to say.
  static HttpServerOptions options() {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(false)
        .setMaxInitialLineLength(4096)
        .setMaxHeaderSize(8192)
        .setSendBufferSize(SEND_BUFFER)
        .setAcceptBacklog(1024);
  }

  private void handle(HttpServerRequest request) {
    if (!Hosts.isOne(request)) {
      send(request, Answer.of(400, "text/plain", Hosts.RULE));
    } else if (!HttpMethod.GET.equals(request.method())
        && !HttpMethod.HEAD.equals(request.method())) {
      refuse(request);
    } else {
      router.handle(request);
    }
  }

  private Router routes() {
    var routes = Router.router(vertx);
    route(routes, "/health/ready", r -> whenDecided(r, () -> answers.current().ready()));
    route(routes, "/health/live", r -> send(r, answers.current().live()));
    route(routes, "/healthcheck", r -> whenDecided(r, () -> answers.current().healthcheck()));
    route(routes, "/health", r -> send(r, answers.current().health()));
    route(routes, "/metrics", r -> send(r, answers.current().metrics(this::scrape)));
    route(routes, "/events", r -> send(r, Answer.of(200, "application/json", timeline())));
    route(routes, "/", this::page);
    // The router takes a path without its first slash for a malformed request.
    return routes
        .errorHandler(400, context -> notHere(context.request()))
        .errorHandler(404, context -> notHere(context.request()))
        .errorHandler(500, context -> failed(context.request(), context.failure()));
  }

  /// For this path as it is written: to the router, `//health` and `/health/` are the same.
  private static void route(Router routes, String path, Consumer<HttpServerRequest> answer) {
    routes
        .route(path)
        .handler(context -> {
          if (path.equals(context.request().path())) {
            answer.accept(context.request());
          } else {
            context.next();
          }
        });
  }

  private void notHere(HttpServerRequest request) {
    send(
        request,
        Answer.of(
            404,
            "text/plain",
            "not here; try /health, /health/ready, /health/live, /healthcheck, /events, /metrics\n"));
  }

  /// A bug must not take the port with it, nor look like health.
  private void failed(HttpServerRequest request, Throwable bug) {
    LOG.error("cannot answer {}", request.path(), bug);
    send(request, Answer.of(500, "text/plain", "internal error; see the agent's log\n"));
  }

  /// An agent that has just been started says neither ready nor not ready before it has looked: the
  /// question waits for that, though not longer than a load balancer does.
  private void whenDecided(HttpServerRequest request, Supplier<Answer> answer) {
    if (!sources.reports().get().undecided()) {
      send(request, answer.get());
      return;
    }
    var end = System.nanoTime() + PATIENCE_NANOS;
    vertx.setPeriodic(
        POLL_MILLIS,
        timer -> {
          if (!sources.reports().get().undecided() || System.nanoTime() > end) {
            vertx.cancelTimer(timer);
            send(request, answer.get());
          }
        });
  }

  private String scrape(HealthReport judged) {
    return sources.metrics().scrape(judged, sources.clock().instant());
  }

  /// From memory, as all that this port answers.
  private String timeline() {
    return Answers.timeline(sources.events().get()) + "\n";
  }

  private void page(HttpServerRequest request) {
    request.response().putHeader("content-security-policy", StatusPage.policy());
    request.response().putHeader("referrer-policy", "no-referrer");
    send(request, StatusPage.answer());
  }

  private void refuse(HttpServerRequest request) {
    request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
    send(request, Answer.of(405, "text/plain", "this port is read-only\n"));
  }

  private void send(HttpServerRequest request, Answer answer) {
    var response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response
        .setStatusCode(answer.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, answer.type())
        .putHeader(HttpHeaders.CONTENT_LENGTH, answer.length())
        .putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE)
        .putHeader(CONTENT_TYPE_OPTIONS, NOSNIFF);
    // A body is of no use here, and not waited for. Whoever asks wrongly may mean something else by
    // what follows.
    var last = answer.status() == 400 || hasBody(request);
    if (last) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    var head = HttpMethod.HEAD.equals(request.method());
    var sent = head ? response.end() : response.end(answer.body());
    connections.answered(request.connection(), sent, head ? 0 : answer.body().length());
    if (last) {
      sent.onComplete(_ -> request.connection().close());
    }
  }

  private static boolean hasBody(HttpServerRequest request) {
    var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return (length != null && !length.equals("0"))
        || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
  }
}
