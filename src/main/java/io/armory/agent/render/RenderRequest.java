package io.armory.agent.render;

import io.armory.agent.domain.EngineAbilities;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeRanges;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.TemplateFiles;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/// Everything a revision is made from.
///
/// @param identity settled by the parameters, see [NodeIdentity#settledBy]
/// @param parameters all sources laid over each other
/// @param templates what there is to choose from
/// @param node what else differs from node to node
/// @param ranges of addresses that the node has a use for
/// @param engine what it has, as far as it is known
public record RenderRequest(
    NodeIdentity identity,
    Parameters parameters,
    TemplateFiles templates,
    Node node,
    NodeRanges ranges,
    EngineAbilities engine) {
  static final String POLLING = "POLLING";

  /// @param project Compose project the containers belong to
  /// @param renderedDirectory absolute; for files without secrets, such as
  ///   `/var/lib/armory-agent/rendered`
  /// @param secretsDirectory absolute, on memory-backed storage, for nobody else to enter
  /// @param memoryBytes the node's memory
  /// @param expose services that may be published anywhere, beside deck and gate
  /// @param polling how the group finds its poller, as `agent.yaml` has it
  /// @param digestKey keys the digests of secrets; the same for as long as the node lives
  /// @param requireDigest refuse images that are not named by their digest
  public record Node(
      String project,
      String renderedDirectory,
      String secretsDirectory,
      long memoryBytes,
      Set<String> expose,
      Polling polling,
      String digestKey,
      boolean requireDigest) {
    public Node {
      expose = Set.copyOf(expose);
    }

    /// Where the pollers read until when they may run: beside the secrets, but for all to enter.
    String leaseDirectory() {
      return secretsDirectory.substring(0, secretsDirectory.lastIndexOf('/')) + "/poller";
    }

    @Override
    public String toString() {
      return "Node[" + project + "]";
    }
  }

  /// How the one poller of a group is found.
  public enum Polling {
    /// By its role.
    BY_ROLE("role"),
    /// By election. Every node has the pollers in its stack; the elected one runs them.
    ELECTING("elect");

    private final String word;

    Polling(String word) {
      this.word = word;
    }

    private static Optional<Polling> of(Parameters.Parameter said) {
      var word = said.value().shown().strip();
      return Arrays.stream(values()).filter(p -> p.word.equals(word)).findFirst();
    }
  }

  /// What the parameter [#POLLING] says, so that a group is told once, where its parameters are, or
  /// else `agent.yaml`.
  Polling polling() {
    return Optional.ofNullable(parameters.variables().get(POLLING))
        .flatMap(Polling::of)
        .orElse(node.polling());
  }

  Optional<Problem> pollingProblem() {
    return Optional.ofNullable(parameters.variables().get(POLLING))
        .filter(said -> Polling.of(said).isEmpty())
        .map(said ->
            new Problem(
                said.origin(),
                POLLING + " " + said.value().shown().strip() + " is not known",
                "use role or elect"));
  }
}
