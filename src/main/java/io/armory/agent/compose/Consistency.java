package io.armory.agent.compose;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Whether the parts of a model fit together: every name refers to something, no two attributes
/// contradict each other, nothing depends on itself.
final class Consistency {
  private final Node.Mapping model;
  private final Map<String, Node.Mapping> enabled;
  private final Map<String, Map<String, @Nullable Object>> encoded;
  private final Set<String> disabled;
  private final Findings findings;

  Consistency(Project project, Findings findings) {
    this.model = project.model();
    this.enabled = project.enabled();
    this.disabled = project.disabled();
    this.encoded = project.encoded();
    this.findings = findings;
  }

  void check() {
    enabled.forEach(this::service);
    containerNames();
    cycles();
    secrets();
  }

  private void service(String name, Node.Mapping service) {
    Path path = Path.of("services", name);
    Map<String, @Nullable Object> fields = encoded.getOrDefault(name, Map.of());
    if (fields.get("image") == null && fields.get("build") == null) {
      findings.consequence(service.mark(), path, "has no image", "add image:");
    }
    networks(service, fields, path);
    healthcheck(service, fields, path);
    dependencies(service, path);
    references(service, path);
    contradictions(service, fields, path);
  }

  private void networks(Node.Mapping service, Map<String, @Nullable Object> fields, Path path) {
    if (!(service.get("networks") instanceof Node.Mapping networks)) {
      return;
    }
    if (fields.get("network_mode") != null && !networks.isEmpty()) {
      findings.consequence(
          service.keyMark("network_mode"),
          path.child("network_mode"),
          "network_mode and networks exclude each other",
          "remove one of the two");
    }
    for (String network : networks.keys()) {
      defined("networks", network, networks.keyMark(network), path.child("networks"));
    }
  }

  private void defined(String kind, @Nullable String name, Mark mark, Path path) {
    Collection<String> known = model.get(kind) instanceof Node.Mapping all ? all.keys() : List.of();
    if (name != null && !known.contains(name)) {
      String what = kind.substring(0, kind.length() - 1);
      findings.consequence(
          mark,
          path.child(name),
          "refers to the undefined " + what + " '" + name + "'",
          Suggestion.among(name, known, "define it under '" + kind + ":' at the top level"));
    }
  }

  private void mounts(Node.Mapping in, String kind, Path path) {
    if (!(in.get(kind) instanceof Node.Sequence mounts)) {
      return;
    }
    for (Node item : mounts.items()) {
      if (item instanceof Node.Mapping mount) {
        String source = Node.text(mount.get("source"));
        if (source == null) {
          findings.consequence(
              mount.mark(), path.child(kind), "names none of the " + kind, "add source:");
        } else {
          defined(kind, source, mount.mark(), path.child(kind));
        }
      }
    }
  }

  private void healthcheck(Node.Mapping service, Map<String, @Nullable Object> fields, Path path) {
    if (fields.get("healthcheck") instanceof Map<?, ?> health
        && health.get("test") instanceof List<?> test
        && !test.isEmpty()
        && !List.of("CMD", "CMD-SHELL", "NONE").contains(String.valueOf(test.getFirst()))) {
      findings.problem(
          service.need("healthcheck").mark(),
          path.child("healthcheck").child("test"),
          "must start with CMD, CMD-SHELL or NONE",
          "put \"CMD\" before the command");
    }
  }

  private void dependencies(Node.Mapping service, Path path) {
    if (!(service.get("depends_on") instanceof Node.Mapping all)) {
      return;
    }
    for (String on : all.keys()) {
      boolean required =
          !(all.get(on) instanceof Node.Mapping d
              && d.get("required") instanceof Node.Scalar s
              && Boolean.FALSE.equals(s.value()));
      if (enabled.containsKey(on) || (disabled.contains(on) && !required)) {
        continue;
      }
      Path at = path.child("depends_on").child(on);
      if (disabled.contains(on)) {
        findings.consequence(
            all.keyMark(on),
            at,
            "depends on '" + on + "', which no enabled profile has",
            "enable one of its profiles, or say required: false");
      } else {
        findings.consequence(
            all.keyMark(on),
            at,
            "depends on the undefined service '" + on + "'",
            Suggestion.among(on, enabled.keySet(), "define it, or remove it here"));
      }
    }
  }

  private void references(Node.Mapping service, Path path) {
    if (service.get("volumes") instanceof Node.Sequence volumes) {
      for (int i = 0; i < volumes.items().size(); i++) {
        if (volumes.items().get(i) instanceof Node.Mapping volume
            && "volume".equals(Node.text(volume.get("type")))) {
          String source = Node.text(volume.get("source"));
          boolean anonymous = source == null || source.isEmpty();
          Path at = path.child("volumes").item(i);
          defined("volumes", anonymous ? null : source, volume.mark(), at);
          windowsPath(volume, at);
        } else if (volumes.items().get(i) instanceof Node.Mapping volume
            && "bind".equals(Node.text(volume.get("type")))
            && Node.isNull(volume.get("source"))) {
          findings.consequence(
              volume.mark(), path.child("volumes").item(i), "a bind has no source", "add source:");
        }
      }
    }
    for (String kind : List.of("configs", "secrets")) {
      mounts(service, kind, path);
    }
    if (service.get("build") instanceof Node.Mapping build) {
      mounts(build, "secrets", path.child("build"));
    }
  }

  /// `v:/x` is a target on drive v: for the reference, and so for us.
  private void windowsPath(Node.Mapping volume, Path path) {
    String target = Node.text(volume.get("target"));
    if (target != null && target.matches("[A-Za-z]:/.*")) {
      findings.warn(
          path + ": '" + target + "' is read as a path of Windows; use a longer volume name");
    }
  }

  private void contradictions(
      Node.Mapping service, Map<String, @Nullable Object> fields, Path path) {
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

  private void containerNames() {
    Map<String, String> owners = new HashMap<>();
    enabled.forEach((name, service) -> {
      String containerName = Node.text(service.get("container_name"));
      String owner =
          containerName == null || containerName.isEmpty()
              ? null
              : owners.putIfAbsent(containerName, name);
      if (owner != null) {
        findings.problem(
            service.keyMark("container_name"),
            Path.of("services", name, "container_name"),
            "is the name of service '" + owner + "' too",
            "give each its own");
      }
    });
  }

  /// Takes away what depends on nothing until only cycles and what depends on them is left.
  private void cycles() {
    Map<String, Set<String>> waiting = new TreeMap<>();
    Map<String, List<String>> dependents = new HashMap<>();
    enabled.forEach((name, service) -> {
      Set<String> on = new TreeSet<>();
      if (service.get("depends_on") instanceof Node.Mapping all) {
        all.keys().stream().filter(enabled::containsKey).forEach(on::add);
      }
      waiting.put(name, on);
      on.forEach(d -> dependents.computeIfAbsent(d, _ -> new ArrayList<>()).add(name));
    });
    Deque<String> free = new ArrayDeque<>();
    waiting.forEach((name, on) -> {
      if (on.isEmpty()) {
        free.add(name);
      }
    });
    while (!free.isEmpty()) {
      String name = free.remove();
      waiting.remove(name);
      for (String dependent : dependents.getOrDefault(name, List.of())) {
        Set<String> on = waiting.get(dependent);
        if (on != null && on.remove(name) && on.isEmpty()) {
          free.add(dependent);
        }
      }
    }
    if (!waiting.isEmpty()) {
      cycle(waiting);
    }
  }

  private void cycle(Map<String, Set<String>> waiting) {
    Map<String, Integer> places = new HashMap<>();
    List<String> walk = new ArrayList<>();
    String at = waiting.keySet().iterator().next();
    while (places.putIfAbsent(at, walk.size()) == null) {
      walk.add(at);
      at = waiting.getOrDefault(at, Set.of()).iterator().next();
    }
    List<String> cycle = new ArrayList<>(walk.subList(places.getOrDefault(at, 0), walk.size()));
    cycle.add(at);
    String text =
        cycle.size() > 12
            ? String.join(" -> ", cycle.subList(0, 11)) + " -> …"
            : String.join(" -> ", cycle);
    Node.Mapping service = enabled.get(at);
    findings.problem(
        service == null ? model.mark() : service.keyMark("depends_on"),
        Path.of("services", at, "depends_on"),
        "dependency cycle: " + text,
        "remove one of these dependencies");
  }

  private void secrets() {
    if (model.get("secrets") instanceof Node.Mapping secrets) {
      for (String name : secrets.keys()) {
        if (secrets.get(name) instanceof Node.Mapping secret
            && !Normalization.isExternal(secret)
            && Node.isNull(secret.get("file"))
            && Node.isNull(secret.get("environment"))) {
          findings.consequence(
              secret.mark(),
              Path.of("secrets", name),
              "has no content",
              "add file: or environment:");
        }
      }
    }
  }
}
