package io.armory.agent.adapter.probe;

import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.ProbeSpec;
import io.armory.agent.port.Probe;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Asks over a plain socket, a new one each time, so that what is tested is what a new client would
/// meet. The whole exchange has one deadline: an answer that dribbles in is no answer. Containers
/// are not asked by way of a proxy: none is looked for, which would cost more than the rest.
/// Whatever is asked for ever is put together without a format, which is parsed anew each time.
public final class SocketProbe implements Probe {
  /// A health body of more is cut off; the status line is what counts.
  private static final int MOST = 16 * 1024;

  @Override
  public ProbeResult ask(String address, ProbeSpec spec) {
    var began = System.nanoTime();
    var deadline = began + spec.timeout().toNanos();
    try (var socket = new Socket(Proxy.NO_PROXY)) {
      socket.connect(
          new InetSocketAddress(address, spec.check().port()), left(deadline, spec.timeout()));
      return switch (spec.check()) {
        case ProbeSpec.Tcp _ -> result(true, true, "accepts connections", began);
        case ProbeSpec.Http http -> http(socket, address, http, deadline, spec, began);
        case ProbeSpec.Redis _ -> redis(socket, deadline, spec, began);
      };
    } catch (SocketTimeoutException e) {
      return result(false, false, "no answer in " + words(spec.timeout()), began);
    } catch (ConnectException | NoRouteToHostException e) {
      return result(false, false, "connection refused on port " + spec.check().port(), began);
    } catch (IOException e) {
      return result(false, false, "connection broke: " + e.getMessage(), began);
    }
  }

  private static ProbeResult http(
      Socket socket,
      String address,
      ProbeSpec.Http check,
      long deadline,
      ProbeSpec spec,
      long began)
      throws IOException {
    var host = address.contains(":") ? "[" + address + "]" : address;
    var request =
        "GET "
            + check.path()
            + " HTTP/1.1\r\nHost: "
            + host
            + ":"
            + check.port()
            + "\r\nUser-Agent: armory-agent\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    var answer = read(socket, deadline, spec.timeout(), "\r\n\r\n");
    if (answer.length() < 12 || !answer.startsWith("HTTP/1.")) {
      return result(
          false,
          !answer.isEmpty(),
          answer.isEmpty() ? "closed the connection without an answer" : "does not speak HTTP",
          began);
    }
    var code = answer.substring(9, 12);
    var healthy = code.startsWith("2") || code.startsWith("3");
    return result(healthy, true, healthy ? code : "answers " + code, began);
  }

  private static ProbeResult redis(Socket socket, long deadline, ProbeSpec spec, long began)
      throws IOException {
    socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
    var answer = read(socket, deadline, spec.timeout(), "\r\n");
    // A Redis that wants a password serves: whether ours is right is another question.
    var healthy = answer.startsWith("+PONG") || answer.startsWith("-NOAUTH");
    return result(
        healthy,
        !answer.isEmpty(),
        healthy
            ? "answers PING"
            : answer.isEmpty()
                ? "closed the connection without an answer"
                : "answers " + answer.strip(),
        began);
  }

  private static String read(Socket socket, long deadline, Duration timeout, String end)
      throws IOException {
    var text = new StringBuilder();
    var buffer = new byte[2048];
    while (text.indexOf(end) < 0 && text.length() < MOST) {
      socket.setSoTimeout(left(deadline, timeout));
      var n = socket.getInputStream().read(buffer);
      if (n < 0) {
        break;
      }
      text.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }

  private static int left(long deadline, Duration timeout) throws SocketTimeoutException {
    var millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new SocketTimeoutException("no answer in " + timeout);
    }
    return (int) Math.min(millis, Integer.MAX_VALUE);
  }

  private static String words(Duration timeout) {
    return timeout.toMillis() % 1000 == 0 ? timeout.toSeconds() + " s" : timeout.toMillis() + " ms";
  }

  private static ProbeResult result(boolean healthy, boolean answered, String detail, long began) {
    return new ProbeResult(healthy, answered, detail, Duration.ofNanos(System.nanoTime() - began));
  }
}
