package io.armory.agent.adapter.http;

import io.armory.agent.adapter.http.HttpFront.HealthSources;
import io.armory.agent.domain.Outcome;
import io.armory.agent.testing.FakeControl;
import io.armory.agent.testing.Reports;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;

/// The health port and a control socket as a process of its own, with the daemon's heap. Prints the
/// port, and serves until it is killed.
final class FloodedServer {
  private FloodedServer() {}

  public static void main(String[] arguments) throws InterruptedException {
    var sources =
        new HealthSources(
            () -> Reports.ready(Instant.now()), report -> report, new Metrics(), Instant::now);
    var front = HttpFront.open();
    var _ = front.serveControl(Path.of(arguments[0]), new FakeControl(), Instant::now);
    var port = front.serveHealth("127.0.0.1", 0, Path.of("agent.yaml"), sources);
    System.out.println(port instanceof Outcome.Done<Integer>(var number) ? number : port);
    new CountDownLatch(1).await();
  }
}
