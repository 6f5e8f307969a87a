package io.armory.agent.adapter.probe;

import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Workload.Endpoint;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One question to a Spinnaker service over HTTP.
///
/// @param patience for a connection, and for the next byte
/// @param whole for the whole exchange, however it dribbles: who asks has a deadline
/// @param most bytes of an answer
record SpinnakerCall(Duration patience, Duration whole, int most) {

  /// On a thread that can be given up: interrupted in a read, it closes its connection.
  Outcome<String> ask(Endpoint to, String method, String path, @Nullable String body) {
    var answer = new CompletableFuture<Outcome<String>>();
    var asking =
        Thread.ofVirtual()
            .name("ask " + to.service())
            .start(() -> answer.complete(exchange(to, method, path, body)));
    try {
      return answer.get(whole.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return Outcome.failed(
          Kind.UNREACHABLE,
          "%s %s cannot be asked: it does not end its answer within %d s"
              .formatted(to.service(), path, whole.toSeconds()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Outcome.failed(Kind.UNREACHABLE, to.service() + " is not asked any more");
    } finally {
      asking.interrupt();
    }
  }

  private Outcome<String> exchange(Endpoint to, String method, String path, @Nullable String body) {
    var where = to.service() + " " + path;
    HttpURLConnection connection = null;
    try {
      var host = to.address().contains(":") ? "[" + to.address() + "]" : to.address();
      var url = URI.create("http://" + host + ":" + to.port() + path).toURL();
      connection = (HttpURLConnection) url.openConnection(java.net.Proxy.NO_PROXY);
      connection.setConnectTimeout((int) patience.toMillis());
      connection.setReadTimeout((int) patience.toMillis());
      connection.setRequestMethod(method);
      connection.setInstanceFollowRedirects(false);
      connection.setRequestProperty("X-Spinnaker-User", "armory-agent");
      connection.setRequestProperty("Accept", "application/json");
      if (body != null) {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
      }
      var status = connection.getResponseCode();
      if (status < 0) {
        throw new IOException("it does not speak HTTP");
      }
      if (status / 100 != 2) {
        var kind =
            status == 404 || status == 405
                ? Kind.NOT_FOUND
                : status == 401 || status == 403 ? Kind.DENIED : Kind.TRANSIENT;
        return Outcome.failed(kind, where + " answers " + status);
      }
      return Outcome.done(text(connection));
    } catch (IOException | RuntimeException e) {
      return Outcome.failed(Kind.UNREACHABLE, where + " cannot be asked: " + e.getMessage());
    } finally {
      if (connection != null) {
        connection.disconnect();
      }
    }
  }

  private String text(HttpURLConnection connection) throws IOException {
    try (var in = connection.getInputStream()) {
      var all = in.readNBytes(most + 1);
      if (all.length > most) {
        throw new IOException("its answer does not end");
      }
      return new String(all, StandardCharsets.UTF_8);
    }
  }
}
