package io.armory.agent.compose.source;

import java.util.List;
import java.util.Map;

/// What a file takes from its environment without interpolation: items of an `environment` list
/// with no value, and the content of configs and secrets, which is kept under a key of our own that
/// no printed model shows.
public final class EnvironmentValues {
  /// Starts with `x-` so that it passes for an extension of the user's, which are not printed.
  public static final String VALUE = "x-#value";

  private EnvironmentValues() {}

  public static void resolve(Node.Mapping model, Map<String, String> environment) {
    if (model.get("services") instanceof Node.Mapping services) {
      for (String name : services.keys()) {
        if (services.get(name) instanceof Node.Mapping service
            && service.get("environment") instanceof Node.Sequence list) {
          list.items().replaceAll(item -> withValue(item, environment));
        }
      }
    }
    for (String kind : List.of("secrets", "configs")) {
      if (model.get(kind) instanceof Node.Mapping objects) {
        for (String name : objects.keys()) {
          if (objects.get(name) instanceof Node.Mapping object) {
            content(object, environment);
          }
        }
      }
    }
  }

  /// In a list, a blank at the end of a name is a slip (`A = 1`).
  public static void check(Node.Mapping model, Diagnostics findings) {
    if (model.get("services") instanceof Node.Mapping services) {
      for (String name : services.keys()) {
        if (services.get(name) instanceof Node.Mapping service
            && service.get("environment") instanceof Node.Sequence list) {
          list.items()
              .forEach(item -> check(item, Path.of("services", name, "environment"), findings));
        }
      }
    }
  }

  private static void check(Node item, Path path, Diagnostics findings) {
    String variable = String.valueOf(Node.text(item)).split("=", 2)[0];
    if (!variable.equals(variable.stripTrailing())) {
      findings.problem(
          item.mark(),
          path,
          "the name of '" + variable + "' ends with a blank",
          "write NAME=value without blanks");
    }
  }

  public static Node withValue(Node item, Map<String, String> environment) {
    String variable = Node.text(item);
    String value = variable == null ? null : environment.get(variable);
    return value == null ? item : new Node.Scalar(variable + "=" + value, item.mark());
  }

  private static void content(Node.Mapping object, Map<String, String> environment) {
    String variable = Node.text(object.get("environment"));
    String value = variable == null ? null : environment.get(variable);
    if (value != null) {
      object.put(VALUE, value);
    }
  }
}
