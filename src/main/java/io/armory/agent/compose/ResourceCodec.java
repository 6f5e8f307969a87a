package io.armory.agent.compose;

import static io.armory.agent.compose.Codec.BOOLEAN;
import static io.armory.agent.compose.Codec.FLAG;
import static io.armory.agent.compose.Codec.LABELS;
import static io.armory.agent.compose.Codec.STRING;
import static io.armory.agent.compose.Codec.always;
import static io.armory.agent.compose.Codec.embedded;
import static io.armory.agent.compose.Codec.field;
import static io.armory.agent.compose.Codec.list;
import static io.armory.agent.compose.Codec.object;

/// The printed forms of networks, volumes, configs and secrets.
final class ResourceCodec {
  static final Codec NETWORK =
      object(
          field("name", STRING),
          field("driver", STRING),
          field("driver_opts", LABELS),
          always(
              "ipam",
              embedded(
                  object(
                      field("driver", STRING),
                      field(
                          "config",
                          list(
                              object(
                                  field("subnet", STRING),
                                  field("gateway", STRING),
                                  field("ip_range", STRING),
                                  field("aux_addresses", LABELS))))))),
          field("external", FLAG),
          field("internal", FLAG),
          field("attachable", FLAG),
          field("labels", LABELS),
          field("enable_ipv4", BOOLEAN),
          field("enable_ipv6", BOOLEAN));

  static final Codec VOLUME =
      object(
          field("name", STRING),
          field("driver", STRING),
          field("driver_opts", LABELS),
          field("external", FLAG),
          field("labels", LABELS));

  static final Codec SECRET =
      object(
          field("name", STRING),
          field("file", STRING),
          field("environment", STRING),
          field("external", FLAG),
          field("labels", LABELS),
          field("driver", STRING),
          field("driver_opts", LABELS),
          field("template_driver", STRING));

  static final Codec CONFIG =
      object(
          field("name", STRING),
          field("file", STRING),
          field("environment", STRING),
          field("content", STRING),
          field("external", FLAG),
          field("labels", LABELS),
          field("template_driver", STRING));

  private ResourceCodec() {}
}
