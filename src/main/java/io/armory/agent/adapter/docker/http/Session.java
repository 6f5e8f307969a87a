package io.armory.agent.adapter.docker.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.SyncDockerCmd;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Observation;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A connection pool to one running engine, in the API version both sides speak.
///
/// Calls in flight keep it open: one that hangs must not break the others.
public final class Session {
  /// Docker 20.10, the oldest engine supported.
  public static final int OLDEST_API = 41;

  /// The newest API this room was written against (Docker 28.5). Newer engines speak it too.
  public static final int NEWEST_API = 51;

  private static final int CONNECTIONS = 64;

  private final EngineHttp http;
  private final Observation.Engine engine;
  private final int api;
  private final @Nullable String server;
  private final EngineCommands commands;
  private int inFlight;
  private boolean retired;

  private Session(EngineHttp http, Observation.Engine engine, int api, @Nullable String server) {
    this.http = http;
    this.engine = engine;
    this.api = api;
    this.server = server;
    this.commands = new EngineCommands(http, api);
  }

  public Observation.Engine engine() {
    return engine;
  }

  public boolean isPodman() {
    return engine.name().equals("Podman");
  }

  /// The minor number of the version agreed on: 41 is 1.41.
  public int api() {
    return api;
  }

  public EngineHttp http() {
    return http;
  }

  /// Asks the engine for its version and agrees on the highest both know.
  public static Session open(Path socket) throws EngineException {
    var http = new EngineHttp(socket, CONNECTIONS);
    try {
      var reply = http.send("GET", "/version", null);
      var version = reply.body();
      var release = version.path("Version").asText("unknown");
      int api = agreed(version, socket);
      var engine = new Observation.Engine(name(version), release, "1." + api);
      return new Session(http, engine, api, reply.server());
    } catch (EngineException e) {
      http.close();
      throw e;
    }
  }

  /// A path in the version agreed on, for a call on a connection of its own.
  public static String versioned(EngineHttp http, Path socket, String path) throws EngineException {
    return "/v1." + agreed(http.send("GET", "/version", null).body(), socket) + path;
  }

  private static int agreed(JsonNode version, Path socket) throws EngineException {
    int theirs = minor(version.path("ApiVersion").asText(""));
    int oldest = minor(version.path("MinAPIVersion").asText("1.12"));
    var release = version.path("Version").asText("unknown");
    if (theirs < OLDEST_API) {
      throw new EngineException(
          Failure.Kind.INVALID,
          "the engine %s at %s speaks API %s; Docker 20.10 (API 1.41) or newer is needed"
              .formatted(release, socket, version.path("ApiVersion").asText("unknown")));
    }
    if (oldest > NEWEST_API) {
      throw new EngineException(
          Failure.Kind.INVALID,
          "the engine %s at %s wants API 1.%d or newer; this agent speaks up to 1.%d: update it"
              .formatted(release, socket, oldest, NEWEST_API));
    }
    return Math.min(NEWEST_API, theirs);
  }

  private static int minor(String version) {
    try {
      return version.startsWith("1.") ? Integer.parseInt(version.substring(2)) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String name(JsonNode version) {
    for (var component : version.path("Components")) {
      if (component.path("Name").asText("").toLowerCase(Locale.ROOT).contains("podman")) {
        return "Podman";
      }
    }
    return "Docker";
  }

  public JsonNode get(String path) throws EngineException {
    return send("GET", path, null);
  }

  public JsonNode post(String path, @Nullable JsonNode body) throws EngineException {
    return send("POST", path, body);
  }

  public JsonNode delete(String path) throws EngineException {
    return send("DELETE", path, null);
  }

  /// A command without an answer. What is so already is done, not failed.
  public void run(Function<DockerClient, SyncDockerCmd<Void>> command) throws EngineException {
    commands.run(command);
  }

  public <T> T ask(Function<DockerClient, SyncDockerCmd<T>> question) throws EngineException {
    return commands.ask(question);
  }

  public String path(String path) {
    return "/v1." + api + path;
  }

  private JsonNode send(String method, String path, @Nullable JsonNode body)
      throws EngineException {
    var reply = http.send(method, path(path), body);
    boolean upgraded =
        server != null && reply.server() != null && !Objects.equals(server, reply.server());
    if (upgraded && method.equals("GET")) {
      throw new EngineException(
          Failure.Kind.UNREACHABLE, "the engine was replaced by " + reply.server());
    }
    return reply.body();
  }

  /// Whether the session may be used; every `true` is followed by [#leave].
  synchronized boolean enter() {
    if (retired) {
      return false;
    }
    inFlight++;
    return true;
  }

  synchronized void leave() {
    inFlight--;
    closeWhenUnused();
  }

  public synchronized void retire() {
    if (!retired) {
      retired = true;
      closeWhenUnused();
    }
  }

  private void closeWhenUnused() {
    if (retired && inFlight == 0) {
      // Closing may wait for a peer that does not answer.
      Thread.ofVirtual().name("engine-close").start(http::close);
    }
  }
}
