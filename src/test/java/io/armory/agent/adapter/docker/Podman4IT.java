package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The contract on Podman 4.3, of Debian bookworm.
class Podman4IT extends OtherEngineContract {
  @SuppressWarnings("NullAway.Init")
  @AutoClose
  private static EngineNode node;

  @BeforeAll
  static void boot() {
    node = EngineNode.podman("bookworm", RealEngine.IMAGE);
  }

  /// It cannot change a policy, and says so. Containers of the agent's own are made with the right
  /// one.
  @Override
  @Test
  protected void the_restart_policy_is_taken_over_and_handed_back() {
    var stack = one(s -> s.restart("unless-stopped", 0));
    prepare(stack);
    var id = create(stack, "gate");
    var none = RestartPolicy.NO;

    var outcome = execute(new Action.SetRestartPolicy("gate", name("gate"), id, none));

    assertThat(outcome.whyFailed().orElseThrow().message())
        .contains("this engine cannot change a restart policy");
  }

  Podman4IT() {
    super(node.socket());
  }
}
