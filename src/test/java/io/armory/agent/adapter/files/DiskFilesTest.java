package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.SourceFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFilesTest {
  @TempDir Path folder;

  private SourceFiles.Reading read(String name) {
    return new DiskFiles().read(folder.resolve(name).toString(), 10);
  }

  @Test
  void a_file_is_read_whole_or_not_at_all() throws IOException {
    Files.writeString(folder.resolve("ten"), "0123456789");
    Files.writeString(folder.resolve("eleven"), "0123456789a");
    assertThat(read("ten"))
        .isInstanceOfSatisfying(
            SourceFiles.Content.class,
            c -> assertThat(c.bytes()).asString().isEqualTo("0123456789"));
    assertThat(read("eleven")).isEqualTo(new SourceFiles.TooLarge(11));
  }

  @Test
  void a_huge_file_costs_nothing() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("huge").toFile(), "rw")) {
      file.setLength(10_000_000_000L);
    }
    assertThat(read("huge")).isEqualTo(new SourceFiles.TooLarge(10_000_000_000L));
  }

  /// The log of the kernel calls itself a regular file, and a reader of it waits for the next line.
  @Test
  void a_file_of_the_kernel_is_not_read() throws IOException {
    var link = Files.createSymbolicLink(folder.resolve("log.yaml"), Path.of("/proc/self/status"));
    assertThat(new DiskFiles().read(link.toString(), 1000))
        .isEqualTo(new SourceFiles.Unreadable("a file of the kernel, which may never end"));
  }

  @Test
  void what_is_no_file_is_said() throws IOException {
    Files.createDirectory(folder.resolve("folder"));
    Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
    assertThat(read("nothing")).isEqualTo(new SourceFiles.Missing());
    assertThat(read("dangling")).as("unknown").isInstanceOf(SourceFiles.Unreadable.class);
    assertThat(read("folder")).isEqualTo(new SourceFiles.Directory());
    assertThat(new DiskFiles().read("/dev/zero", 10)).isInstanceOf(SourceFiles.Unreadable.class);
    assertThat(new DiskFiles().read("/dev/null", 10))
        .isInstanceOfSatisfying(SourceFiles.Content.class, c -> assertThat(c.bytes()).isEmpty());
    assertThat(new DiskFiles().read("/a\u0000b", 10)).isInstanceOf(SourceFiles.Unreadable.class);
  }
}
