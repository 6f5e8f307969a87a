package io.armory.agent.reconcile.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.reconcile.Effect.ProbeTarget;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProbeSchedulerTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final ProbeSpec SPEC =
      new ProbeSpec(new ProbeSpec.Tcp(80), Duration.ofMillis(20), TIMEOUT, Duration.ZERO, 3, 1);

  private final List<Message.Probed> heard = new CopyOnWriteArrayList<>();
  private final Map<String, Duration> patience = new ConcurrentHashMap<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile String hung = "";
  private volatile String broken = "";
  private final ProbeScheduler prober =
      new ProbeScheduler(
          this::ask,
          m -> heard.add((Message.Probed) m),
          InstantSource.system(),
          new SystemThreads(),
          new Random());

  @AfterEach
  void close() {
    released.countDown();
    prober.close();
  }

  @Test
  void who_is_well_is_asked_again_and_only_the_first_answer_is_news() {
    watch("a");

    await().until(() -> heard.size() >= 4);

    assertThat(List.copyOf(heard).subList(0, 4))
        .extracting(Message.Probed::confirms)
        .startsWith(false, true, true);
  }

  @Test
  void one_that_hangs_keeps_nobody_from_being_asked_and_gets_all_of_its_time() {
    watch("a", "b", "c");
    await().until(() -> of("a").size() > 2 && of("b").size() > 2 && of("c").size() > 2);

    hung = "b";
    await().until(() -> TIMEOUT.equals(patience.get("b")));

    var before = heard.size();
    await().until(() -> heard.size() > before + 20);
    var all = List.copyOf(heard);
    assertThat(all.subList(before + 2, all.size()))
        .extracting(Message.Probed::containerId)
        .doesNotContain("b");
    hung = "";
    released.countDown();
    var answers = of("b").size();
    await().until(() -> of("b").size() > answers);
    assertThat(of("b")).allMatch(p -> p.result().healthy());
  }

  @Test
  void a_fall_and_the_recovery_after_it_are_news() {
    watch("a");
    await().until(() -> of("a").size() > 2);

    broken = "a";
    await().until(() -> of("a").stream().anyMatch(p -> !p.result().healthy()));
    broken = "";
    await().until(() -> of("a").getLast().result().healthy());

    var all = of("a");
    for (int i = 1; i < all.size(); i++) {
      var both = all.get(i - 1).result().healthy() && all.get(i).result().healthy();
      assertThat(all.get(i).confirms()).isEqualTo(both);
    }
  }

  private List<Message.Probed> of(String id) {
    return heard.stream().filter(p -> p.containerId().equals(id)).toList();
  }

  private void watch(String... ids) {
    var targets = new HashMap<String, ProbeTarget>();
    for (var id : ids) {
      targets.put(id, new ProbeTarget(id, id, Instant.now(), SPEC));
    }
    prober.watch(targets);
  }

  /// One that hangs takes the time it is given, at most until it is released.
  private ProbeResult ask(String address, ProbeSpec spec) {
    if (!address.equals(hung)) {
      return new ProbeResult(!address.equals(broken), true, "", Duration.ZERO);
    }
    patience.put(address, spec.timeout());
    try {
      var over =
          !released.await(spec.timeout().toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
      return new ProbeResult(
          !over, !over, over ? "no answer" : "", over ? spec.timeout() : Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new ProbeResult(false, false, "interrupted", Duration.ZERO);
    }
  }
}
