package io.armory.agent.compose.project;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.IpAddress;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gives what is not said its default, and says where parameters exclude each other.
final class Defaults {
  private final Diagnostics findings;

  Defaults(Diagnostics findings) {
    this.findings = findings;
  }

  void apply(Node.Mapping model) {
    for (String name : keys(model.get("services"))) {
      if (model.get("services") instanceof Node.Mapping services
          && services.get(name) instanceof Node.Mapping service) {
        service(service, Path.of("services", name));
      }
    }
    resources(model, "volumes", List.of());
    resources(model, "configs", List.of("file", "environment", "content"));
    resources(model, "secrets", List.of("file", "environment"));
  }

  private static List<String> keys(@Nullable Node node) {
    return node instanceof Node.Mapping mapping ? List.copyOf(mapping.keys()) : List.of();
  }

  private void service(Node.Mapping service, Path path) {
    if (service.get("build") instanceof Node.Mapping build) {
      Canonical.setDefault(build, "context", ".");
    }
    if (service.has("pid") && Node.isNull(service.get("pid"))) {
      findings.problem(service.keyMark("pid"), path.child("pid"), "is empty", "remove it");
    }
    service.eachMapping(
        "secrets",
        path,
        (secret, _) ->
            Canonical.setDefault(
                secret, "target", "/run/secrets/" + Node.text(secret.get("source"))));
    service.eachMapping(
        "ports",
        path,
        (port, _) -> {
          Canonical.setDefault(port, "protocol", "tcp");
          Canonical.setDefault(port, "mode", "ingress");
          address(port, path.child("ports"));
        });
    deviceRequests(service.get("gpus"), path.child("gpus"));
    Node devices = service.get("deploy");
    for (String key : List.of("resources", "reservations", "devices")) {
      devices = devices instanceof Node.Mapping mapping ? mapping.get(key) : null;
    }
    deviceRequests(devices, path.child("deploy"));
  }

  /// An empty one is none either.
  private void address(Node.Mapping port, Path path) {
    String address = Node.text(port.get("host_ip"));
    if (address != null && !IpAddress.isValid(address)) {
      findings.problem(
          port.need("host_ip").mark(),
          path.child("host_ip"),
          "'" + address + "' is no IP address",
          "write it without brackets, or remove host_ip");
    }
  }

  private void deviceRequests(@Nullable Node list, Path path) {
    if (list instanceof Node.Sequence requests) {
      for (Node item : requests.items()) {
        if (item instanceof Node.Mapping request && request.has("device_ids")) {
          if (request.has("count")) {
            findings.problem(
                request.keyMark("count"),
                path,
                "count and device_ids exclude each other",
                "remove one of the two");
          }
        } else if (item instanceof Node.Mapping request) {
          Canonical.setDefault(request, "count", "all");
        }
      }
    }
  }

  private void resources(Node.Mapping model, String kind, List<String> contents) {
    for (String name : keys(model.get(kind))) {
      if (!(model.get(kind) instanceof Node.Mapping all)
          || !(all.get(name) instanceof Node.Mapping resource)) {
        continue;
      }
      Path path = Path.of(kind, name);
      if (contents.isEmpty()) {
        external(resource, path);
      } else {
        oneOf(resource, contents, path);
      }
    }
  }

  private void external(Node.Mapping volume, Path path) {
    if (!(volume.get("external") instanceof Node.Scalar s) || !Boolean.TRUE.equals(s.value())) {
      return;
    }
    for (String key : volume.keys()) {
      if (!key.equals("name") && !key.equals("external") && !key.startsWith("x-")) {
        findings.problem(
            volume.keyMark(key),
            path.child(key),
            "an external volume has only a name",
            "remove " + key + ", or external: true");
      }
    }
  }

  private void oneOf(Node.Mapping resource, List<String> contents, Path path) {
    List<String> said = contents.stream().filter(resource::has).toList();
    String choice = String.join(", ", contents);
    if (said.size() > 1) {
      findings.problem(
          resource.keyMark(said.get(1)),
          path,
          said.get(0) + " and " + said.get(1) + " exclude each other",
          "keep one of " + choice);
    } else if (said.isEmpty() && !resource.has("driver") && !resource.has("external")) {
      findings.problem(resource.mark(), path, "has no content", "add one of " + choice);
    }
  }
}
