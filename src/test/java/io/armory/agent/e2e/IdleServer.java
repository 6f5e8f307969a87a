package io.armory.agent.e2e;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/// Answers at once, as far as the machine lets it: how long it takes is the machine's own doing.
final class IdleServer implements AutoCloseable {
  private static final int OK = 200;

  private final HttpServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  IdleServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(OK, -1);
          exchange.close();
        });
    server.start();
  }

  int ask() {
    try {
      var at = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      return client
          .send(HttpRequest.newBuilder(at).build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    client.close();
    server.stop(0);
  }
}
