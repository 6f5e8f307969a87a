package io.armory.agent.reconcile.driver;

import io.armory.agent.port.Glance;
import io.armory.agent.port.Threads;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Waits until the site's files rest: a file that somebody is writing counts when it is written. By
/// itself the agent waits for 10 s in which nothing changed, as a half-written file is valid now
/// and then; whoever says `sync` has finished, and is only kept from a write that goes on right
/// then. Used by the thread that reads.
final class FileSettling {
  private static final Duration POLLED = Duration.ofSeconds(10);
  private static final Duration ASKED = Duration.ofSeconds(1);

  /// Files that never rest, such as a log among them, keep nothing from being read for ever.
  private static final int LONGEST = 6;

  private static final Duration BEAT = Duration.ofSeconds(1);

  private final Supplier<Glance> files;
  private final Threads threads;
  private final Duration polled;
  private Glance read = Glance.NOTHING;

  FileSettling(Supplier<Glance> files, Threads threads) {
    this(files, threads, POLLED);
  }

  /// @param polled so long nothing may have changed when nobody asked
  FileSettling(Supplier<Glance> files, Threads threads, Duration polled) {
    this.files = files;
    this.threads = threads;
    this.polled = polled;
  }

  /// @param glance as the files were when they were read
  void read(Glance glance) {
    read = glance;
  }

  /// @param asked whether somebody did
  /// @param refresh acquired when somebody does meanwhile
  void await(boolean asked, Semaphore refresh) throws InterruptedException {
    var needed = asked ? ASKED : polled;
    var seen = files.get();
    var begun = threads.nanos();
    var since = begun;
    while (!seen.isAs(read)
        && passed(begun).compareTo(needed.multipliedBy(LONGEST)) < 0
        && rest(seen, since).compareTo(needed) < 0) {
      var left = needed.minus(rest(seen, since));
      var pause = left.compareTo(BEAT) < 0 ? left : BEAT;
      if (refresh.tryAcquire(pause.toMillis() + 1, TimeUnit.MILLISECONDS)) {
        needed = ASKED;
      }
      var now = files.get();
      if (!now.isAs(seen)) {
        seen = now;
        since = threads.nanos();
      }
    }
  }

  /// By the disk's own times, or as long as it was watched: either clock may have been set.
  private Duration rest(Glance seen, long since) {
    var watched = passed(since);
    var told = Duration.between(seen.changed(), Instant.now());
    return told.compareTo(watched) > 0 ? told : watched;
  }

  private Duration passed(long since) {
    return Duration.ofNanos(threads.nanos() - since);
  }
}
