package io.armory.agent.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.armory.agent.adapter.tls.Authorities;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A registry's logins, a key, a seccomp profile, a list of authorities: what stands in their place
/// may never begin or never end.
class RegularFileTest {
  @TempDir Path directory;

  @Test
  void what_never_ends_is_not_begun() throws Exception {
    var pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    var sparse = directory.resolve("sparse");
    try (var out = new RandomAccessFile(sparse.toFile(), "rw")) {
      out.setLength(4L << 40);
    }
    var loop = directory.resolve("loop");
    Files.createSymbolicLink(loop, loop);

    for (var file : new Path[] {pipe, sparse, loop, directory, Path.of("/dev/zero")}) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(30),
          () -> {
            assertThatThrownBy(() -> RegularFile.read(file, RegularFile.MIB))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
            assertThatThrownBy(() -> Authorities.context(Optional.of(file)))
                .isInstanceOf(Authorities.Unusable.class);
          });
    }
  }

  /// As a log does that somebody took for it: no more of it is held than may be, and the longest
  /// that may be is whole.
  @Test
  void one_that_grows_while_it_is_read_stays_bounded() throws Exception {
    var file = Files.write(directory.resolve("grows"), new byte[1000]);
    var ended = new AtomicBoolean();
    var growing =
        Thread.ofVirtual()
            .start(() -> {
              try (var out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
                for (var i = 0; i < 2_000 && !ended.get(); i++) {
                  out.write(new byte[1000]);
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    try {
      for (var refused = false; !refused; ) {
        try {
          assertThat(RegularFile.read(file, 100_000)).hasSizeLessThanOrEqualTo(100_000);
        } catch (RegularFile.Refused e) {
          assertThat(e).hasMessage(file + " is larger than 100000 bytes");
          refused = true;
        }
      }
    } finally {
      ended.set(true);
      growing.join();
    }
    assertThat(RegularFile.read(Files.write(file, new byte[4096]), 4096)).hasSize(4096);
    Files.write(file, new byte[4097]);
    assertThatThrownBy(() -> RegularFile.read(file, 4096)).hasMessageEndingWith("than 4096 bytes");
  }

  @Test
  void an_honest_one_is_read() throws IOException {
    var file = Files.writeString(directory.resolve("config.json"), "{}");
    assertThat(RegularFile.read(file, RegularFile.MIB)).asString().isEqualTo("{}");
  }
}
