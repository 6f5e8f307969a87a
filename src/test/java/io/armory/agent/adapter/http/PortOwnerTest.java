package io.armory.agent.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortOwnerTest {
  @Test
  void dockers_own_process_is_named_as_that() {
    assertThat(PortOwner.explained("docker-proxy")).contains("restart docker");
    assertThat(PortOwner.explained("nginx")).isEmpty();
  }

  @Test
  void a_port_that_is_taken_on_another_address_is_not_taken() throws IOException {
    try (var socket = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.2"))) {
      var port = socket.getLocalPort();
      assertThat(PortOwner.of("127.0.0.2", port)).isPresent();
      assertThat(PortOwner.of("0.0.0.0", port)).isPresent();
      assertThat(PortOwner.of("", port)).isPresent();
      assertThat(PortOwner.of("127.0.0.3", port)).isEmpty();
    }
  }

  @Test
  void a_port_that_is_taken_on_every_address_is_taken_on_each() throws IOException {
    try (var socket = new ServerSocket(0)) {
      assertThat(PortOwner.of("127.0.0.2", socket.getLocalPort())).isPresent();
    }
  }

  /// As `/proc/net/tcp` and `tcp6` write them.
  @ParameterizedTest
  @CsvSource({
    "0100007F, 127.0.0.1, true",
    "0100007F, 127.0.0.2, false",
    "00000000, 127.0.0.2, true",
    "0100007F, ::, true",
    "00000000000000000000000000000000, 10.1.2.3, true",
    "00000000000000000000000001000000, ::1, true",
    "00000000000000000000000001000000, ::2, false",
    "0000000000000000FFFF00000100007F, 127.0.0.1, true",
    "0100007F, gate.internal, true"
  })
  void addresses_meet(String local, String address, boolean meets) {
    assertThat(PortOwner.meets(local, address)).isEqualTo(meets);
  }
}
