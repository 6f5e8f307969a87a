package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InodesTest {
  @TempDir Path directory;

  @Test
  void used_ones_are_a_percentage_of_all() {
    assertThat(Inodes.percent("1000 250")).hasValue(75.0);
  }

  @Test
  void a_filesystem_without_a_number_of_them_has_none_in_use() {
    assertThat(Inodes.percent("0 0")).isEmpty();
    assertThat(Inodes.percent("stat: no such file")).isEmpty();
  }

  @Test
  void the_real_tool_is_understood_and_a_missing_path_is_no_figure() {
    Inodes.used(directory).ifPresent(p -> assertThat(p).isBetween(0.0, 100.0));
    assertThat(Inodes.used(directory.resolve("none"))).isEmpty();
  }
}
