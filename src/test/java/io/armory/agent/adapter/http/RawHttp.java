package io.armory.agent.adapter.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A TCP connection on which a test says exactly what it wants.
final class RawHttp implements AutoCloseable {
  private final Socket socket = new Socket();

  RawHttp(int port) throws IOException {
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 5000);
    socket.setSoTimeout(10_000);
  }

  RawHttp say(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  /// Everything up to the end of the connection.
  String all() throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /// Everything that is answered to what has been said, which is all.
  String rest() throws IOException {
    socket.shutdownOutput();
    return all();
  }

  /// One answer with a content length: its head and its body.
  String answer() throws IOException {
    var text = new StringBuilder();
    var in = socket.getInputStream();
    while (text.indexOf("\r\n\r\n") < 0) {
      var c = in.read();
      if (c < 0) {
        return text.toString();
      }
      text.append((char) c);
    }
    var head = text.toString();
    var at = head.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
    if (at >= 0) {
      var length = Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
      text.append(new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  /// Whether the other side has ended it.
  boolean ended() {
    try {
      socket.setSoTimeout(200);
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /// As [#answer], and empty when the other side has broken it off.
  String answerOrNothing() {
    try {
      return answer();
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
