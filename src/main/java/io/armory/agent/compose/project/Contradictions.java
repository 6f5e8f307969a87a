package io.armory.agent.compose.project;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether attributes that say the same thing in two places, at the service and below `deploy`,
/// agree.
final class Contradictions {
  private final Diagnostics findings;

  Contradictions(Diagnostics findings) {
    this.findings = findings;
  }

  /// @param fields the service's printed form, completed with what only one of two places says
  void check(Node.Mapping service, Map<String, @Nullable Object> fields, Path path) {
    addresses(service, fields, path);
    if (!(fields.get("deploy") instanceof Map<?, ?> deploy)) {
      scaleAndName(service, fields, null, path);
      return;
    }
    Object limits = get(deploy, "resources", "limits");
    Object reservations = get(deploy, "resources", "reservations");
    differ(service, fields, "cpus", limits, "cpus", path);
    differ(service, fields, "mem_limit", limits, "memory", path);
    differ(service, fields, "pids_limit", limits, "pids", path);
    differ(service, fields, "mem_reservation", reservations, "memory", path);
    Object replicas = deploy.get("replicas");
    Object scale = fields.get("scale");
    if (scale != null && replicas != null && !scale.equals(replicas)) {
      findings.problem(
          service.keyMark("scale"),
          path.child("scale"),
          "differs from deploy.replicas",
          "say it once");
    }
    scaleAndName(service, fields, replicas, path);
    if (scale != null) {
      fields.put("deploy", withReplicas(deploy, scale));
    }
  }

  /// The address of a container is that of its first network: the one of the highest priority, then
  /// by name.
  private void addresses(Node.Mapping service, Map<String, @Nullable Object> fields, Path path) {
    if (fields.get("mac_address") instanceof String own
        && fields.get("networks") instanceof Map<?, ?> networks) {
      networks.entrySet().stream()
          .min(
              Comparator.comparingLong((Map.Entry<?, ?> n) -> -priority(n.getValue()))
                  .thenComparing(n -> String.valueOf(n.getKey())))
          .map(n -> n.getValue() instanceof Map<?, ?> first ? first.get("mac_address") : null)
          .filter(first -> !own.equals(first))
          .ifPresent(_ ->
              findings.problem(
                  service.keyMark("mac_address"),
                  path.child("mac_address"),
                  "differs from the mac_address of the first network",
                  "say it in one of the two places"));
    }
  }

  private static long priority(@Nullable Object network) {
    return network instanceof Map<?, ?> n && n.get("priority") instanceof Long number ? number : 0;
  }

  /// As in the reference, one number is both, and is printed twice.
  private static Map<String, @Nullable Object> withReplicas(Map<?, ?> deploy, Object scale) {
    Map<String, @Nullable Object> both = new LinkedHashMap<>();
    deploy.forEach((key, value) -> both.put(String.valueOf(key), value));
    both.put("replicas", scale);
    return both;
  }

  private void scaleAndName(
      Node.Mapping service,
      Map<String, @Nullable Object> fields,
      @Nullable Object replicas,
      Path path) {
    Object scale = fields.get("scale") != null ? fields.get("scale") : replicas;
    if (scale instanceof Long number && number > 1 && fields.get("container_name") != null) {
      findings.problem(
          service.keyMark("container_name"),
          path.child("container_name"),
          "several containers cannot have one name",
          "remove container_name, or scale to 1");
    } else if (scale instanceof Long number && (number < 0 || number > 1000)) {
      findings.problem(
          service.mark(), path.child("scale"), "must be from 0 to 1000", "choose such a number");
    }
  }

  /// With either said, both must say the same.
  private void differ(
      Node.Mapping service,
      Map<String, @Nullable Object> fields,
      String key,
      @Nullable Object resources,
      String resource,
      Path path) {
    Object own = fields.get(key);
    if (own != null && resources instanceof Map<?, ?> map && !own.equals(map.get(resource))) {
      findings.problem(
          service.keyMark(key),
          path.child(key),
          "differs from the " + resource + " in deploy.resources",
          "say it in one of the two places, or the same in both");
    }
  }

  private static @Nullable Object get(Map<?, ?> map, String first, String second) {
    return map.get(first) instanceof Map<?, ?> inner ? inner.get(second) : null;
  }
}
