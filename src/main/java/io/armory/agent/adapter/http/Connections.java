package io.armory.agent.adapter.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Bounds what clients can hold: connections, and answers that they do not read. Those that never
/// ask, ask one byte at a time or never read are the first to go; a load balancer that asks and is
/// answered is the last. Used from one event loop alone.
final class Connections {
  /// Many times what load balancers, Prometheus and people need; about 8 kB of heap each.
  static final int MOST = 512;

  /// Bytes of answers that wait for their clients, of all connections. The system's own buffers,
  /// which take whole answers of clients that read, are not counted.
  static final long MOST_UNREAD = 4L * 1024 * 1024;

  /// Longer than the usual interval of a checker that keeps its connection.
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(75);

  /// In which a first request must be complete, and an answer be read.
  private static final long BUSY_NANOS = TimeUnit.SECONDS.toNanos(10);

  /// No stream ends for its age.
  private static final long STREAM_NANOS = TimeUnit.DAYS.toNanos(366);

  /// A request this soon after the last answer has been pipelined, or can bear to wait its turn.
  private static final long HEELS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final int AT_ONCE = 16;

  private static final long SWEEP_MILLIS = 5_000;

  private final Vertx vertx;

  /// The one asked longest ago first.
  private final Map<HttpConnection, Client> clients = new LinkedHashMap<>();

  /// Requests that wait for their turn: one for each connection at most.
  private final Deque<Runnable> queue = new ArrayDeque<>();

  private boolean scheduled;
  private long unread;

  Connections(Vertx vertx) {
    this.vertx = vertx;
    vertx.setPeriodic(SWEEP_MILLIS, _ -> sweep());
  }

  private static final class Client {
    /// When it is given up.
    private long deadline = System.nanoTime() + BUSY_NANOS;

    private long last = System.nanoTime() - IDLE_NANOS;

    /// Ends when the system has taken the last answer.
    private Future<Void> answered = Future.succeededFuture();

    private long unread;
  }

  void opened(HttpConnection connection) {
    clients.put(connection, new Client());
    connection.closeHandler(_ -> clients.remove(connection));
    if (clients.size() > MOST) {
      var slow = slowest();
      drop(slow == null ? clients.keySet().iterator().next() : slow);
    }
  }

  /// Hands on a request as soon as the answer before it has been sent. One that comes at the heels
  /// of that answer waits in a queue, of which a few are handed on at a time: who pipelines
  /// thousands delays nobody else.
  void inTurn(HttpServerRequest request, Handler<HttpServerRequest> handler) {
    var client = clients.remove(request.connection());
    if (client == null) {
      return;
    }
    clients.put(request.connection(), client);
    var now = System.nanoTime();
    client.deadline = now + IDLE_NANOS;
    if (client.answered.isComplete() && now - client.last > HEELS_NANOS) {
      client.last = now;
      handler.handle(request);
      return;
    }
    queue.add(() ->
        client.answered.onSuccess(_ -> {
          client.last = System.nanoTime();
          handler.handle(request);
        }));
    handOnSoon();
  }

  /// By a timer: Netty goes on for up to a second with what is merely handed to its loop, before it
  /// reads from anybody again.
  private void handOnSoon() {
    if (!queue.isEmpty() && !scheduled) {
      scheduled = true;
      vertx.setTimer(
          1,
          _ -> {
            scheduled = false;
            for (var i = 0; i < AT_ONCE && !queue.isEmpty(); i++) {
              queue.remove().run();
            }
            handOnSoon();
          });
    }
  }

  /// @param sent ends when the system has taken the answer
  void answered(HttpConnection connection, Future<Void> sent, long bytes) {
    var client = clients.get(connection);
    if (client == null) {
      return;
    }
    client.answered = sent;
    if (sent.isComplete()) {
      return;
    }
    client.deadline = System.nanoTime() + BUSY_NANOS;
    client.unread = bytes;
    unread += bytes;
    var _ =
        sent.onComplete(_ -> {
          unread -= bytes;
          client.unread = 0;
          client.deadline = System.nanoTime() + IDLE_NANOS;
        });
    var slow = slowest();
    if (unread > MOST_UNREAD && slow != null && !slow.equals(connection)) {
      drop(slow);
    }
  }

  /// Its answer comes in pieces, as long as that takes; whoever sends them waits for the client.
  void streams(HttpConnection connection) {
    var client = clients.get(connection);
    if (client != null) {
      client.deadline = System.nanoTime() + STREAM_NANOS;
    }
  }

  /// Bytes of answers that wait for their clients.
  long unread() {
    return unread;
  }

  private @Nullable HttpConnection slowest() {
    for (var entry : clients.entrySet()) {
      if (entry.getValue().unread > 0) {
        return entry.getKey();
      }
    }
    return null;
  }

  private void sweep() {
    var now = System.nanoTime();
    for (var entry : List.copyOf(clients.entrySet())) {
      if (entry.getValue().deadline - now < 0) {
        drop(entry.getKey());
      }
    }
  }

  /// Vert.x closes a connection when its answers have been read; this one is closed now.
  private void drop(HttpConnection connection) {
    clients.remove(connection);
    if (connection instanceof ConnectionBase base) {
      var _ = base.channel().pipeline().firstContext().close();
    } else {
      connection.close();
    }
  }
}
