package io.armory.agent.compose;

import static io.armory.agent.compose.Codec.BYTES;
import static io.armory.agent.compose.Codec.COUNT;
import static io.armory.agent.compose.Codec.DURATION;
import static io.armory.agent.compose.Codec.FLOAT;
import static io.armory.agent.compose.Codec.INTEGER;
import static io.armory.agent.compose.Codec.LABELS;
import static io.armory.agent.compose.Codec.NATURAL;
import static io.armory.agent.compose.Codec.POSITIVE;
import static io.armory.agent.compose.Codec.SPAN;
import static io.armory.agent.compose.Codec.STRING;
import static io.armory.agent.compose.Codec.STRINGS;
import static io.armory.agent.compose.Codec.always;
import static io.armory.agent.compose.Codec.embedded;
import static io.armory.agent.compose.Codec.field;
import static io.armory.agent.compose.Codec.list;
import static io.armory.agent.compose.Codec.object;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The printed form of a service's `deploy`, and of devices asked for there or by `gpus`, see
/// [ServiceCodec].
final class DeployCodec {
  static final Codec DEVICE_REQUESTS =
      list(
          object(
              field("capabilities", STRINGS),
              field("driver", STRING),
              field("count", DeployCodec::deviceCount),
              field("device_ids", STRINGS),
              field("options", LABELS)));

  private static final Codec UPDATE =
      object(
          field("parallelism", NATURAL),
          field("delay", SPAN),
          field("failure_action", STRING),
          field("monitor", SPAN),
          field("max_failure_ratio", FLOAT),
          field("order", STRING));

  private static final Codec RESOURCE =
      object(
          field("cpus", FLOAT),
          field("memory", BYTES),
          field("pids", INTEGER),
          field("devices", DEVICE_REQUESTS),
          field(
              "generic_resources",
              list(
                  object(
                      field(
                          "discrete_resource_spec",
                          object(always("kind", Codec.ITEM), always("value", COUNT)))))));

  static final Codec DEPLOY =
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

  private DeployCodec() {}

  private static @Nullable Object deviceCount(Node node, Path path, Findings findings) {
    String text = Node.text(node);
    return text != null && text.toLowerCase(Locale.ROOT).equals("all")
        ? (Object) Long.valueOf(-1)
        : INTEGER.encode(node, path, findings);
  }
}
