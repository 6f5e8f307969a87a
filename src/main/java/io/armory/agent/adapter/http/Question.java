package io.armory.agent.adapter.http;

import io.armory.agent.domain.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/// One request on the control socket, with its parameters and its one answer.
final class Question {
  static final int MAX_LINES = 10_000;

  private final HttpServerRequest request;
  private int exit;

  Question(HttpServerRequest request) {
    this.request = request;
  }

  /// A parameter that is not what it should be; the message goes to the operator.
  static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  String path() {
    return request.path() == null ? "" : request.path();
  }

  String text(String name) {
    var value = request.getParam(name);
    return value == null ? "" : value;
  }

  boolean flag(String name) {
    return text(name).equals("true");
  }

  boolean json() {
    return text("as").equals("json");
  }

  int number(String name, int fallback) {
    var value = text(name);
    if (value.isEmpty()) {
      return fallback;
    }
    try {
      return Math.clamp(Integer.parseInt(value), 0, MAX_LINES);
    } catch (NumberFormatException e) {
      throw new Malformed(name + ": \"" + value + "\" is not a number");
    }
  }

  /// ISO-8601, as the client computes it from what the operator wrote.
  Duration duration(String name, Duration fallback) {
    var value = text(name);
    try {
      return value.isEmpty() ? fallback : Duration.parse(value);
    } catch (DateTimeParseException e) {
      throw new Malformed(name + ": \"" + value + "\" is not a duration");
    }
  }

  Instant instant(String name, Instant fallback) {
    var value = text(name);
    try {
      return value.isEmpty() ? fallback : Instant.parse(value);
    } catch (DateTimeParseException e) {
      throw new Malformed(name + ": \"" + value + "\" is not an instant");
    }
  }

  /// Who asks, as the client says; the socket's permissions are what decides.
  String by() {
    var user = request.getHeader("agent-user");
    return user == null || user.isBlank()
        ? "an operator"
        : URLDecoder.decode(user, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
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
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, json() ? "application/json" : "text/plain")
        .putHeader(ControlServer.EXIT, Integer.toString(exit))
        .end(text);
  }

  /// Begins an answer that comes in pieces.
  void stream(String type) {
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
