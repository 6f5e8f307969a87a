package io.armory.agent.adapter.systemd;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// sd_notify(3): one datagram a message to the socket systemd names. The JDK has no datagram
/// sockets of the Unix family, so libc is called, from this class alone; that costs some 30 ms
/// once, at the first message, and nothing where there is no systemd. A message that cannot be sent
/// is not a fault of the agent's work: it is logged once.
public final class Notifier {
  private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
  private static final short AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int MSG_NOSIGNAL = 0x4000;

  /// sockaddr_un (unix(7)): the family, then the path.
  private static final int PATH_OFFSET = 2;

  private static final int LONGEST_PATH = 107;

  private final Optional<String> socket;
  private @Nullable Libc libc;
  private boolean failed;
  private boolean complained;
  private String lastStatus = "";

  /// @param socket `$NOTIFY_SOCKET`: a path, or a name in the abstract namespace after `@`; empty:
  ///   every message goes nowhere
  public Notifier(Optional<String> socket) {
    this.socket = socket.filter(s -> s.startsWith("/") || s.startsWith("@"));
  }

  /// The agent is up: its port is bound and it has looked at the node once.
  public void ready(String status) {
    send("READY=1\nSTATUS=" + oneLine(status));
  }

  /// What `systemctl status` shows. The same words again are not sent.
  public synchronized void status(String status) {
    if (!status.equals(lastStatus)) {
      lastStatus = status;
      send("STATUS=" + oneLine(status));
    }
  }

  /// The loop is alive; to be called by the loop itself.
  public void watchdog() {
    send("WATCHDOG=1");
  }

  public void stopping(String status) {
    send("STOPPING=1\nSTATUS=" + oneLine(status));
  }

  /// Asks for more time than the unit has for stopping (sd_notify(3), EXTEND_TIMEOUT_USEC).
  ///
  /// @param more from now on
  public void stopsLater(Duration more, String status) {
    send("EXTEND_TIMEOUT_USEC=" + more.toMillis() * 1000 + "\nSTATUS=" + oneLine(status));
  }

  private static String oneLine(String text) {
    return text.replace('\n', ' ').strip();
  }

  private synchronized void send(String message) {
    if (socket.isEmpty() || failed) {
      return;
    }
    try {
      if (libc == null) {
        libc = Libc.open();
      }
      libc.send(socket.get(), message);
    } catch (Throwable e) {
      failed = libc == null;
      if (complained) {
        return;
      }
      complained = true;
      LOG.warn("cannot notify systemd on {}: {}", socket.get(), e.toString());
    }
  }

  /// The three calls, bound once, and one open socket.
  private record Libc(int descriptor, MethodHandle sendto, Linker.Option errno) {

    @SuppressWarnings("restricted")
    static Libc open() throws Throwable {
      var linker = Linker.nativeLinker();
      var lookup = linker.defaultLookup();
      var errno = Linker.Option.captureCallState("errno");
      var socket =
          linker.downcallHandle(
              lookup.findOrThrow("socket"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
      var sendto =
          linker.downcallHandle(
              lookup.findOrThrow("sendto"),
              FunctionDescriptor.of(
                  JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
              errno);
      var descriptor = (int) socket.invokeExact((int) AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      if (descriptor < 0) {
        throw new IllegalStateException("socket(AF_UNIX, SOCK_DGRAM) failed");
      }
      return new Libc(descriptor, sendto, errno);
    }

    void send(String socket, String message) throws Throwable {
      var path = socket.getBytes(StandardCharsets.UTF_8);
      if (path.length > LONGEST_PATH) {
        throw new IllegalArgumentException("the socket's path is too long");
      }
      if (path[0] == '@') {
        path[0] = 0;
      }
      try (var arena = Arena.ofConfined()) {
        var address = arena.allocate(PATH_OFFSET + LONGEST_PATH + 1L, 2);
        address.set(JAVA_SHORT, 0, AF_UNIX);
        MemorySegment.copy(path, 0, address, JAVA_BYTE, PATH_OFFSET, path.length);
        // A path ends with NUL; an abstract name is as long as the length says.
        var length = PATH_OFFSET + path.length + (path[0] == 0 ? 0 : 1);
        var bytes = message.getBytes(StandardCharsets.UTF_8);
        var body = arena.allocateFrom(JAVA_BYTE, bytes);
        var layout = Linker.Option.captureStateLayout();
        var state = arena.allocate(layout);
        var sent =
            (long)
                sendto.invokeExact(
                    state, descriptor, body, (long) bytes.length, MSG_NOSIGNAL, address, length);
        if (sent < 0) {
          var errno = layout.varHandle(MemoryLayout.PathElement.groupElement("errno"));
          throw new IllegalStateException("sendto: errno " + (int) errno.get(state, 0L));
        }
      }
    }
  }
}
