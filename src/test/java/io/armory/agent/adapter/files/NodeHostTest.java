package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeHostTest {
  @Test
  void what_is_kept_back_for_root_is_neither_used_nor_available() {
    assertThat(NodeHost.percent(100, 20, 10)).as("as df counts").isEqualTo(88.9);
    assertThat(NodeHost.percent(0, 0, 0)).isZero();
  }

  @TempDir Path state;

  @Test
  void the_filesystem_of_the_engine_is_the_one_it_names_by_now() {
    var engine = new AtomicReference<>(NodeHost.USUAL);
    var host = new NodeHost(state, engine::get, 0);
    assertThat(host.get().warnings()).anyMatch(w -> w.startsWith("filesystem of /var/lib/docker "));
    engine.set(Path.of("/dev/shm/not/there/yet"));
    assertThat(host.get().warnings())
        .anyMatch(w -> w.startsWith("filesystem of /dev/shm/not/there/yet "))
        .noneMatch(w -> w.contains("/var/lib/docker"));
  }
}
