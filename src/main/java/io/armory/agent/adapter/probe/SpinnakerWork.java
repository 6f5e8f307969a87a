package io.armory.agent.adapter.probe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Workload;
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

/// Asks Orca and Rosco over HTTP, as an operator would with curl. Their administrative paths may
/// want to know who asks: the header `X-Spinnaker-User`.
public final class SpinnakerWork implements Workload {
  private static final int PATIENCE_MILLIS = 3000;

  /// For a whole exchange, however it dribbles: who asks has a deadline.
  private static final Duration WHOLE = Duration.ofSeconds(5);

  /// A report of all meters is 50 kB and more.
  private static final int MOST = 4 * 1024 * 1024;

  /// The pool whose threads each have one message of the queue in hand. An execution that only
  /// waits is in the store alone, and in nobody's hand.
  private static final String POOL = "messageHandler";

  private static final String METER = "threadpool.activeCount";
  private static final String METRICS = "/spectator/metrics";

  /// Without this property Orca has no such path.
  private static final String PROPERTY = "spectator.webEndpoint.enabled: true";

  private final ObjectMapper json = new ObjectMapper();

  @Override
  public Outcome<String> takeWork(Endpoint orca, boolean take) {
    return ask(orca, "POST", "/admin/instance/enabled", "{\"enabled\":" + take + "}");
  }

  @Override
  public Outcome<Integer> underWay(Endpoint service) {
    return service.service().startsWith("rosco")
        ? ask(service, "GET", "/status/instance", null).flatMap(this::bakes)
        : ask(service, "GET", METRICS, null).flatMap(this::messages);
  }

  private Outcome<Integer> bakes(String body) {
    return tree(body).map(t -> t.path("status").asText().equals("IDLE") ? 0 : 1);
  }

  private Outcome<Integer> messages(String body) {
    return tree(body)
        .flatMap(t -> {
          var inHand = 0.0;
          var known = false;
          for (var one : t.path("metrics").path(METER).path("values")) {
            var value = newest(one.path("values"));
            if (isOfPool(one.path("tags")) && Double.isFinite(value)) {
              known = true;
              inHand += value;
            }
          }
          return known
              ? Outcome.done((int) Math.ceil(inHand))
              : Outcome.failed(
                  new Failure(
                      Kind.NOT_FOUND,
                      "orca %s has no meter %s of the pool %sPool"
                          .formatted(METRICS, METER, POOL)));
        });
  }

  private static boolean isOfPool(JsonNode tags) {
    for (var tag : tags) {
      if (tag.path("key").asText().equals("id") && tag.path("value").asText().startsWith(POOL)) {
        return true;
      }
    }
    return false;
  }

  /// Not a number where there is none, as of a pool that is gone.
  private static double newest(JsonNode values) {
    return values.path(values.size() - 1).path("v").asDouble(Double.NaN);
  }

  private Outcome<JsonNode> tree(String body) {
    try {
      return Outcome.done(json.readTree(body));
    } catch (IOException e) {
      return Outcome.failed(new Failure(Kind.TRANSIENT, "does not answer with JSON"));
    }
  }

  /// On a thread that can be given up: interrupted in a read, it closes its connection.
  private static Outcome<String> ask(
      Endpoint to, String method, String path, @Nullable String body) {
    var answer = new CompletableFuture<Outcome<String>>();
    var asking =
        Thread.ofVirtual()
            .name("ask " + to.service())
            .start(() -> answer.complete(exchange(to, method, path, body)));
    try {
      return answer.get(WHOLE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return Outcome.failed(
          new Failure(
              Kind.UNREACHABLE,
              "%s %s cannot be asked: it does not end its answer within %d s"
                  .formatted(to.service(), path, WHOLE.toSeconds())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Outcome.failed(new Failure(Kind.UNREACHABLE, to.service() + " is not asked any more"));
    } finally {
      asking.interrupt();
    }
  }

  private static Outcome<String> exchange(
      Endpoint to, String method, String path, @Nullable String body) {
    var where = to.service() + " " + path;
    HttpURLConnection connection = null;
    try {
      var host = to.address().contains(":") ? "[" + to.address() + "]" : to.address();
      var url = URI.create("http://" + host + ":" + to.port() + path).toURL();
      connection = (HttpURLConnection) url.openConnection(java.net.Proxy.NO_PROXY);
      connection.setConnectTimeout(PATIENCE_MILLIS);
      connection.setReadTimeout(PATIENCE_MILLIS);
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
      if (status / 100 != 2) {
        var kind =
            status == 404 || status == 405
                ? Kind.NOT_FOUND
                : status == 401 || status == 403 ? Kind.DENIED : Kind.TRANSIENT;
        return Outcome.failed(
            new Failure(kind, where + " answers " + status + advice(path, status)));
      }
      return Outcome.done(text(connection));
    } catch (IOException e) {
      return Outcome.failed(
          new Failure(Kind.UNREACHABLE, where + " cannot be asked: " + e.getMessage()));
    } finally {
      if (connection != null) {
        connection.disconnect();
      }
    }
  }

  private static String advice(String path, int status) {
    return path.equals(METRICS) && status == 404
        ? "; a file of its configuration must say " + PROPERTY
        : "";
  }

  private static String text(HttpURLConnection connection) throws IOException {
    try (var in = connection.getInputStream()) {
      var all = in.readNBytes(MOST + 1);
      if (all.length > MOST) {
        throw new IOException("its answer does not end");
      }
      return new String(all, StandardCharsets.UTF_8);
    }
  }
}
