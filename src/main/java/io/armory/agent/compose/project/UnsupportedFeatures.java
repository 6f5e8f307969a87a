package io.armory.agent.compose.project;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Durations;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.Plain;
import java.util.List;
import java.util.Set;

/// What the specification allows and this product does not do: said loudly instead of ignored, as
/// the reference does with most of it. Where ignoring is harmless it is only a warning.
public final class UnsupportedFeatures {
  private static final Set<String> RESTARTS =
      Set.of("no", "always", "unless-stopped", "on-failure");
  private static final Set<String> CONDITIONS =
      Set.of("none", "any", "on-failure", "always", "no", "unless-stopped");
  private static final Set<String> VOLUME_TYPES = Set.of("bind", "volume", "tmpfs", "image");

  private final Diagnostics findings;

  public UnsupportedFeatures(Diagnostics findings) {
    this.findings = findings;
  }

  public void check(Project project) {
    refuse(project.model(), "models", Path.ROOT, "this agent runs no language models", "remove it");
    project.all().forEach(this::service);
    objects(
        project.name(),
        project.model(),
        "secrets",
        Set.of("driver", "driver_opts", "template_driver"));
    objects(project.name(), project.model(), "configs", Set.of("template_driver"));
  }

  private void service(String name, Node.Mapping service) {
    Path path = Path.of("services", name);
    refuse(service, "develop", path, "is for development on a workstation", "remove it");
    refuse(service, "credential_spec", path, "is for Windows containers", "remove it");
    refuse(
        service,
        "provider",
        path,
        "this agent runs containers alone",
        "make what it provides elsewhere");
    refuse(service, "models", path, "this agent runs no language models", "remove it");
    if (!"false".equals(said(service, "use_api_socket"))) {
      refuse(
          service,
          "use_api_socket",
          path,
          "a container with the engine's socket is root on the node",
          "mount the socket as a volume if that is meant");
    }
    pullPolicy(service, path);
    preStart(service, path);
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
    withoutEffect(service, path);
    deploy(service, path);
    service.eachMapping(
        "volumes",
        path,
        (volume, at) -> {
          String type = Node.text(volume.get("type"));
          if (type != null && !VOLUME_TYPES.contains(type)) {
            findings.problem(
                volume.need("type").mark(),
                at.child("type"),
                "volumes of type '" + type + "' are not supported",
                "use bind, volume, tmpfs or image");
          }
        });
  }

  private static String said(Node.Mapping mapping, String key) {
    return mapping.has(key) ? String.valueOf(Plain.value(mapping.need(key))) : "false";
  }

  /// The reference takes `refresh`, which says no time, for `missing`, and knows at `up` alone what
  /// it cannot read.
  private void pullPolicy(Node.Mapping service, Path path) {
    String policy = Node.text(service.get("pull_policy"));
    if (policy != null
        && policy.matches("refresh|every_[0-9.].*")
        && !(policy.matches("every_([0-9]+[wdhms])++")
            && Durations.parse(policy.substring("every_".length())) != null)) {
      findings.problem(
          service.need("pull_policy").mark(),
          path.child("pull_policy"),
          "'" + policy + "' says no time after which an image is pulled again",
          "write daily, weekly or every_12h");
    }
  }

  private void preStart(Node.Mapping service, Path path) {
    service.eachMapping(
        "pre_start",
        path,
        (hook, at) -> {
          if ("true".equals(said(hook, "per_replica"))) {
            refuse(
                hook,
                "per_replica",
                at,
                "a command before the start is run once for the service",
                "remove it");
          }
        });
  }

  private void refuse(Node.Mapping mapping, String key, Path path, String why, String advice) {
    if (!Node.isNull(mapping.get(key))) {
      findings.problem(mapping.keyMark(key), path.child(key), "is not supported: " + why, advice);
    }
  }

  /// What says something to other programs alone.
  private void withoutEffect(Node.Mapping service, Path path) {
    warn(service, path.toString(), List.of("attach"), "is for docker compose up at a terminal");
    service.eachMapping(
        "ports",
        path,
        (port, at) -> warn(port, at.toString(), List.of("name", "app_protocol"), "is a remark"));
    service.eachMapping(
        "volumes",
        path,
        (volume, at) ->
            warn(volume, at.toString(), List.of("consistency"), "is for Docker Desktop"));
  }

  private void warn(Node.Mapping mapping, String path, List<String> keys, String why) {
    for (String key : keys) {
      if (!Node.isNull(mapping.get(key))) {
        findings.warn(path + "." + key + " has no effect here: it " + why);
      }
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
    updates(deploy, path);
    warn(deploy, path + ".deploy", List.of("labels"), "is for services of Swarm");
    if (deploy.get("restart_policy") instanceof Node.Mapping policy) {
      warn(
          policy,
          path + ".deploy.restart_policy",
          List.of("delay", "window"),
          "is left to the agent, which restarts with a growing delay");
    }
    if (deploy.get("resources") instanceof Node.Mapping resources
        && resources.get("reservations") instanceof Node.Mapping reservations) {
      warn(
          reservations,
          path + ".deploy.resources.reservations",
          List.of("cpus", "generic_resources"),
          "is for clusters, which choose a node by it");
    }
    for (String key : List.of("placement", "endpoint_mode")) {
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

  /// What a rollout does by itself is said by nobody's leave; what it does otherwise is told.
  private void updates(Node.Mapping deploy, Path path) {
    for (String key : List.of("update_config", "rollback_config")) {
      if (!(deploy.get(key) instanceof Node.Mapping config)) {
        continue;
      }
      for (String field : config.keys()) {
        String value = String.valueOf(Plain.value(config.need(field)));
        boolean done =
            switch (field) {
              case "parallelism" -> value.equals("1");
              case "order" ->
                  value.equals("stop-first")
                      || (value.equals("start-first") && key.equals("update_config"));
              case "failure_action" -> value.equals("rollback") && key.equals("update_config");
              default -> field.startsWith("x-");
            };
        if (!done) {
          findings.warn(
              path
                  + ".deploy."
                  + key
                  + "."
                  + field
                  + " has no effect: a rollout replaces one container at a time and goes back to"
                  + " the last good revision within rollout.timeout");
        }
      }
    }
  }

  private void objects(String project, Node.Mapping model, String kind, Set<String> refused) {
    if (!(model.get(kind) instanceof Node.Mapping objects)) {
      return;
    }
    for (String name : objects.keys()) {
      if (objects.get(name) instanceof Node.Mapping object) {
        Path path = Path.of(kind, name);
        warn(object, path.toString(), List.of("labels"), "is for Swarm, which keeps " + kind);
        if (!(project + "_" + name).equals(Node.text(object.get("name")))) {
          warn(object, path.toString(), List.of("name"), "is for Swarm, which keeps " + kind);
        }
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
