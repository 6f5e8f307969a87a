package io.armory.agent.rig;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// A port that is still free when whoever it is for opens it, however long that takes: below those
/// that the kernel gives to outgoing connections, and in no other test's hands.
public final class FreePort {
  private static final int FIRST = 15_000;

  /// Linux's `ip_local_port_range` begins above it.
  private static final int LAST = 32_000;

  /// What marks a port as taken, for the tests of other processes too: its namesake of UDP, which
  /// nothing here serves. Held until the process ends.
  private static final List<DatagramSocket> CLAIMS = new ArrayList<>();

  private FreePort() {}

  /// One of TCP, at every address of this machine.
  public static synchronized int next() {
    while (true) {
      var port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      try (var _ = new ServerSocket(port)) {
        CLAIMS.add(new DatagramSocket(port, InetAddress.getLoopbackAddress()));
        return port;
      } catch (IOException e) {
        // Somebody has it.
      }
    }
  }
}
