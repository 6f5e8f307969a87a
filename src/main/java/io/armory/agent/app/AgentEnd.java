package io.armory.agent.app;

import io.armory.agent.adapter.systemd.Notifier;
import io.armory.agent.adapter.systemd.SystemState;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.Environment;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.SystemThreads;
import io.armory.agent.reconcile.lifecycle.ShutdownDrain;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// When the daemon ends, and how: it is told to, or what it began with is another machine's.
final class AgentEnd {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.agent");
  private static final Duration STOP_MORE = Duration.ofSeconds(30);

  private final CountDownLatch told = new CountDownLatch(1);
  private volatile boolean mistaken;

  /// What was claimed when the agent started is another machine's after all.
  void mistaken() {
    mistaken = true;
    told.countDown();
  }

  boolean isMistaken() {
    return mistaken;
  }

  void await(
      ReconcilerDriver loop,
      NodeLifecycle lifecycle,
      Notifier notifier,
      AgentConfig config,
      Environment environment) {
    var ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  told.countDown();
                  try {
                    ended.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    try {
      tell(loop, notifier);
      if (mistaken) {
        LOG.info("the stack is left as it is meanwhile");
      } else if (environment.notifySocket().isPresent() && SystemState.isStopping()) {
        LOG.info("ends with the node");
        new ShutdownDrain(loop, lifecycle.drainer(), new SystemThreads())
            .run(config.drain().timeout(), doing -> notifier.stopsLater(STOP_MORE, doing));
      } else {
        LOG.info("ends; the stack keeps running");
      }
      if (!mistaken) {
        notifier.stopping("handing the stack over to the engine");
      }
      loop.close();
    } finally {
      ended.countDown();
    }
  }

  /// Tells systemd how it stands until the process is to end: READY once the first look was taken.
  private void tell(ReconcilerDriver loop, Notifier notifier) {
    var said = "";
    var ready = false;
    try {
      do {
        var report = loop.report();
        var status = status(report);
        if (!ready && report.engine().isPresent()) {
          ready = true;
          notifier.ready(status);
        } else if (!status.equals(said)) {
          notifier.status(status);
        }
        said = status;
      } while (!told.await(ready ? 5 : 1, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String status(HealthReport report) {
    return (report.ready().holds() ? "ready: " : "not ready: ") + report.ready().reason();
  }
}
