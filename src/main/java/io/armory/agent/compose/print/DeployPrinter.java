package io.armory.agent.compose.print;

import static io.armory.agent.compose.print.CanonicalPrinter.BYTES;
import static io.armory.agent.compose.print.CanonicalPrinter.COUNT;
import static io.armory.agent.compose.print.CanonicalPrinter.CPUS;
import static io.armory.agent.compose.print.CanonicalPrinter.DURATION;
import static io.armory.agent.compose.print.CanonicalPrinter.FLOAT;
import static io.armory.agent.compose.print.CanonicalPrinter.INTEGER;
import static io.armory.agent.compose.print.CanonicalPrinter.LABELS;
import static io.armory.agent.compose.print.CanonicalPrinter.NATURAL;
import static io.armory.agent.compose.print.CanonicalPrinter.POSITIVE;
import static io.armory.agent.compose.print.CanonicalPrinter.SPAN;
import static io.armory.agent.compose.print.CanonicalPrinter.STRING;
import static io.armory.agent.compose.print.CanonicalPrinter.STRINGS;
import static io.armory.agent.compose.print.CanonicalPrinter.always;
import static io.armory.agent.compose.print.CanonicalPrinter.embedded;
import static io.armory.agent.compose.print.CanonicalPrinter.field;
import static io.armory.agent.compose.print.CanonicalPrinter.list;
import static io.armory.agent.compose.print.CanonicalPrinter.object;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The printed form of a service's `deploy`, and of devices asked for there or by `gpus`, see
/// [ServicePrinter].
final class DeployPrinter {
  static final CanonicalPrinter DEVICE_REQUESTS =
      list(
          object(
              field("capabilities", STRINGS),
              field("driver", STRING),
              field("count", DeployPrinter::deviceCount),
              field("device_ids", STRINGS),
              field("options", LABELS)));

  private static final CanonicalPrinter UPDATE =
      object(
          field("parallelism", NATURAL),
          field("delay", SPAN),
          field("failure_action", STRING),
          field("monitor", SPAN),
          field("max_failure_ratio", FLOAT),
          field("order", STRING));

  private static final CanonicalPrinter RESOURCE =
      object(
          field("cpus", CPUS),
          field("memory", BYTES),
          field("pids", INTEGER),
          field("devices", DEVICE_REQUESTS),
          field(
              "generic_resources",
              list(
                  object(
                      field(
                          "discrete_resource_spec",
                          object(
                              always("kind", CanonicalPrinter.ITEM), always("value", COUNT)))))));

  static final CanonicalPrinter DEPLOY =
      object(
          field("mode", STRING),
          field("replicas", COUNT),
          field("labels", LABELS),
          field("update_config", UPDATE),
          field("rollback_config", UPDATE),
          always(
              "resources",
              embedded(object(field("limits", RESOURCE), field("reservations", RESOURCE)))),
          field(
              "restart_policy",
              object(
                  field("condition", STRING),
                  field("delay", DURATION),
                  field("max_attempts", NATURAL),
                  field("window", DURATION))),
          always(
              "placement",
              embedded(
                  object(
                      field("constraints", STRINGS),
                      field("preferences", list(object(field("spread", STRING)))),
                      field("max_replicas_per_node", POSITIVE)))),
          field("endpoint_mode", STRING));

  private DeployPrinter() {}

  private static @Nullable Object deviceCount(Node node, Path path, Diagnostics findings) {
    if (node instanceof Node.Scalar scalar && scalar.value() instanceof Double) {
      findings.further(node.mark(), path, "must be an integer", "write digits only");
      return null;
    }
    String text = Node.text(node);
    return text != null && text.toLowerCase(Locale.ROOT).equals("all")
        ? (Object) Long.valueOf(-1)
        : INTEGER.encode(node, path, findings);
  }
}
