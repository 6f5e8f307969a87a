package io.armory.agent.compose.project;

import io.armory.agent.compose.source.CleanPath;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import java.util.List;
import java.util.Map;

/// What is implied becomes explicit: the default network, dependencies that links and shared
/// namespaces bring, names of resources.
public final class Normalization {
  private final String project;
  private final Map<String, String> environment;

  public Normalization(String project, Map<String, String> environment) {
    this.project = project;
    this.environment = environment;
  }

  public void apply(Node.Mapping model) {
    boolean usesDefault = false;
    if (model.get("services") instanceof Node.Mapping services) {
      for (String name : services.keys()) {
        if (services.get(name) instanceof Node.Mapping service) {
          usesDefault |= networks(service);
          service(service);
        }
      }
    }
    if (usesDefault) {
      if (!(model.get("networks") instanceof Node.Mapping)) {
        model.put("networks", Node.mapping(model.mark()));
      }
      if (model.get("networks") instanceof Node.Mapping networks && !networks.has("default")) {
        networks.put("default", Node.mapping(model.mark()));
      }
    }
    for (String kind : List.of("networks", "volumes", "configs", "secrets")) {
      names(model, kind);
    }
  }

  /// Whether the service is on the default network.
  private static boolean networks(Node.Mapping service) {
    if (service.has("network_mode")) {
      return false;
    }
    Node networks = service.get("networks");
    if (networks instanceof Node.Mapping mapping && !mapping.isEmpty()) {
      return mapping.has("default");
    }
    Node.Mapping implied = Node.mapping(service.mark());
    implied.put("default", Node.nothing(service.mark()));
    service.put("networks", implied);
    return true;
  }

  private void service(Node.Mapping service) {
    if ("if_not_present".equals(Node.text(service.get("pull_policy")))) {
      service.put("pull_policy", "missing");
    }
    if (service.get("build") instanceof Node.Mapping build) {
      if (!build.has("dockerfile") && !build.has("dockerfile_inline")) {
        build.put("dockerfile", "Dockerfile");
      }
      arguments(build);
    }
    if (service.get("environment") instanceof Node.Mapping variables) {
      variables.keys().forEach(key -> inherit(variables, key));
    }
    for (Node item : service.items("volumes")) {
      String target = item instanceof Node.Mapping v ? Node.text(v.get("target")) : null;
      if (target != null && item instanceof Node.Mapping volume) {
        volume.put("target", new Node.Scalar(CleanPath.clean(target), item.mark()));
      }
    }
    dependencies(service);
  }

  private void inherit(Node.Mapping variables, String key) {
    String value = environment.get(key);
    if (value != null && Node.isNull(variables.get(key))) {
      variables.put(key, new Node.Scalar(value, variables.keyMark(key)));
    }
  }

  /// Build arguments without a value that the environment does not have are left out.
  private void arguments(Node.Mapping build) {
    if (build.get("args") instanceof Node.Mapping arguments) {
      for (String key : List.copyOf(arguments.keys())) {
        inherit(arguments, key);
        if (Node.isNull(arguments.get(key))) {
          arguments.remove(key);
        }
      }
    }
  }

  private static void dependencies(Node.Mapping service) {
    for (Node item : service.items("links")) {
      String link = Node.text(item);
      if (link != null) {
        String[] parts = link.split(":", -1);
        depend(service, parts.length == 2 ? parts[0] : link, true, item.mark());
      }
    }
    for (String key : List.of("network_mode", "ipc", "pid", "uts", "cgroup")) {
      String mode = Node.text(service.get(key));
      if (mode != null && mode.startsWith("service:")) {
        depend(service, mode.substring("service:".length()), true, service.need(key).mark());
      }
    }
    for (Node item : service.items("volumes_from")) {
      String other = Node.text(item);
      if (other != null && !other.startsWith("container:")) {
        depend(service, other.split(":", -1)[0], false, item.mark());
      }
    }
  }

  private static void depend(Node.Mapping service, String on, boolean restart, Location mark) {
    if (!(service.get("depends_on") instanceof Node.Mapping)) {
      service.put("depends_on", Node.mapping(mark));
    }
    if (service.get("depends_on") instanceof Node.Mapping all && !all.has(on)) {
      Node.Mapping dependency = Canonical.dependency(mark);
      dependency.put("restart", restart);
      all.put(on, dependency, mark);
    }
  }

  private void names(Node.Mapping model, String kind) {
    if (!(model.get(kind) instanceof Node.Mapping resources)) {
      return;
    }
    for (String key : resources.keys()) {
      Node resource = resources.need(key);
      if (Node.isNull(resource)) {
        resource = Node.mapping(resource.mark());
        resources.put(key, resource);
      }
      if (resource instanceof Node.Mapping mapping && Node.isNull(mapping.get("name"))) {
        mapping.put("name", isExternal(mapping) ? key : project + "_" + key);
      }
    }
  }

  static boolean isExternal(Node.Mapping resource) {
    return resource.get("external") instanceof Node.Scalar scalar
        && "true".equals(String.valueOf(scalar.value()));
  }
}
