package io.armory.agent.sources;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.aws.AwsOptions;
import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// That AWS is not asked is among the facts that `status` shows, where nobody said so.
class AwsOffTest {
  @TempDir Path root;

  @ParameterizedTest
  @CsvSource({"'', true", "'aws: off', false"})
  void a_node_that_agent_yaml_names_says_that_aws_is_off(String aws, boolean said)
      throws Exception {
    var paths = new Paths(root);
    Files.createDirectories(paths.agentYaml().getParent());
    Files.writeString(paths.agentYaml(), "identity: {stack: a, role: b}\n" + aws + "\n");
    var config =
        switch (ConfigFile.read(paths, new Environment(Map.of()))) {
          case ConfigFile.Reading.Valid(var valid) -> valid;
          case ConfigFile.Reading.Invalid(var problems) -> throw new AssertionError(problems);
        };
    try (var sources = new NodeSources(config, "key", AwsOptions.STANDARD)) {
      var facts = sources.sources().read().identity().orElseThrow().facts();
      assertThat(facts.containsKey("aws")).isEqualTo(said);
      if (said) {
        assertThat(facts.get("aws")).asString().contains("off", "aws: on");
      }
    }
  }
}
