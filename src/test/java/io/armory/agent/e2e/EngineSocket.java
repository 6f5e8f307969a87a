package io.armory.agent.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Asks the real engine directly: quicker than a `docker` process for each question, and not by the
/// code under test.
final class EngineSocket {
  static final Path PATH = Path.of("/var/run/docker.sock");
  private static final ObjectMapper JSON = new ObjectMapper();

  private EngineSocket() {}

  /// @param path such as `/containers/json?all=1`
  static JsonNode get(String path) {
    return parsed(path, answer(path));
  }

  /// @return the ID of what was made
  static String made(String path, String body) {
    var request =
        "POST %s HTTP/1.0\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(path, body.length(), body);
    var answer = said(request);
    var id = Pattern.compile("\"Id\":\"([0-9a-f]+)\"").matcher(answer);
    if (!id.find()) {
      throw new AssertionError(path + ": " + answer);
    }
    return id.group(1);
  }

  private static String answer(String path) {
    return said("GET " + path + " HTTP/1.0\r\nHost: docker\r\n\r\n");
  }

  private static String said(String request) {
    try (var channel = connected()) {
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      var all = new ByteArrayOutputStream();
      Channels.newInputStream(channel).transferTo(all);
      return all.toString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode parsed(String path, String answer) {
    if (!answer.startsWith("HTTP/1.0 200")) {
      throw new AssertionError(path + ": " + answer);
    }
    try {
      return JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The project's containers by name, in any state, as `GET /containers/json` has them.
  static Map<String, JsonNode> containers(String project) {
    var all = new TreeMap<String, JsonNode>();
    for (var c : get("/containers/json?all=1&filters=" + ofProject(project))) {
      all.put(c.path("Names").path(0).asText().substring(1), c);
    }
    return all;
  }

  static JsonNode container(String idOrName) {
    return get("/containers/" + idOrName + "/json");
  }

  /// One that may be in the making, or on its way out: the engine lists it, and knows it not.
  static Optional<JsonNode> find(String idOrName) {
    var path = "/containers/" + idOrName + "/json";
    var answer = answer(path);
    return answer.startsWith("HTTP/1.0 404") ? Optional.empty() : Optional.of(parsed(path, answer));
  }

  /// Names of the containers that belong to the project by their name, labelled or not.
  static List<String> named(String project) {
    var all = new ArrayList<String>();
    for (var c : get("/containers/json?all=1")) {
      var name = c.path("Names").path(0).asText();
      if (name.contains(project)) {
        all.add(name);
      }
    }
    return all;
  }

  static String ofProject(String project) {
    return URLEncoder.encode(
        "{\"label\":[\"com.docker.compose.project=" + project + "\"]}", StandardCharsets.UTF_8);
  }

  static SocketChannel ask(String path) throws IOException {
    var channel = connected();
    channel.write(
        ByteBuffer.wrap(
            ("GET " + path + " HTTP/1.0\r\nHost: docker\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8)));
    return channel;
  }

  private static SocketChannel connected() throws IOException {
    var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(PATH));
    return channel;
  }
}
