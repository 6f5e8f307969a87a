package io.armory.agent.render;

import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.stack.Networking.PortBinding;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// A revision for the eye: what a person would check of each service, and every file.
final class StackText {
  private StackText() {}

  static String of(Revision revision) {
    var out = new StringBuilder();
    revision.warnings().forEach(w -> out.append("warning: ").append(w).append('\n'));
    for (var service : new TreeMap<>(revision.stack().services()).values()) {
      service(out, service);
    }
    out.append("volumes ").append(new TreeSet<>(revision.stack().volumes().keySet())).append('\n');
    revision
        .stack()
        .networks()
        .values()
        .forEach(
            n -> out.append("network ").append(n.name()).append(' ').append(n.ipam()).append('\n'));
    revision.files().stream()
        .map(StackText::file)
        .sorted()
        .forEach(f -> out.append("file ").append(f).append('\n'));
    return out.toString();
  }

  private static void service(StringBuilder out, Service service) {
    var spec = service.container();
    line(out, service.name(), spec.image());
    var depends =
        new TreeMap<>(service.dependsOn())
            .entrySet().stream()
                .map(e ->
                    e.getKey() + " " + e.getValue().condition().toString().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
    line(out, "  waits for", depends);
    line(
        out,
        "  published",
        spec.networking().ports().stream().map(StackText::port).collect(Collectors.joining(", ")));
    var memory = spec.resources().memory();
    line(out, "  memory", memory == null ? "" : memory / (1024 * 1024) + " MiB");
    line(out, "  grace", service.stopGracePeriod().toString());
    line(
        out,
        "  probe",
        service.probe().map(p -> p.check() + " after " + p.startPeriod()).orElse(""));
    line(out, "  starts first", service.startFirst() ? "yes" : "");
    line(out, "  optional", service.optional() ? "yes" : "");
    line(out, "  user", spec.command().user() == null ? "the image's" : spec.command().user());
    line(out, "  read-only", spec.security().readOnly() ? "yes" : "");
    line(out, "  rights", spec.security().capDrop() + " " + spec.security().securityOpt());
    new TreeMap<>(spec.command().environment()).forEach((k, v) -> line(out, "  env " + k, v + ""));
    for (var mount : spec.storage().mounts()) {
      line(
          out,
          "  mount " + mount.target(),
          switch (mount) {
            case Storage.Bind b -> anyDigest(b.source()) + (b.readOnly() ? " read-only" : "");
            case Storage.VolumeMount v -> "volume " + v.volume();
            case Storage.Tmpfs t -> "tmpfs " + t.options();
            case Storage.ImageMount i -> "files of " + i.image();
            case Storage.FileMount f -> f.hostPath();
          });
    }
  }

  private static String port(PortBinding port) {
    return (port.hostIp() == null ? "*" : port.hostIp())
        + ":"
        + port.published()
        + "->"
        + port.target();
  }

  private static String file(RenderedFile file) {
    return anyDigest(file.path()) + " " + Integer.toOctalString(file.mode());
  }

  /// The content of shipped files may change without a golden file's knowledge.
  private static String anyDigest(String path) {
    return path.replaceAll("-[0-9a-f]{12}(?=/|$)", "-DIGEST");
  }

  private static void line(StringBuilder out, String what, String value) {
    if (!value.isBlank()) {
      out.append(what).append(": ").append(value).append('\n');
    }
  }
}
