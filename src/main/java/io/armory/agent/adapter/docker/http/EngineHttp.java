package io.armory.agent.adapter.docker.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.armory.agent.domain.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/// HTTP over the engine's Unix socket. Blocks without limit: the callers' deadlines are kept by
/// [DeadlineCalls], whose interrupt closes the socket under a waiting read.
public final class EngineHttp implements AutoCloseable {
  /// Bytes of one answer, many times the longest that a node of a hundred containers has.
  private static final int LONGEST = 4 * 1024 * 1024;

  /// The other side's end, in the middle of a call.
  private static final Pattern BROKEN_OFF =
      Pattern.compile(
          "Connection reset|Broken pipe|failed to respond|ConnectionClosed|Premature"
              + " end|EOFException");

  private final Path socket;
  private final DockerHttpClient client;

  public EngineHttp(Path socket, int connections) {
    this.socket = socket;
    this.client =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(URI.create("unix://" + socket))
            .sslConfig(() -> NoTls.CONTEXT)
            .maxConnections(connections)
            .build();
  }

  /// A Unix socket has no TLS. Unless told, the transport prepares for it all the same, and reads
  /// the certificates of every authority that the JVM trusts, to keep them for ever. One for all
  /// connections, as the stream of events has a new one every few minutes.
  private static final class NoTls {
    static final SSLContext CONTEXT = context();

    private static SSLContext context() {
      try {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[0], null);
        return context;
      } catch (NoSuchAlgorithmException | KeyManagementException e) {
        throw new IllegalStateException("the Java runtime has no TLS", e);
      }
    }
  }

  /// One answer, read to its end.
  public record Reply(int status, JsonNode body, @Nullable String server) {}

  public Reply send(String method, String path, @Nullable JsonNode body) throws EngineException {
    try (var response = open(method, path, body, Map.of())) {
      var bytes = response.getBody().readNBytes(LONGEST + 1);
      if (bytes.length > LONGEST) {
        throw new EngineException(
            Failure.Kind.TRANSIENT,
            "the engine at %s answers %s with more than %d MiB"
                .formatted(socket, path, LONGEST >> 20));
      }
      return new Reply(response.getStatusCode(), answer(bytes), response.getHeader("Server"));
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /// Podman 4 answers some calls with a plain `OK`.
  private static JsonNode answer(byte[] bytes) throws EngineException {
    return bytes.length > 0 && bytes.length < 4 && bytes[0] == 'O'
        ? Json.object()
        : Json.parse(bytes);
  }

  /// An answer whose body is read bit by bit; the caller closes it. Refusals are thrown.
  public DockerHttpClient.Response stream(
      String method, String path, @Nullable JsonNode body, Map<String, String> headers)
      throws EngineException {
    return open(method, path, body, headers);
  }

  /// Sends an archive, whose end is the stream's.
  public void upload(String path, InputStream archive) throws EngineException {
    var request = DockerHttpClient.Request.builder().method("PUT").path(path);
    request.putHeader("Content-Type", "application/x-tar").body(archive);
    execute(request.build()).close();
  }

  private DockerHttpClient.Response open(
      String method, String path, @Nullable JsonNode body, Map<String, String> headers)
      throws EngineException {
    var request = DockerHttpClient.Request.builder();
    request.method(method).path(path).putAllHeaders(headers);
    if (body != null) {
      request.putHeader("Content-Type", "application/json").bodyBytes(Json.bytes(body));
    }
    return execute(request.build());
  }

  /// Refusals are thrown.
  DockerHttpClient.Response execute(DockerHttpClient.Request request) throws EngineException {
    DockerHttpClient.Response response;
    try {
      response = client.execute(request);
    } catch (RuntimeException e) {
      throw unreachable(e);
    }
    if (response.getStatusCode() >= 400) {
      try (response) {
        throw EngineException.refused(response.getStatusCode(), message(response));
      }
    }
    return response;
  }

  private String message(DockerHttpClient.Response response) {
    try {
      var bytes = response.getBody().readNBytes(64 * 1024);
      var text = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
      try {
        var said = Json.parse(bytes).path("message").asText("");
        return said.isBlank() ? unworded(response, text) : said;
      } catch (EngineException notJson) {
        return unworded(response, text);
      }
    } catch (IOException | UncheckedIOException e) {
      return status(response);
    }
  }

  /// What did not come from an engine in order, but perhaps from a proxy before it.
  private static String unworded(DockerHttpClient.Response response, String text) {
    return text.isBlank() ? status(response) : status(response) + ": " + text.strip();
  }

  private static String status(DockerHttpClient.Response response) {
    return "HTTP status " + response.getStatusCode();
  }

  /// The transport's exception in words people can act on.
  public EngineException unreachable(Exception e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    var said = String.valueOf(root.getMessage());
    EngineException failure;
    if (said.contains("No such file or directory")) {
      failure =
          EngineException.away(
              "no Docker Engine at %s: is docker running? systemctl status docker"
                  .formatted(socket));
    } else if (said.contains("Connection refused")) {
      failure =
          EngineException.away(
              "nothing listens on %s: is docker running? systemctl status docker"
                  .formatted(socket));
    } else if (said.contains("Permission denied") || said.contains("Operation not permitted")) {
      failure =
          EngineException.closed(
              "permission denied on %s: add the user to group docker; with Podman, make the socket that group's"
                  .formatted(socket));
    } else if (said.contains("Too many open files")) {
      failure =
          own(
              "the engine at %s cannot be asked: too many open files; raise LimitNOFILE of armory-agent.service"
                  .formatted(socket));
    } else {
      var broke = "the engine at %s broke off: %s".formatted(socket, said);
      failure = BROKEN_OFF.matcher(root + "").find() ? EngineException.away(broke) : own(broke);
    }
    failure.initCause(e);
    return failure;
  }

  /// Of this side, for all that is known.
  private static EngineException own(String message) {
    return new EngineException(Failure.Kind.UNREACHABLE, message);
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      // The sockets are gone either way.
    }
  }
}
