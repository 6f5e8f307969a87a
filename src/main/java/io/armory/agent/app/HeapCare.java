package io.armory.agent.app;

import io.armory.agent.port.Supervised;
import io.armory.agent.reconcile.driver.SystemThreads;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the agent as small after a thousand rollouts as it was after its start. The serial
/// collector lets the old generation grow to its bound before it looks at what of it is garbage,
/// and gives memory back only when it looks; so it is told to look when a busy time has left
/// enough. That stops the agent for less than a tenth of a second, a few times in a busy hour.
final class HeapCare implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final Duration EVERY = Duration.ofMinutes(1);

  /// In bytes, of garbage.
  private static final long WORTH = 2 << 20;

  private final LongSupplier used;
  private final Runnable collect;
  private final Thread thread =
      Thread.ofVirtual()
          .name("heap-care")
          .unstarted(new Supervised(new SystemThreads(), LOG, "the care for the heap", this::step));
  private long kept;

  /// @param used bytes of the old generation
  /// @param collect the whole heap
  HeapCare(LongSupplier used, Runnable collect) {
    this.used = used;
    this.collect = collect;
    this.kept = used.getAsLong();
  }

  /// Of this JVM.
  static HeapCare ofOwn() {
    var old = old();
    return new HeapCare(() -> old.map(pool -> pool.getUsage().getUsed()).orElse(0L), System::gc);
  }

  private static Optional<MemoryPoolMXBean> old() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().equals("Tenured Gen"))
        .findFirst();
  }

  void start() {
    thread.start();
  }

  private boolean step() throws InterruptedException {
    Thread.sleep(EVERY);
    tidy();
    return true;
  }

  void tidy() {
    if (used.getAsLong() - kept >= WORTH) {
      collect.run();
      kept = used.getAsLong();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
