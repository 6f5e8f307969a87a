package io.armory.agent.adapter.docker.create;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.docker.http.ComposeRelease;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstalledComposeTest {
  private static final String MODEL = "dep\tgithub.com/compose-spec/compose-go/v2\t%s\th1:x=\n";

  @TempDir Path root;

  @Test
  void without_any_it_is_the_newest_generation() {
    assertThat(new InstalledCompose(root).release()).isEqualTo(ComposeRelease.NEWEST);
  }

  @Test
  void debians_list_of_packages_tells_it() throws IOException {
    plugin("usr/libexec", new byte[0]);
    write(
        "var/lib/dpkg/status",
        """
        Package: docker-compose-less
        Version: 9.9.9

        Package: docker-compose
        Status: install ok installed
        Version: 2.26.1-4

        Package: zlib1g
        Version: 1.2.3
        """);
    assertThat(new InstalledCompose(root).release()).isEqualTo(ComposeRelease.of("2.26.1"));
  }

  @Test
  void a_package_of_the_python_tool_is_not_it() throws IOException {
    plugin("usr/libexec", new byte[0]);
    write("var/lib/dpkg/status", "Package: docker-compose\nVersion: 1.29.2-3\n");
    assertThat(new InstalledCompose(root).release()).isEqualTo(ComposeRelease.NEWEST);
  }

  @Test
  void a_plug_in_tells_what_it_is_built_from_and_comes_before_the_packages() throws IOException {
    plugin("usr/local/lib", program("path\tx\nmod\tgithub.com/docker/compose/v2\tv2.33.1\t\n"));
    write("var/lib/dpkg/status", "Package: docker-compose-plugin\nVersion: 5.1.0-1~debian\n");
    assertThat(new InstalledCompose(root).release()).isEqualTo(ComposeRelease.of("2.33.1"));
  }

  @Test
  void another_plug_in_in_its_place_is_read_anew() throws IOException {
    var installed = new InstalledCompose(root);
    plugin("usr/lib", program("mod\tgithub.com/docker/compose/v2\tv2.33.1\t\n"));
    assertThat(installed.release().version()).isEqualTo("2.33.1");
    var file = plugin("usr/lib", program("mod\tgithub.com/docker/compose/v5\tv5.2.0\t\n"));
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    assertThat(installed.release().version()).isEqualTo("5.2.0");
  }

  @Test
  void what_is_no_program_is_passed_over() throws IOException {
    plugin("usr/lib", "#!/bin/sh\nsleep 1000\n".repeat(20).getBytes(StandardCharsets.UTF_8));
    assertThat(new InstalledCompose(root).release()).isEqualTo(ComposeRelease.NEWEST);
    var broken = program("mod\tgithub.com/docker/compose/v2\tv2.33.1\t\n");
    ByteBuffer.wrap(broken).order(ByteOrder.LITTLE_ENDIAN).putLong(0x28, Long.MAX_VALUE - 7);
    plugin("usr/lib", broken);
    assertThat(new InstalledCompose(root).release()).isEqualTo(ComposeRelease.NEWEST);
  }

  @ParameterizedTest
  @CsvSource({
    "v2.1.6, 2.29.2",
    "v2.2.0, 2.29.3",
    "v2.4.8, 2.30.2",
    "v2.4.9, 2.34.0",
    "v2.6.0, 2.34.0",
    "v2.6.2, 2.36.0",
    "v2.9.1, 2.36.0",
    "v2.10.0, 5.0.0",
    "v2.14.0, 5.0.0",
  })
  void the_model_code_tells_the_generation(String model, String release) {
    assertThat(InstalledCompose.version(MODEL.formatted(model))).contains(release);
  }

  @Test
  void a_stamp_of_the_linker_comes_first() {
    assertThat(
            InstalledCompose.version(
                MODEL.formatted("v2.9.1")
                    + "build\t-ldflags=\"-w -X"
                    + " github.com/docker/compose/v2/internal.Version=v2.40.0\""))
        .contains("2.40.0");
  }

  private Path plugin(String folder, byte[] content) throws IOException {
    var file = root.resolve(folder).resolve("docker/cli-plugins/docker-compose");
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  private void write(String path, String text) throws IOException {
    var file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /// A program of two sections: their names, and what the Go linker says.
  private static byte[] program(String modules) {
    var names = "\0.go.buildinfo\0".getBytes(StandardCharsets.US_ASCII);
    var text = ("=".repeat(16) + modules + "=".repeat(16)).getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0, 0x464c457f).put(4, (byte) 2);
    bytes.putLong(0x28, 64).putShort(0x3c, (short) 2).putShort(0x3e, (short) 0);
    bytes.putLong(64 + 0x18, 256).putLong(64 + 0x20, names.length);
    bytes.putInt(128, 1).putLong(128 + 0x18, 512).putLong(128 + 0x20, 512);
    bytes.put(256, names).put(512 + 15, (byte) 2);
    bytes.position(512 + 32).put((byte) 3).put("go1".getBytes(StandardCharsets.US_ASCII));
    return bytes
        .put((byte) (text.length & 0x7f | 0x80))
        .put((byte) (text.length >> 7))
        .put(text)
        .array();
  }
}
