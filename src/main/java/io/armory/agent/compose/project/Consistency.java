package io.armory.agent.compose.project;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.KeyHint;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whether the parts of a model fit together: every name refers to something, no two attributes
/// contradict each other, nothing depends on itself.
public final class Consistency {
  private final Node.Mapping model;
  private final Map<String, Node.Mapping> enabled;
  private final Map<String, Map<String, @Nullable Object>> encoded;
  private final Set<String> disabled;
  private final Diagnostics findings;

  public Consistency(Project project, Diagnostics findings) {
    this.model = project.model();
    this.enabled = project.enabled();
    this.disabled = project.disabled();
    this.encoded = project.encoded();
    this.findings = findings;
  }

  public void check() {
    enabled.forEach(this::service);
    containerNames();
    new DependencyCycles(model, enabled, findings).check();
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
    namespaces(service, path);
    targets(fields, service, path);
    new BuildCheck(enabled, findings).check(service, path);
    new Contradictions(findings).check(service, fields, path);
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

  private void defined(String kind, @Nullable String name, Location mark, Path path) {
    Collection<String> known = model.get(kind) instanceof Node.Mapping all ? all.keys() : List.of();
    if (name != null && !known.contains(name)) {
      String what = kind.substring(0, kind.length() - 1);
      findings.consequence(
          mark,
          path.child(name),
          "refers to the undefined " + what + " '" + name + "'",
          KeyHint.among(name, known, "define it under '" + kind + ":' at the top level", findings));
    }
  }

  private void mounts(Node.Mapping in, String kind, Path path) {
    for (Node item : in.items(kind)) {
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
            KeyHint.among(on, enabled.keySet(), "define it, or remove it here", findings));
      }
    }
  }

  /// A namespace or volumes of a service that no enabled profile has would be waited for for ever.
  private void namespaces(Node.Mapping service, Path path) {
    for (String key : List.of("network_mode", "ipc", "pid")) {
      String mode = Node.text(service.get(key));
      if (mode != null && mode.startsWith("service:")) {
        enabledToo(mode.substring("service:".length()), service.need(key), path.child(key));
      }
    }
    for (Node item : service.items("volumes_from")) {
      String text = Node.text(item);
      if (text != null && !text.startsWith("container:")) {
        enabledToo(text.replaceFirst(":.*", ""), item, path.child("volumes_from"));
      }
    }
  }

  private void enabledToo(String name, Node said, Path path) {
    if (disabled.contains(name) && !enabled.containsKey(name)) {
      findings.consequence(
          said.mark(),
          path,
          "needs '" + name + "', which no enabled profile has",
          "enable one of its profiles");
    }
  }

  private void targets(Map<String, @Nullable Object> fields, Node.Mapping service, Path path) {
    Set<String> targets = new HashSet<>();
    for (String key : List.of("tmpfs", "volumes")) {
      if (fields.get(key) instanceof List<?> mounts) {
        for (int i = 0; i < mounts.size(); i++) {
          String target =
              mounts.get(i) instanceof Map<?, ?> volume
                  ? String.valueOf(volume.get("target"))
                  : String.valueOf(mounts.get(i)).replaceFirst(":.*", "");
          if (!targets.add(target)) {
            findings.problem(
                service.keyMark(key),
                path.child(key).item(i),
                "mounts " + target + " a second time",
                "remove one of the two");
          }
        }
      }
    }
  }

  private void references(Node.Mapping service, Path path) {
    service.eachMapping("volumes", path, this::volume);
    for (String kind : List.of("configs", "secrets")) {
      mounts(service, kind, path);
    }
    if (service.get("build") instanceof Node.Mapping build) {
      mounts(build, "secrets", path.child("build"));
    }
  }

  private void volume(Node.Mapping volume, Path path) {
    String type = Node.text(volume.get("type"));
    if ("volume".equals(type)) {
      String source = Node.text(volume.get("source"));
      boolean anonymous = source == null || source.isEmpty();
      defined("volumes", anonymous ? null : source, volume.mark(), path);
      windowsPath(volume, path);
    } else if ("bind".equals(type) && Node.isNull(volume.get("source"))) {
      findings.consequence(volume.mark(), path, "a bind has no source", "add source:");
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

  private static boolean isEmpty(@Nullable Node node) {
    return Node.isNull(node) || "".equals(Node.text(node));
  }

  private void secrets() {
    if (model.get("secrets") instanceof Node.Mapping secrets) {
      for (String name : secrets.keys()) {
        if (secrets.get(name) instanceof Node.Mapping secret
            && !Normalization.isExternal(secret)
            && Node.isNull(secret.get("file"))
            && isEmpty(secret.get("environment"))) {
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
