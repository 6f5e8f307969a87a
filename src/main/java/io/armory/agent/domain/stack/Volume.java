package io.armory.agent.domain.stack;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A named volume of the stack. Nothing in this product removes one.
///
/// @param key the name in the Compose file
/// @param name the name on the engine, `PROJECT_KEY` unless the file says otherwise
/// @param external it must exist already
/// @param definitionHash our drift key over everything but the name
public record Volume(
    String key,
    String name,
    boolean external,
    @Nullable String driver,
    Map<String, String> driverOpts,
    Map<String, String> labels,
    String definitionHash) {

  public Volume {
    driverOpts = ContainerSpec.ordered(driverOpts);
    labels = ContainerSpec.ordered(labels);
  }
}
