package io.armory.agent.compose.project;

import io.armory.agent.compose.print.ServicePrinter;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A loaded model split by profiles, with the printed form of every service.
///
/// @param all services by name
/// @param enabled those without profiles and those of an enabled one
/// @param encoded printed forms of all services
public record Project(
    String name,
    Node.Mapping model,
    Map<String, Node.Mapping> all,
    Map<String, Node.Mapping> enabled,
    Map<String, Map<String, @Nullable Object>> encoded) {
  /// Bytes of the heap that one more service may take until it is printed.
  private static final int OF_HEAP = 12 * 1024;

  Set<String> disabled() {
    Set<String> disabled = new TreeSet<>(all.keySet());
    disabled.removeAll(enabled.keySet());
    return disabled;
  }

  /// Whether it has so many services that the heap may not hold what is made of them, which takes
  /// far more memory than their text. The launcher's 64 MiB hold 5,461.
  ///
  /// @param heap the process's, in bytes
  public static boolean isTooLarge(Node.Mapping model, long heap, Diagnostics findings) {
    long most = heap / OF_HEAP;
    if (model.get("services") instanceof Node.Mapping all && all.keys().size() > most) {
      findings.problem(
          all.mark(),
          Path.of("services"),
          "are more than " + most,
          "split them into several projects");
      return true;
    }
    return false;
  }

  /// @param profiles enabled ones; `*` all
  public static Project of(String name, Node.Mapping model, List<String> profiles) {
    Map<String, Node.Mapping> all = new TreeMap<>();
    Map<String, Node.Mapping> enabled = new TreeMap<>();
    if (model.get("services") instanceof Node.Mapping services) {
      for (String service : services.keys()) {
        if (services.get(service) instanceof Node.Mapping mapping) {
          all.put(service, mapping);
          if (isEnabled(mapping, profiles)) {
            enabled.put(service, mapping);
          }
        }
      }
    }
    return new Project(name, model, all, enabled, new LinkedHashMap<>());
  }

  private static boolean isEnabled(Node.Mapping service, List<String> profiles) {
    if (!(service.get("profiles") instanceof Node.Sequence own) || own.items().isEmpty()) {
      return true;
    }
    return profiles.contains("*")
        || own.items().stream().anyMatch(p -> profiles.contains(String.valueOf(Node.text(p))));
  }

  public void encode(Diagnostics findings) {
    all.forEach((service, mapping) ->
        encoded.put(
            service, ServicePrinter.encode(mapping, Path.of("services", service), findings)));
  }
}
