package io.armory.agent.compose.schema;

import static io.armory.agent.compose.schema.ServiceSpecification.ANY;
import static io.armory.agent.compose.schema.ServiceSpecification.BOOL;
import static io.armory.agent.compose.schema.ServiceSpecification.LIST_OR_MAP;
import static io.armory.agent.compose.schema.ServiceSpecification.NAME;
import static io.armory.agent.compose.schema.ServiceSpecification.NUM;
import static io.armory.agent.compose.schema.Shape.Kind.MAPPING;
import static io.armory.agent.compose.schema.Shape.Kind.NULL;
import static io.armory.agent.compose.schema.Shape.STRING;
import static io.armory.agent.compose.schema.Shape.kinds;
import static io.armory.agent.compose.schema.Shape.list;
import static io.armory.agent.compose.schema.Shape.map;
import static io.armory.agent.compose.schema.Shape.object;

/// The structure of a Compose file: what the Compose specification's JSON schema says, as of the
/// reference version. Services are in [ServiceSpecification].
public final class Specification {
  private static final Shape OPTIONS = map(ANY, NUM);

  private static final Shape EXTERNAL = BOOL.or(object().with("name", STRING));

  private static final Shape POOL =
      object()
          .with(STRING, "subnet", "ip_range", "gateway")
          .with("aux_addresses", map(ANY, STRING));

  static final Shape NETWORK =
      object()
          .or(kinds(NULL))
          .with(STRING, "name", "driver")
          .with("driver_opts", OPTIONS)
          .with(
              "ipam",
              object()
                  .with("driver", STRING)
                  .with("config", list(POOL))
                  .with("options", map(ANY, STRING)))
          .with("external", EXTERNAL)
          .with(BOOL, "internal", "enable_ipv4", "enable_ipv6", "attachable")
          .with("labels", LIST_OR_MAP);

  static final Shape VOLUME =
      object()
          .or(kinds(NULL))
          .with(STRING, "name", "driver")
          .with("driver_opts", OPTIONS)
          .with("external", EXTERNAL)
          .with("labels", LIST_OR_MAP);

  static final Shape SECRET =
      object()
          .with(STRING, "name", "environment", "file", "driver", "template_driver")
          .with("external", BOOL.or(kinds(MAPPING)).open())
          .with("labels", LIST_OR_MAP)
          .with("driver_opts", OPTIONS);

  static final Shape CONFIG =
      object()
          .with(STRING, "name", "content", "environment", "file", "template_driver")
          .with("external", BOOL.or(kinds(MAPPING)).open())
          .with("labels", LIST_OR_MAP);

  public static final Shape INCLUDE =
      STRING.or(
          object()
              .with(STRING.or(list(STRING)), "path", "env_file")
              .with("project_directory", STRING));

  public static final Shape MODEL =
      object()
          .with(STRING, "version", "name")
          .with("include", list(INCLUDE))
          .with("models", object().open())
          .with("services", map(NAME, ServiceSpecification.SERVICE))
          .with("networks", map(ANY, NETWORK))
          .with("volumes", map(NAME, VOLUME))
          .with("secrets", map(NAME, SECRET))
          .with("configs", map(NAME, CONFIG));

  private Specification() {}
}
