package io.armory.agent.adapter.http;

import io.armory.agent.adapter.http.HealthAnswers.Answer;
import io.armory.agent.view.Freshness;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
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

  private final Vertx vertx;
  private final HealthAnswers answers;
  private final HttpFront.HealthSources sources;

  HealthServer(Vertx vertx, HttpFront.HealthSources sources) {
    this.vertx = vertx;
    this.sources = sources;
    this.answers = new HealthAnswers(sources.reports(), sources.clock());
  }

  /// @return the port
  Future<Integer> listen(String address, int port) {
    var connections = new Connections(vertx);
    return vertx
        .createHttpServer(options())
        .connectionHandler(connections::opened)
        .requestHandler(request -> {
          connections.used(request.connection());
          handle(request);
        })
        .listen(port, address)
        .map(HttpServer::actualPort);
  }

  /// Small limits: no client of this port has much to say.
  static HttpServerOptions options() {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(false)
        .setMaxInitialLineLength(4096)
        .setMaxHeaderSize(8192)
        .setAcceptBacklog(1024);
  }

  private void handle(HttpServerRequest request) {
    try {
      if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
        refuse(request);
      } else {
        route(request);
      }
    } catch (RuntimeException e) {
      // A bug must not take the port with it, nor look like health.
      LOG.error("cannot answer {}", request.path(), e);
      send(request, Answer.of(500, "text/plain", "internal error; see the agent's log\n"));
    }
  }

  private void route(HttpServerRequest request) {
    var path = request.path() == null ? "" : request.path();
    switch (path) {
      case "/health/ready" -> whenDecided(request, () -> answers.current().ready());
      case "/health/live" -> send(request, answers.current().live());
      case "/healthcheck" -> whenDecided(request, () -> answers.current().healthcheck());
      case "/health" -> send(request, answers.current().health());
      case "/metrics" -> send(request, metrics());
      case "/" -> page(request);
      default ->
          send(
              request,
              Answer.of(
                  404,
                  "text/plain",
                  "not here; try /health, /health/ready, /health/live, /healthcheck, /metrics\n"));
    }
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

  private Answer metrics() {
    var report = Freshness.judged(sources.reports().get(), sources.clock().instant());
    return Answer.of(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        sources.metrics().scrape(report, sources.clock().instant()));
  }

  private static void page(HttpServerRequest request) {
    request.response().putHeader("content-security-policy", StatusPage.policy());
    request.response().putHeader("referrer-policy", "no-referrer");
    send(request, StatusPage.answer());
  }

  private static void refuse(HttpServerRequest request) {
    request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
    send(request, Answer.of(405, "text/plain", "this port is read-only\n"));
  }

  private static void send(HttpServerRequest request, Answer answer) {
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
    // A body is of no use here, and not waited for.
    var unread = hasBody(request);
    if (unread) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    var head = HttpMethod.HEAD.equals(request.method());
    var sent = head ? response.end() : response.end(answer.body());
    if (unread) {
      sent.onComplete(_ -> request.connection().close());
    }
  }

  private static boolean hasBody(HttpServerRequest request) {
    var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return (length != null && !length.equals("0"))
        || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
  }
}
