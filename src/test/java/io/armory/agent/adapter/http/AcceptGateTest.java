package io.armory.agent.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class AcceptGateTest {
  @Test
  void accepting_stops_at_the_most_and_goes_on_when_one_is_closed() {
    var server = new EmbeddedChannel(new AcceptGate(3));
    var accepted = new ArrayList<Channel>();
    for (var i = 0; i < 3; i++) {
      assertThat(server.config().isAutoRead()).as("after " + i).isTrue();
      var connection = new EmbeddedChannel();
      accepted.add(connection);
      server.writeInbound(connection);
    }
    assertThat(server.config().isAutoRead()).isFalse();
    accepted.getFirst().close().syncUninterruptibly();
    server.runPendingTasks();
    assertThat(server.config().isAutoRead()).isTrue();
    server.writeInbound(new EmbeddedChannel());
    assertThat(server.config().isAutoRead()).isFalse();
    assertThat(server.inboundMessages()).as("all are handed on").hasSize(4);
  }
}
