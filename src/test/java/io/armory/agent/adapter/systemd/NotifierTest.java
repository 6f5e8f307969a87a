package io.armory.agent.adapter.systemd;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against a real datagram socket, as systemd would open it.
@SuppressWarnings("restricted")
class NotifierTest {
  @TempDir Path directory;

  @Test
  void messages_arrive_at_a_path() throws Throwable {
    receivesAt(directory.resolve("notify").toString());
  }

  @Test
  void messages_arrive_at_an_abstract_name() throws Throwable {
    receivesAt("@armory-agent-test-" + ProcessHandle.current().pid());
  }

  private static void receivesAt(String name) throws Throwable {
    try (var arena = Arena.ofConfined()) {
      var descriptor = bound(arena, name);
      var notifier = new Notifier(Optional.of(name));
      notifier.ready("starting:\nwaiting for front50");
      assertThat(received(arena, descriptor))
          .isEqualTo("READY=1\nSTATUS=starting: waiting for front50");
      notifier.status("steady");
      notifier.status("steady");
      notifier.watchdog();
      assertThat(received(arena, descriptor)).isEqualTo("STATUS=steady");
      assertThat(received(arena, descriptor)).isEqualTo("WATCHDOG=1");
      notifier.stopping("bye ✓");
      assertThat(received(arena, descriptor)).isEqualTo("STOPPING=1\nSTATUS=bye ✓");
      var _ =
          (int) call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT)).invokeExact(descriptor);
    }
  }

  @Test
  void without_systemd_nothing_happens() {
    for (var socket : new String[] {null, "vsock:2:1234", "/nowhere/at/all"}) {
      var notifier = new Notifier(Optional.ofNullable(socket));
      notifier.ready("up");
      notifier.watchdog();
    }
    assertThat(directory).isEmptyDirectory();
  }

  private static MethodHandle call(String name, FunctionDescriptor shape) {
    var linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), shape);
  }

  private static int bound(Arena arena, String name) throws Throwable {
    var path = name.getBytes(StandardCharsets.UTF_8);
    var abstractName = path[0] == '@';
    var address = arena.allocate(110, 2);
    address.set(JAVA_SHORT, 0, (short) 1);
    MemorySegment.copy(path, 0, address, JAVA_BYTE, 2, path.length);
    if (abstractName) {
      address.set(JAVA_BYTE, 2, (byte) 0);
    }
    var descriptor =
        (int)
            call("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT))
                .invokeExact(1, 2, 0);
    var result =
        (int)
            call("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT))
                .invokeExact(descriptor, address, 2 + path.length + (abstractName ? 0 : 1));
    assertThat(result).isZero();
    return descriptor;
  }

  private static String received(Arena arena, int descriptor) throws Throwable {
    var buffer = arena.allocate(1000);
    var length =
        (long)
            call("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT))
                .invokeExact(descriptor, buffer, 1000L, 0x40);
    assertThat(length).as("nothing arrived").isPositive();
    var bytes = buffer.asSlice(0, length).toArray(JAVA_BYTE);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
