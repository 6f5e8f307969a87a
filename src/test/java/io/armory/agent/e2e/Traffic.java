package io.armory.agent.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// People at work: ten requests a second through the load balancer, each on a connection of its own
/// and none of them repeated.
final class Traffic implements AutoCloseable {
  private static final long PAUSE_NANOS = 100_000_000;

  private final URI target;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final AtomicLong sent = new AtomicLong();
  private final List<Failed> failures = Collections.synchronizedList(new ArrayList<>());
  private final Thread thread;
  private volatile boolean over;

  record Failed(Instant at, String why) {}

  Traffic(URI target) {
    this.target = target;
    thread = Thread.ofPlatform().name("traffic").daemon().start(this::run);
  }

  private void run() {
    while (!over) {
      Thread.ofVirtual().start(this::request);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void request() {
    var at = Instant.now();
    sent.incrementAndGet();
    try {
      var request = HttpRequest.newBuilder(target).timeout(Duration.ofSeconds(10)).build();
      var status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status != 200) {
        failures.add(new Failed(at, "status " + status));
      }
    } catch (IOException e) {
      failures.add(new Failed(at, e.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  long sent() {
    return sent.get();
  }

  /// What failed of the requests sent from then on.
  List<Failed> failures(Instant from) {
    synchronized (failures) {
      return failures.stream().filter(f -> !f.at().isBefore(from)).toList();
    }
  }

  @Override
  public void close() {
    over = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
