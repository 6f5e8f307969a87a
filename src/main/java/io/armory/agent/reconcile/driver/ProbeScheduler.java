package io.armory.agent.reconcile.driver;

import io.armory.agent.domain.ProbeResult;
import io.armory.agent.port.Probe;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.Effect.ProbeTarget;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Asks every running container for its health at its own pace: often while it starts, so that a
/// dependent need not wait for the next full interval, and with jitter afterwards. Owned by the
/// loop's thread. The questions run on threads of their own, one for each that is open at once:
/// they are asked for ever, and a virtual thread's ways through the poller cost twice the CPU. Who
/// answered well and at once is asked by the timer's own thread, which waits for a moment only: who
/// takes longer this time is asked anew on another.
final class ProbeScheduler implements AutoCloseable {
  private static final Duration FASTEST = Duration.ofMillis(100);
  private static final Duration BEAT = Duration.ofSeconds(2);
  private static final Duration AT_ONCE = Duration.ofMillis(50);
  private static final Duration MOMENT = Duration.ofMillis(250);

  private final Probe probe;
  private final Consumer<Message> mailbox;
  private final InstantSource clock;
  private final Map<String, Watch> watches = new HashMap<>();
  private final RandomGenerator random;
  private final Threads threads;
  private final Threads.Timer timer;

  private static final class Watch {
    final ProbeTarget target;
    volatile boolean everHealthy;
    volatile boolean wasHealthy;
    volatile boolean wasQuick;
    volatile boolean ended;
    volatile @Nullable Runnable cancelsNext;

    Watch(ProbeTarget target) {
      this.target = target;
    }
  }

  ProbeScheduler(ReconcilerPorts parts, Consumer<Message> mailbox) {
    this(parts.probe(), mailbox, parts.clock(), parts.threads(), parts.random());
  }

  ProbeScheduler(
      Probe probe,
      Consumer<Message> mailbox,
      InstantSource clock,
      Threads threads,
      RandomGenerator random) {
    this.probe = probe;
    this.mailbox = mailbox;
    this.clock = clock;
    this.threads = threads;
    this.random = random;
    this.timer = threads.timer("probe");
  }

  /// Asks exactly these from now on, by container ID.
  void watch(Map<String, ProbeTarget> targets) {
    watches
        .entrySet()
        .removeIf(e -> {
          var gone = !e.getValue().target.equals(targets.get(e.getKey()));
          if (gone) {
            end(e.getValue());
          }
          return gone;
        });
    targets.forEach((id, target) ->
        watches.computeIfAbsent(
            id,
            k -> {
              var watch = new Watch(target);
              schedule(id, watch, Duration.ZERO);
              return watch;
            }));
  }

  private void schedule(String id, Watch watch, Duration delay) {
    if (!watch.ended) {
      watch.cancelsNext = timer.after(delay, () -> due(id, watch));
    }
  }

  private void due(String id, Watch watch) {
    var spec = watch.target.spec();
    if (watch.wasQuick && spec.timeout().compareTo(MOMENT) > 0) {
      var result = answer(() -> probe.ask(watch.target.address(), spec.within(MOMENT)));
      var isPlain = result.standing() != ProbeResult.Standing.FAILING;
      if (result.healthy() || (isPlain && result.took().compareTo(AT_ONCE) < 0)) {
        heard(id, watch, result);
        return;
      }
    }
    timer.elsewhere(() -> heard(id, watch, answer(() -> ask(watch.target))));
  }

  private void heard(String id, Watch watch, ProbeResult result) {
    if (!watch.ended) {
      var confirms = watch.wasHealthy && result.healthy();
      watch.wasHealthy = result.healthy();
      watch.everHealthy |= result.healthy();
      watch.wasQuick = result.healthy() && result.took().compareTo(AT_ONCE) < 0;
      mailbox.accept(new Message.Probed(id, watch.target.startedAt(), result, confirms));
      schedule(id, watch, pause(watch));
    }
  }

  /// A bug in a probe is an unhealthy answer, not the end of the asking.
  private static ProbeResult answer(Supplier<ProbeResult> question) {
    try {
      return question.get();
    } catch (RuntimeException | Error e) {
      return new ProbeResult(false, false, "the probe failed: " + e, Duration.ZERO);
    }
  }

  private ProbeResult ask(ProbeTarget target) {
    return probe.ask(target.service(), target.address(), target.spec());
  }

  private Duration pause(Watch watch) {
    var spec = watch.target.spec();
    // Negative by a clock that was set back since.
    var upTime = Duration.between(watch.target.startedAt(), clock.instant()).abs();
    if (!watch.everHealthy && upTime.compareTo(spec.startPeriod()) < 0) {
      var eager = upTime.dividedBy(20);
      var atLeast = eager.compareTo(FASTEST) < 0 ? FASTEST : eager;
      return atLeast.compareTo(spec.interval()) < 0 ? atLeast : spec.interval();
    }
    var jitter = 0.9 + random.nextDouble() * 0.2;
    var plain = (long) (spec.interval().toNanos() * jitter);
    return Duration.ofNanos(watch.wasHealthy ? onBeat(plain) : plain);
  }

  /// What is well is asked together with others, where its interval is long beside the beat: a node
  /// at rest that wakes seldom costs half of what it costs to wake for each.
  private long onBeat(long pause) {
    var beat = BEAT.toNanos();
    if (pause < 2 * beat) {
      return pause;
    }
    var now = threads.nanos();
    var off = Math.floorMod(now + pause, beat);
    return off < beat / 2 ? pause - off : pause + beat - off;
  }

  private static void end(Watch watch) {
    watch.ended = true;
    var cancels = watch.cancelsNext;
    if (cancels != null) {
      cancels.run();
    }
  }

  @Override
  public void close() {
    watches.values().forEach(ProbeScheduler::end);
    timer.close();
  }
}
