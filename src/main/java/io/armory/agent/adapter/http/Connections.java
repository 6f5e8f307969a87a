package io.armory.agent.adapter.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Bounds what clients can hold. Those that never ask, or ask one byte at a time, are the first to
/// go; a load balancer that asks and is answered is the last. Used from one event loop alone.
final class Connections {
  /// Many times what load balancers, Prometheus and people need; about 8 kB of heap each.
  static final int MOST = 512;

  /// Longer than the usual interval of a checker that keeps its connection.
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(75);

  /// In which a first request must be complete.
  private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long SWEEP_MILLIS = 5_000;

  /// Connection → when it is given up, the one asked longest ago first.
  private final Map<HttpConnection, Long> deadlines = new LinkedHashMap<>();

  Connections(Vertx vertx) {
    vertx.setPeriodic(SWEEP_MILLIS, _ -> sweep());
  }

  void opened(HttpConnection connection) {
    deadlines.put(connection, System.nanoTime() + FIRST_NANOS);
    connection.closeHandler(_ -> deadlines.remove(connection));
    if (deadlines.size() > MOST) {
      drop(deadlines.keySet().iterator().next());
    }
  }

  void used(HttpConnection connection) {
    if (deadlines.remove(connection) != null) {
      deadlines.put(connection, System.nanoTime() + IDLE_NANOS);
    }
  }

  private void sweep() {
    var now = System.nanoTime();
    var late = new ArrayList<HttpConnection>();
    deadlines.forEach((connection, deadline) -> {
      if (deadline - now < 0) {
        late.add(connection);
      }
    });
    late.forEach(this::drop);
  }

  private void drop(HttpConnection connection) {
    deadlines.remove(connection);
    connection.close();
  }
}
