package io.armory.agent.adapter.http;

import io.armory.agent.domain.Failure;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// One request on the control socket, with its parameters and its one answer.
final class ControlRequest {
  static final int MAX_LINES = 10_000;

  /// Whoever wants more wants it by mistake, and arithmetic with it has no end that a clock could
  /// show.
  private static final Duration LONGEST = Duration.ofDays(366);

  private static final Instant LAST = Instant.parse("2970-01-01T00:00:00Z");

  private final HttpServerRequest request;
  private final Connections connections;

  /// None, if they cannot be read.
  private final Optional<MultiMap> parameters;

  private int exit;

  ControlRequest(HttpServerRequest request, Connections connections) {
    this.request = request;
    this.connections = connections;
    this.parameters = parameters(request);
  }

  private static Optional<MultiMap> parameters(HttpServerRequest request) {
    try {
      return Optional.of(request.params());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// A parameter that is not what it should be; the message goes to the operator.
  static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  String path() {
    return String.valueOf(request.path());
  }

  String text(String name) {
    var value =
        parameters
            .orElseThrow(() ->
                new Malformed("\"" + request.query() + "\" is not percent-encoded parameters"))
            .get(name);
    return value == null ? "" : value;
  }

  /// Names with commas between them.
  List<String> names(String name) {
    return Stream.of(text(name).split(",", -1)).filter(n -> !n.isBlank()).distinct().toList();
  }

  boolean flag(String name) {
    return text(name).equals("true");
  }

  boolean json() {
    return parameters.filter(p -> "json".equals(p.get("as"))).isPresent();
  }

  int number(String name, int fallback) {
    var value = text(name);
    if (value.isEmpty()) {
      return fallback;
    }
    try {
      var number = Integer.parseInt(value);
      if (number < 0) {
        throw new Malformed(name + ": " + value + " is less than 0");
      }
      return Math.min(number, MAX_LINES);
    } catch (NumberFormatException e) {
      throw new Malformed(name + ": \"" + value + "\" is not a number");
    }
  }

  /// ISO-8601, as the client computes it from what the operator wrote.
  Duration duration(String name, Duration fallback) {
    var value = text(name);
    try {
      if (value.isEmpty()) {
        return fallback;
      }
      var duration = Duration.parse(value);
      if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
        throw new Malformed(name + ": \"" + value + "\" is not between 0 and 366 days");
      }
      return duration;
    } catch (DateTimeParseException e) {
      throw new Malformed(name + ": \"" + value + "\" is not a duration");
    }
  }

  Instant instant(String name, Instant fallback) {
    var value = text(name);
    try {
      if (value.isEmpty()) {
        return fallback;
      }
      var instant = Instant.parse(value);
      if (instant.isBefore(Instant.EPOCH) || instant.isAfter(LAST)) {
        throw new Malformed(name + ": \"" + value + "\" is not between 1970 and 2970");
      }
      return instant;
    } catch (DateTimeParseException e) {
      throw new Malformed(name + ": \"" + value + "\" is not an instant");
    }
  }

  /// Who asks, as the client says; the socket's permissions are what decides.
  String by() {
    var user = request.getHeader("agent-user");
    if (user == null || user.isBlank()) {
      return "an operator";
    }
    try {
      return URLDecoder.decode(user, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
    } catch (IllegalArgumentException e) {
      throw new Malformed("agent-user: \"" + user + "\" is not percent-encoded");
    }
  }

  void exit(int code) {
    exit = code;
  }

  void answer(String text) {
    send(200, text);
  }

  void fail(Failure failure) {
    exit = exitOf(failure.kind());
    send(409, failure.message() + "\n");
  }

  void fail(int status, String message) {
    exit = status == 400 || status == 404 ? 2 : 1;
    send(status, message + "\n");
  }

  static int exitOf(Failure.Kind kind) {
    return switch (kind) {
      case INVALID -> 2;
      case UNREACHABLE,
          TIMEOUT,
          TRANSIENT,
          NO_ROOM,
          NOT_FOUND,
          CONFLICT,
          BROKEN,
          PORT_TAKEN,
          IMAGE_UNAVAILABLE,
          DENIED,
          UNHEALTHY ->
          1;
    };
  }

  private void send(int status, String text) {
    var response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    var sent =
        response
            .setStatusCode(status)
            .putHeader(HttpHeaders.CONTENT_TYPE, json() ? "application/json" : "text/plain")
            .putHeader(ControlServer.EXIT, Integer.toString(exit))
            .end(text);
    connections.answered(request.connection(), sent, text.length());
  }

  /// Begins an answer that comes in pieces.
  void stream(String type) {
    connections.streams(request.connection());
    request.response().setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, type);
  }

  /// One piece; false when nobody listens any more.
  boolean piece(String text) {
    var response = request.response();
    if (response.ended() || response.closed()) {
      return false;
    }
    response.write(text);
    return true;
  }

  /// As [#piece]; the future ends when the client's system has taken it.
  Future<Void> write(String text) {
    return request.response().write(text);
  }

  /// Whether the client has not read what it was sent.
  boolean isFull() {
    return request.response().writeQueueFull();
  }

  boolean isGone() {
    return request.response().closed();
  }

  /// Told once, when the client is gone.
  void whenGone(Runnable task) {
    request.response().closeHandler(_ -> task.run());
  }

  void end() {
    var response = request.response();
    if (!response.ended() && !response.closed()) {
      response.end();
    }
  }

  /// Runs on the event loop, from whatever thread.
  void later(Vertx vertx, Runnable work) {
    vertx.runOnContext(_ -> work.run());
  }
}
