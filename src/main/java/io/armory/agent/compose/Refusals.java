package io.armory.agent.compose;

import java.util.List;
import java.util.Set;

/// What the specification allows and this product does not do: said loudly instead of ignored, as
/// the reference does with most of it. Where ignoring is harmless it is only a warning.
final class Refusals {
  private static final Set<String> RESTARTS =
      Set.of("no", "always", "unless-stopped", "on-failure");
  private static final Set<String> CONDITIONS =
      Set.of("none", "any", "on-failure", "always", "no", "unless-stopped");
  private static final Set<String> VOLUME_TYPES = Set.of("bind", "volume", "tmpfs");

  private final Findings findings;

  Refusals(Findings findings) {
    this.findings = findings;
  }

  void check(Project project) {
    project.all().forEach(this::service);
    objects(project.model(), "secrets", Set.of("driver", "driver_opts", "template_driver"));
    objects(project.model(), "configs", Set.of("template_driver"));
  }

  private void service(String name, Node.Mapping service) {
    Path path = Path.of("services", name);
    refuse(service, "develop", path, "is for development on a workstation", "remove it");
    refuse(service, "credential_spec", path, "is for Windows containers", "remove it");
    if (service.has("isolation") && !"default".equals(Node.text(service.get("isolation")))) {
      refuse(service, "isolation", path, "is for Windows containers", "remove it");
    }
    String image = Node.text(service.get("image"));
    if (service.has("build") && (image == null || image.isEmpty())) {
      refuse(
          service,
          "build",
          path,
          "this agent does not build images",
          "build and push it elsewhere, and name it with image:");
    }
    restart(service, path);
    deploy(service, path);
    if (service.get("volumes") instanceof Node.Sequence volumes) {
      for (int i = 0; i < volumes.items().size(); i++) {
        Node item = volumes.items().get(i);
        String type = item instanceof Node.Mapping v ? Node.text(v.get("type")) : null;
        if (type != null && !VOLUME_TYPES.contains(type) && item instanceof Node.Mapping volume) {
          findings.problem(
              volume.need("type").mark(),
              path.child("volumes").item(i).child("type"),
              "volumes of type '" + type + "' are not supported",
              "use bind, volume or tmpfs");
        }
      }
    }
  }

  private void refuse(Node.Mapping mapping, String key, Path path, String why, String advice) {
    if (!Node.isNull(mapping.get(key))) {
      findings.problem(mapping.keyMark(key), path.child(key), "is not supported: " + why, advice);
    }
  }

  private void restart(Node.Mapping service, Path path) {
    String restart = Node.text(service.get("restart"));
    if (restart == null || restart.isEmpty()) {
      return;
    }
    String[] parts = restart.split(":", 2);
    boolean retries =
        parts.length == 1 || (parts[0].equals("on-failure") && parts[1].matches("[0-9]{1,9}"));
    if (!RESTARTS.contains(parts[0]) || !retries) {
      findings.problem(
          service.need("restart").mark(),
          path.child("restart"),
          "'" + restart + "' is no restart policy",
          "use no, always, unless-stopped or on-failure[:TIMES]");
    }
  }

  private void deploy(Node.Mapping service, Path path) {
    if (!(service.get("deploy") instanceof Node.Mapping deploy)) {
      return;
    }
    for (String key : List.of("placement", "endpoint_mode", "update_config", "rollback_config")) {
      if (deploy.has(key)) {
        findings.warn(path + ".deploy." + key + " is for clusters and has no effect here");
      }
    }
    String mode = Node.text(deploy.get("mode"));
    if (mode != null && !mode.equals("replicated")) {
      findings.warn(path + ".deploy.mode: '" + mode + "' has no effect here");
    }
    Node policy = deploy.get("restart_policy");
    Node said = policy instanceof Node.Mapping p ? p.get("condition") : null;
    String condition = Node.text(said);
    if (said != null && condition != null && !CONDITIONS.contains(condition)) {
      findings.problem(
          said.mark(),
          path.child("deploy").child("restart_policy").child("condition"),
          "'" + condition + "' is no condition",
          "use none, on-failure or any");
    }
  }

  private void objects(Node.Mapping model, String kind, Set<String> refused) {
    if (!(model.get(kind) instanceof Node.Mapping objects)) {
      return;
    }
    for (String name : objects.keys()) {
      if (objects.get(name) instanceof Node.Mapping object) {
        Path path = Path.of(kind, name);
        refused.forEach(
            key -> refuse(object, key, path, "no driver provides " + kind + " here", "remove it"));
        if (Normalization.isExternal(object)) {
          refuse(
              object,
              "external",
              path,
              "nothing outside this project provides " + kind,
              "use file: or environment:");
        }
      }
    }
  }
}
