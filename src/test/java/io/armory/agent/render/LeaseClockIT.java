package io.armory.agent.render;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.files.LeaseFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The first process of a poller reads the node's clock, also where the engine gave its container a
/// time namespace that counts from another time.
class LeaseClockIT {
  private static final int NOT_HELD = 75;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, -300, 300})
  void a_poller_runs_while_the_node_holds_the_lease_and_no_longer(int ahead) throws Exception {
    var file = new LeaseFile(directory);
    var now = file.uptime();

    file.open(now.plusSeconds(60), now.plusSeconds(64));
    assertThat(exit(ahead)).isZero();

    file.open(now.minusSeconds(60), now.minusSeconds(56));
    assertThat(exit(ahead)).isEqualTo(NOT_HELD);
  }

  private int exit(int ahead) throws Exception {
    var node = ShippedRolesTest.node("ha").set("COMPOSE_PROFILES", "poller");
    var poller = requireNonNull(node.rendered().stack().services().get("igor-poller"));
    var line =
        new ArrayList<>(
            List.of("unshare", "--fork", "--time", "--boottime", Integer.toString(ahead)));
    for (var word : requireNonNull(poller.container().command().entrypoint())) {
      line.add(word.replace("/run/armory-lease", directory.toString()));
    }
    line.add("true");
    var shell = new ProcessBuilder(line).inheritIO().start();
    assertThat(shell.waitFor(Duration.ofSeconds(20))).isTrue();
    return shell.exitValue();
  }
}
