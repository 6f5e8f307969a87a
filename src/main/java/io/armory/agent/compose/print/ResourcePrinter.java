package io.armory.agent.compose.print;

import static io.armory.agent.compose.print.CanonicalPrinter.BOOLEAN;
import static io.armory.agent.compose.print.CanonicalPrinter.FLAG;
import static io.armory.agent.compose.print.CanonicalPrinter.LABELS;
import static io.armory.agent.compose.print.CanonicalPrinter.STRING;
import static io.armory.agent.compose.print.CanonicalPrinter.always;
import static io.armory.agent.compose.print.CanonicalPrinter.embedded;
import static io.armory.agent.compose.print.CanonicalPrinter.field;
import static io.armory.agent.compose.print.CanonicalPrinter.list;
import static io.armory.agent.compose.print.CanonicalPrinter.object;

/// The printed forms of networks, volumes, configs and secrets.
public final class ResourcePrinter {
  public static final CanonicalPrinter NETWORK =
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
                                  field("aux_addresses", LABELS)))),
                      field("options", LABELS)))),
          field("external", FLAG),
          field("internal", FLAG),
          field("attachable", FLAG),
          field("labels", LABELS),
          field("enable_ipv4", BOOLEAN),
          field("enable_ipv6", BOOLEAN));

  public static final CanonicalPrinter VOLUME =
      object(
          field("name", STRING),
          field("driver", STRING),
          field("driver_opts", LABELS),
          field("external", FLAG),
          field("labels", LABELS));

  public static final CanonicalPrinter SECRET =
      object(
          field("name", STRING),
          field("file", STRING),
          field("environment", STRING),
          field("external", FLAG),
          field("labels", LABELS),
          field("driver", STRING),
          field("driver_opts", LABELS),
          field("template_driver", STRING));

  public static final CanonicalPrinter CONFIG =
      object(
          field("name", STRING),
          field("file", STRING),
          field("environment", STRING),
          field("content", STRING),
          field("external", FLAG),
          field("labels", LABELS),
          field("template_driver", STRING));

  private ResourcePrinter() {}
}
