package io.armory.agent.cli;

import io.armory.agent.config.Paths;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/// Talks HTTP/1.1 to the running agent over its control socket, with the JDK alone: `status` must
/// not wait for a client library to start. One connection, one request.
///
/// @param user who asks, for the agent's record
public record ControlClient(Path socket, String user) {
  private static final String HEX = "0123456789ABCDEF";

  /// @param exit the code to end with, as the agent says
  /// @param body read as it comes; its end is the answer's end
  record Answer(int status, int exit, InputStream body) {
    String text() throws IOException {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }

    /// This answer, unless it is a refusal.
    Answer expected() throws IOException {
      if (status != 200) {
        throw new Refused(exit, text().strip());
      }
      return this;
    }

    BufferedReader lines() throws IOException {
      return new BufferedReader(new InputStreamReader(expected().body, StandardCharsets.UTF_8));
    }
  }

  @FunctionalInterface
  interface Reader<T> {
    T read(Answer answer) throws IOException;
  }

  /// Asks and reads. Throws [Refused] when the agent is not there, or does not let us in.
  ///
  /// @param patience the longest the whole may take; zero: as long as it takes
  <T> T ask(
      String method,
      String path,
      Map<String, String> parameters,
      Duration patience,
      Reader<T> reader) {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      var watch = patience.isZero() ? null : giveUpAfter(patience, channel);
      channel.write(ByteBuffer.wrap(request(method, path, parameters)));
      var answer = answer(new BufferedInputStream(Channels.newInputStream(channel)));
      var result = reader.read(answer);
      if (watch != null) {
        watch.interrupt();
      }
      return result;
    } catch (AsynchronousCloseException e) {
      throw new Refused(Exit.FAILED, "the agent does not answer in " + patience.toSeconds() + " s");
    } catch (IOException | IllegalArgumentException e) {
      throw refused(e);
    }
  }

  /// Asks for a text. Throws [Refused] also when the agent refuses it.
  String get(String path, Map<String, String> parameters, Duration patience) {
    return ask("GET", path, parameters, patience, answer -> answer.expected().text());
  }

  private static Thread giveUpAfter(Duration patience, SocketChannel channel) {
    var watch = new Thread(new Patience(patience, channel), "patience");
    watch.setDaemon(true);
    watch.start();
    return watch;
  }

  private record Patience(Duration length, SocketChannel channel) implements Runnable {
    @Override
    public void run() {
      try {
        Thread.sleep(length);
        channel.close();
      } catch (InterruptedException | IOException e) {
        // Answered in time, or closed already.
      }
    }
  }

  // Plain concatenation: a formatter takes longer to start than the agent to answer.
  private byte[] request(String method, String path, Map<String, String> parameters) {
    var query = new StringBuilder();
    for (var parameter : parameters.entrySet()) {
      query
          .append(query.isEmpty() ? '?' : '&')
          .append(parameter.getKey())
          .append('=')
          .append(encoded(parameter.getValue()));
    }
    var head =
        method
            + " "
            + path
            + query
            + " HTTP/1.1\r\nhost: agent\r\nagent-user: "
            + encoded(user)
            + "\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    return head.getBytes(StandardCharsets.US_ASCII);
  }

  /// Percent-encoding (RFC 3986), of everything that is not plainly harmless.
  private static String encoded(String text) {
    var out = new StringBuilder();
    for (var b : text.getBytes(StandardCharsets.UTF_8)) {
      var c = (char) (b & 0xff);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '-'
          || c == '.'
          || c == '_') {
        out.append(c);
      } else {
        out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
    return out.toString();
  }

  private static Answer answer(InputStream in) throws IOException {
    var first = line(in);
    if (first.length() < 12 || !first.startsWith("HTTP/1.")) {
      throw new IOException("no HTTP answer");
    }
    var exit = 0;
    var chunked = false;
    for (var line = line(in); !line.isEmpty(); line = line(in)) {
      var header = line.toLowerCase(Locale.ROOT);
      if (header.startsWith("agent-exit:")) {
        exit = Integer.parseInt(header.substring("agent-exit:".length()).strip());
      } else if (header.startsWith("transfer-encoding:") && header.contains("chunked")) {
        chunked = true;
      }
    }
    return new Answer(
        Integer.parseInt(first.substring(9, 12)), exit, chunked ? new Chunks(in) : in);
  }

  static String line(InputStream in) throws IOException {
    var text = new StringBuilder();
    for (var c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 || text.length() > 8192) {
        throw new IOException("the agent ended the connection");
      }
      if (c != '\r') {
        text.append((char) c);
      }
    }
    return text.toString();
  }

  /// The unit's agent has its files where packages put them; another was started by hand.
  private String start() {
    return socket.equals(new Paths(Path.of("/")).controlSocket())
        ? "systemctl start armory-agent"
        : "armory-agent --root " + socket.resolve("../../..").normalize() + " run";
  }

  private Refused refused(Exception error) {
    var message = String.valueOf(error.getMessage());
    if (message.contains("Permission denied") || message.contains("not permitted")) {
      return new Refused(
          Exit.NOT_ALLOWED,
          "not allowed to use " + socket + "; use sudo, or be a member of group armory-agent");
    }
    if (message.contains("refused")
        || message.contains("No such file")
        || (error instanceof SocketException && Files.notExists(socket))) {
      return new Refused(
          Exit.NOT_RUNNING,
          "the agent is not running (nobody answers on " + socket + "); start it with: " + start());
    }
    return new Refused(Exit.FAILED, "cannot talk to the agent on " + socket + ": " + message);
  }
}
