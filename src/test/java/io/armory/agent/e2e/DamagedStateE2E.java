package io.armory.agent.e2e;

import static io.armory.agent.e2e.SmallStack.lives;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// State on disk that a crash, a full disk or a worn one has damaged, as the whole daemon meets it
/// when it starts.
class DamagedStateE2E {
  @TempDir Path root;

  @Test
  void a_damaged_file_is_set_aside_and_said_and_the_stack_is_left_alone() throws IOException {
    try (var node = SmallStack.node(root, "damage", "")) {
      SmallStack.parameters(node, SmallStack.subnet(), "dev");
      node.startAgent();
      node.awaitReady();
      SmallStack.synced(node);
      var before = lives(node);
      node.stopAgent();
      var state = root.resolve("var/lib/armory-agent");
      var good = state.resolve("last-known-good");
      var bytes = Files.readAllBytes(good);
      bytes[bytes.length / 2] ^= 4;
      Files.write(good, bytes);
      var facts = state.resolve("known-facts");
      Files.write(facts, Arrays.copyOf(Files.readAllBytes(facts), 100));

      node.startAgent();
      node.awaitReady();

      assertThat(node.logText())
          .containsPattern("state file .*/last-known-good is damaged \\(.*set aside as")
          .containsPattern("state file .*/known-facts is damaged \\(.*set aside as");
      assertThat(state).isDirectoryContaining("glob:**/last-known-good.damaged-*");
      assertThat(state).isDirectoryContaining("glob:**/known-facts.damaged-*");
      assertThat(lives(node)).isEqualTo(before);
    }
  }
}
