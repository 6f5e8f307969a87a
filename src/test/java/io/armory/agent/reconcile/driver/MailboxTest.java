package io.armory.agent.reconcile.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.ProbeResult;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MailboxTest {
  private final Mailbox mailbox = new Mailbox(new SystemThreads());

  @Test
  @Timeout(60)
  void news_ends_the_waiting_and_brings_what_could_wait_in_its_order() throws Exception {
    mailbox.accept(probed(true));
    mailbox.accept(probed(false));
    mailbox.accept(new Message.Asked(() -> {}));

    mailbox.await(Duration.ofHours(1));

    assertThat(mailbox.next()).isEqualTo(probed(true));
    assertThat(mailbox.next()).isEqualTo(probed(false));
    assertThat(mailbox.next()).isInstanceOf(Message.Asked.class);
    assertThat(mailbox.next()).isNull();
  }

  @Test
  void an_answer_that_only_confirms_wakes_nobody() throws Exception {
    mailbox.accept(probed(true));
    var began = System.nanoTime();

    mailbox.await(Duration.ofMillis(20));

    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isGreaterThanOrEqualTo(Duration.ofMillis(20));
    assertThat(mailbox.next()).isEqualTo(probed(true));
  }

  private static Message.Probed probed(boolean confirms) {
    return new Message.Probed(
        "c1", Instant.EPOCH, new ProbeResult(true, true, "200", Duration.ZERO), confirms);
  }
}
