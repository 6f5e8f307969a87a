package io.armory.agent.adapter.aws;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import java.util.Optional;

/// A process of its own for [EnvironmentIT]: knows nothing but its environment, prints what it
/// finds.
final class EnvironmentProbe {
  private EnvironmentProbe() {}

  public static void main(String[] args) {
    var options =
        AwsOptions.STANDARD.withCalls(
            (operation, failed, took) -> System.out.println("called " + operation + " " + !failed));
    try (var clients = new AwsClients(options);
        var identity = new InstanceIdentity(clients, Optional.empty())) {
      switch (identity.identify()) {
        case Outcome.Failed<NodeIdentity>(var failure) -> System.out.println(failure);
        case Outcome.Done<NodeIdentity>(var node) ->
            print(new SsmParameters(clients).read(node), node);
      }
    }
  }

  private static void print(Outcome<Parameters> read, NodeIdentity node) {
    System.out.println("stack " + node.stack().value());
    switch (read) {
      case Outcome.Failed<Parameters>(var failure) -> System.out.println(failure);
      case Outcome.Done<Parameters>(var parameters) -> {
        System.out.println("role " + node.settledBy(parameters).role());
        parameters.variables().values().forEach(p -> System.out.println("variable " + p));
      }
    }
  }
}
