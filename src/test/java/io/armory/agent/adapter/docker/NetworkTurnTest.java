package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class NetworkTurnTest {
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);

  private interface Turn {
    void take() throws Exception;
  }

  private static Thread started(Turn turn, CompletableFuture<Boolean> over) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            turn.take();
            over.complete(true);
          } catch (Exception e) {
            over.completeExceptionally(e);
          }
        });
  }

  private String lasting(String what) {
    begun.countDown();
    try {
      assertThat(end.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return said(what);
  }

  private String said(String what) {
    said.add(what);
    return what;
  }

  @Test
  void nothing_comes_in_between() throws Exception {
    var turn = new NetworkTurn(Duration.ofMinutes(1));
    var names = new CompletableFuture<Boolean>();
    var start = new CompletableFuture<Boolean>();
    started(() -> turn.alone(() -> lasting("names")), names);
    begun.await();
    var waiting = started(() -> turn.among(() -> said("start")), start);
    Awaitility.await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
    end.countDown();
    assertThat(names.get(1, TimeUnit.MINUTES)).isTrue();
    assertThat(start.get(1, TimeUnit.MINUTES)).isTrue();
    assertThat(said).containsExactly("names", "start");
  }

  @Test
  void names_wait_for_what_is_under_way_but_not_for_ever() throws Exception {
    var turn = new NetworkTurn(Duration.ofMillis(50));
    var start = new CompletableFuture<Boolean>();
    started(() -> turn.among(() -> lasting("start")), start);
    begun.await();
    assertThat(turn.among(() -> said("another start"))).isNotEmpty();
    assertThat(turn.alone(() -> said("names"))).isNotEmpty();
    assertThat(said).containsExactly("another start", "names");
    end.countDown();
    assertThat(start.get(1, TimeUnit.MINUTES)).isTrue();
  }
}
