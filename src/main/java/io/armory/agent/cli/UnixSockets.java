package io.armory.agent.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// Whether somebody listens at a socket.
public final class UnixSockets {
  private UnixSockets() {}

  public static boolean accepts(Path socket) {
    try {
      ask(socket);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// @throws IOException why nobody does
  static void ask(Path socket) throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (RuntimeException e) {
      // The path is too long for one, or not of this filesystem.
      throw new IOException(e.getMessage(), e);
    }
  }
}
