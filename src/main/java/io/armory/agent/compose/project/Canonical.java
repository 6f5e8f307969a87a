package io.armory.agent.compose.project;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.GoNumbers;
import io.armory.agent.compose.source.LoadLimits;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.PortSpec;
import io.armory.agent.compose.source.VolumeSpec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Short forms → long forms, in place. What has the wrong shape is left alone: the structure check
/// has said so already.
final class Canonical {
  private final Diagnostics findings;
  private final LoadLimits budget;

  Canonical(Diagnostics findings, LoadLimits budget) {
    this.findings = findings;
    this.budget = budget;
  }

  void apply(Node.Mapping model) {
    if (model.get("services") instanceof Node.Mapping services) {
      for (String name : services.keys()) {
        if (services.get(name) instanceof Node.Mapping service) {
          service(service, Path.of("services", name));
        }
      }
    }
    for (String kind : List.of("volumes", "networks", "secrets", "configs")) {
      if (model.get(kind) instanceof Node.Mapping resources) {
        for (String name : resources.keys()) {
          if (resources.get(name) instanceof Node.Mapping resource) {
            external(resource, Path.of(kind, name));
          }
        }
      }
    }
  }

  private void service(Node.Mapping service, Path path) {
    build(service);
    dependsOn(service);
    envFile(service);
    asList(service, "label_file");
    asList(service, "dns");
    dropEmpty(service.get("dns"));
    String extended = Node.text(service.get("extends"));
    if (extended != null) {
      Node.Mapping mapping = Node.mapping(service.need("extends").mark());
      mapping.put("service", extended);
      service.put("extends", mapping);
    }
    if (Node.text(service.get("gpus")) != null) {
      Node.Sequence gpus = Node.sequence(service.need("gpus").mark());
      Node.Mapping all = Node.mapping(gpus.mark());
      all.put("count", "all");
      gpus.items().add(all);
      service.put("gpus", gpus);
    }
    networks(service);
    each(service, "volumes", path, this::volume);
    each(service, "devices", path, this::device);
    each(service, "secrets", path, Canonical::fileMount);
    each(service, "configs", path, Canonical::fileMount);
    ports(service, path);
    UlimitCheck ulimits = new UlimitCheck(findings);
    ulimits.check(service, path);
    if (service.get("build") instanceof Node.Mapping build) {
      ulimits.check(build, path.child("build"));
    }
  }

  private interface ItemForm {
    Node form(Node item, Path path);
  }

  private static void each(Node.Mapping service, String key, Path path, ItemForm form) {
    if (service.get(key) instanceof Node.Sequence sequence) {
      List<Node> items = sequence.items();
      for (int i = 0; i < items.size(); i++) {
        items.set(i, form.form(items.get(i), path.child(key).item(i)));
      }
    }
  }

  private static void build(Node.Mapping service) {
    String context = Node.text(service.get("build"));
    if (context != null) {
      Node.Mapping build = Node.mapping(service.need("build").mark());
      build.put("context", context);
      service.put("build", build);
    }
    if (service.get("build") instanceof Node.Mapping build) {
      each(build, "secrets", Path.ROOT, Canonical::fileMount);
      pairs(build, "additional_contexts");
      pairs(build, "args");
      pairs(build, "ssh");
    }
  }

  /// A list of `KEY=VALUE` as a mapping.
  private static void pairs(Node.Mapping parent, String key) {
    if (parent.get(key) instanceof Node.Sequence list) {
      Node.Mapping mapping = Node.mapping(list.mark());
      for (Node item : list.items()) {
        String text = Objects.requireNonNullElse(Node.text(item), "");
        int equals = text.indexOf('=');
        if (equals >= 0) {
          mapping.put(text.substring(0, equals), text.substring(equals + 1));
        } else {
          mapping.put(text, Node.nothing(item.mark()));
        }
      }
      parent.put(key, mapping);
    }
  }

  static Node.Mapping dependency(Location mark) {
    Node.Mapping dependency = Node.mapping(mark);
    dependency.put("condition", "service_started");
    dependency.put("required", true);
    return dependency;
  }

  private static void dependsOn(Node.Mapping service) {
    if (service.get("depends_on") instanceof Node.Sequence list) {
      Node.Mapping mapping = Node.mapping(list.mark());
      for (Node item : list.items()) {
        String name = Node.text(item);
        if (name != null) {
          mapping.put(name, dependency(item.mark()));
        }
      }
      service.put("depends_on", mapping);
    } else if (service.get("depends_on") instanceof Node.Mapping mapping) {
      for (String name : mapping.keys()) {
        if (mapping.get(name) instanceof Node.Mapping dependency) {
          setDefault(dependency, "condition", "service_started");
          setDefault(dependency, "required", true);
        }
      }
    }
  }

  static void setDefault(Node.Mapping mapping, String key, Object value) {
    if (!mapping.has(key)) {
      mapping.put(key, value);
    }
  }

  private static void envFile(Node.Mapping service) {
    asList(service, "env_file");
    each(
        service,
        "env_file",
        Path.ROOT,
        (item, _) -> {
          String path = Node.text(item);
          Node.Mapping file =
              path == null && item instanceof Node.Mapping m ? m : Node.mapping(item.mark());
          if (path != null) {
            file.put("path", path);
          }
          setDefault(file, "required", true);
          return file;
        });
  }

  private static void asList(Node.Mapping service, String key) {
    if (service.get(key) instanceof Node.Scalar scalar && scalar.value() instanceof String) {
      Node.Sequence list = Node.sequence(scalar.mark());
      list.items().add(scalar);
      service.put(key, list);
    }
  }

  private static void dropEmpty(@Nullable Node list) {
    if (list instanceof Node.Sequence sequence) {
      sequence.items().removeIf(item -> Node.isNull(item) || "".equals(Node.text(item)));
    }
  }

  private static void networks(Node.Mapping service) {
    if (service.get("networks") instanceof Node.Sequence list) {
      Node.Mapping mapping = Node.mapping(list.mark());
      for (Node item : list.items()) {
        String name = Node.text(item);
        if (name != null) {
          mapping.put(name, Node.nothing(item.mark()));
        }
      }
      service.put("networks", mapping);
    }
  }

  private Node volume(Node item, Path path) {
    String spec = Node.text(item);
    if (spec == null) {
      return item;
    }
    if (spec.isEmpty()) {
      findings.problem(item.mark(), path, "an empty volume", "write [SOURCE:]TARGET[:OPTIONS]");
      return item;
    }
    try {
      return VolumeSpec.parse(spec, item.mark());
    } catch (IllegalArgumentException e) {
      findings.further(item.mark(), path, text(e), "write [SOURCE:]TARGET[:OPTIONS]");
      return item;
    }
  }

  private static String text(IllegalArgumentException e) {
    return String.valueOf(e.getMessage());
  }

  private Node device(Node item, Path path) {
    String spec = Node.text(item);
    if (spec == null) {
      return item;
    }
    String[] parts = spec.split(":", -1);
    if (parts.length > 3) {
      findings.further(item.mark(), path, "has too many colons", "use source:, target:");
      return item;
    }
    Node.Mapping device = Node.mapping(item.mark());
    device.put("source", parts[0]);
    device.put("target", parts.length > 1 && !parts[1].isEmpty() ? parts[1] : parts[0]);
    device.put("permissions", parts.length > 2 ? parts[2] : "rwm");
    return device;
  }

  private static Node fileMount(Node item, Path path) {
    String source = Node.text(item);
    if (source == null) {
      return item;
    }
    Node.Mapping mount = Node.mapping(item.mark());
    mount.put("source", source);
    return mount;
  }

  private void ports(Node.Mapping service, Path path) {
    if (!(service.get("ports") instanceof Node.Sequence list)) {
      return;
    }
    Node.Sequence ports = Node.sequence(list.mark());
    for (int i = 0; i < list.items().size(); i++) {
      Node item = list.items().get(i);
      if (item instanceof Node.Scalar scalar
          && (scalar.value() instanceof String || scalar.value() instanceof Long)) {
        try {
          String spec = GoNumbers.value(scalar.value());
          ports.items().addAll(PortSpec.parse(spec, item.mark(), budget));
        } catch (IllegalArgumentException e) {
          findings.further(
              item.mark(),
              path.child("ports").item(i),
              text(e),
              "write [IP:][HOST:]CONTAINER[/PROTOCOL], in quotes");
        }
      } else if (item instanceof Node.Scalar) {
        Path at = path.child("ports").item(i);
        findings.consequence(item.mark(), at, "is no port", "write it in quotes");
      } else {
        ports.items().add(item);
      }
    }
    service.put("ports", ports);
  }

  private void external(Node.Mapping resource, Path path) {
    if (!(resource.get("external") instanceof Node.Mapping external)) {
      return;
    }
    resource.put("external", true);
    Node name = external.get("name");
    if (name == null) {
      return;
    }
    findings.warn(path + ": external.name is deprecated. Please set name and external: true");
    if (!resource.has("name")) {
      resource.put("name", name);
    } else if (!Node.same(resource.get("name"), name)) {
      findings.problem(name.mark(), path, "name and external.name are different", "use name alone");
    }
  }
}
