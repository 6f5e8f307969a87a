package io.armory.agent.adapter.docker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.armory.agent.adapter.tls.Authorities;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A registry's logins, a key, a seccomp profile, a list of authorities: what stands in their place
/// may never begin or never end.
class LocalFileTest {
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
            assertThatThrownBy(() -> LocalFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
            assertThatThrownBy(() -> Authorities.context(Optional.of(file)))
                .isInstanceOf(Authorities.Unusable.class);
          });
    }
  }

  @Test
  void an_honest_one_is_read() throws IOException {
    var file = Files.writeString(directory.resolve("config.json"), "{}");
    assertThat(LocalFile.read(file)).asString().isEqualTo("{}");
  }
}
