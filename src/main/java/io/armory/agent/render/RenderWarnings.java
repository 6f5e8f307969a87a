package io.armory.agent.render;

import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.render.RenderRequest.Polling;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What can be rendered and run, and is worth another look all the same.
final class RenderWarnings {
  /// Roles that poll, or do not, whoever is elected.
  static final Set<String> NEVER_ELECT = Set.of("standalone", "ha-polling", "ha-nonpolling");

  private RenderWarnings() {}

  static List<String> of(RenderRequest request, String role, Variables variables, Stack stack) {
    var warnings = new ArrayList<String>();
    var least = MemoryShares.leastNode(stack.services().keySet());
    var node = request.node().memoryBytes() / (1024 * 1024);
    if (node < least) {
      warnings.add(
          "this node has "
              + node
              + " MiB of memory, and "
              + stack.services().size()
              + " services need at least "
              + least
              + ": take a larger one, or set ..._MEMORY");
    }
    var electing = request.polling() != Polling.BY_ROLE;
    if (electing && NEVER_ELECT.contains(role)) {
      warnings.add("polling: elect has no meaning for the role " + role + ": it is for ha");
    }
    if (!electing && role.equals("ha")) {
      warnings.add(
          "the role ha polls on no node: set polling: elect, or give one node the role ha-polling");
    }
    for (var name : new TreeSet<>(Variables.ALWAYS_SECRET)) {
      var secret = request.parameters().variables().get(name);
      if (secret != null && secret.value() instanceof Plain) {
        warnings.add(
            secret.origin()
                + ": "
                + name
                + " is not a SecureString: it can be read in the Parameter Store");
      }
    }
    warnings.addAll(StoreChoice.warnings(variables, stack));
    if (variables.has("REDIS_HOST") && role.equals("standalone")) {
      warnings.add("REDIS_HOST is not used: the role standalone has a Redis of its own");
    }
    return warnings;
  }
}
