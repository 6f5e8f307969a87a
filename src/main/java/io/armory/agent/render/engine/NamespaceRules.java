package io.armory.agent.render.engine;

import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Networking.Mode;
import io.armory.agent.domain.stack.Security;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Namespaces, what cannot be said of one that belongs to somebody else, and kernel settings, which
/// need one of their own.
final class NamespaceRules {
  private static final String HOST = "host";

  /// What a container has of its own in the IPC namespace.
  private static final Set<String> IPC_SETTINGS =
      Set.of(
          "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni",
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced");

  private NamespaceRules() {}

  static void check(ContainerSpec container, Faults faults) {
    var security = container.security();
    mode("ipc", security.ipc(), Set.of("none", "private", "shareable", HOST), true, faults);
    mode("cgroup", security.cgroupNamespace(), Set.of("private", HOST), false, faults);
    later("pid", security.pid(), faults);
    later("uts", security.uts(), faults);
    var runtime = security.runtime();
    if (runtime != null
        && !runtime.isEmpty()
        && !runtime.startsWith("/")
        && !runtime.startsWith("io.containerd.")) {
      faults.unlessKnown("runtime", runtime, "runtime", faults.engine().runtimes());
    }
    if (HOST.equals(security.uts())) {
      own("hostname", container.hostname(), "uts: host", faults);
      own("domainname", container.domainname(), "uts: host", faults);
    }
    switch (container.networking().mode()) {
      case Mode.OfService(var of) -> borrowed(container, "network_mode: service:" + of, faults);
      case Mode.OfContainer(var of) -> borrowed(container, "network_mode: container:" + of, faults);
      case Mode.Engine(var name) when name.equals(HOST) ->
          own("links", said(container.networking().links()), "network_mode: host", faults);
      case Mode.Engine _, Mode.Project _ -> {}
    }
    if (runtime == null || runtime.isEmpty() || runtime.equals("runc")) {
      security.sysctls().keySet().forEach(name -> setting(name, container, faults));
    }
  }

  private static void mode(
      String attribute, @Nullable String mode, Set<String> known, boolean joins, Faults faults) {
    if (mode == null || mode.isEmpty() || known.contains(mode) || (joins && isJoined(mode))) {
      return;
    }
    faults.refuse(
        attribute,
        mode,
        "'%s' is no mode".formatted(mode),
        Faults.nearest(mode, known).orElse("write host, or nothing"));
  }

  private static boolean isJoined(String mode) {
    return mode.startsWith("container:") || mode.startsWith("service:");
  }

  /// Modes that engines took for nothing before they refused them.
  private static void later(String attribute, @Nullable String mode, Faults faults) {
    var joins = attribute.equals("pid") && mode != null && isJoined(mode);
    if (mode != null && !mode.isEmpty() && !mode.equals(HOST) && !joins) {
      faults.refuseSince(
          28, attribute, mode, "'%s' is no mode".formatted(mode), "write host, or nothing");
    }
  }

  /// The network of another container is that one's to set up.
  private static void borrowed(ContainerSpec container, String why, Faults faults) {
    Networking network = container.networking();
    own("hostname", container.hostname(), why, faults);
    own("dns", said(network.dns()), why, faults);
    own("extra_hosts", said(network.extraHosts()), why, faults);
    own("links", said(network.links()), why, faults);
    own("ports", network.ports().isEmpty() ? "" : "ports", why, faults);
    own("expose", said(network.expose()), why, faults);
  }

  private static String said(java.util.List<String> values) {
    return values.isEmpty() ? "" : values.getFirst();
  }

  private static void own(String attribute, @Nullable String value, String why, Faults faults) {
    if (value != null && !value.isEmpty()) {
      faults.refuse(attribute, "", "cannot be said with " + why, "remove one of the two");
    }
  }

  private static void setting(String written, ContainerSpec container, Faults faults) {
    var name = written.replace('/', '.');
    Security security = container.security();
    var isIpc = IPC_SETTINGS.contains(name) || name.startsWith("fs.mqueue.");
    var isNetwork = name.startsWith("net.");
    var isHostNetwork =
        container.networking().mode() instanceof Mode.Engine(var m) && m.equals(HOST);
    if (isNetwork && isHostNetwork) {
      own("sysctls", name, "network_mode: host", faults);
    } else if (isIpc && HOST.equals(security.ipc())) {
      own("sysctls", name, "ipc: host", faults);
    } else if (name.equals("kernel.domainname") && HOST.equals(security.uts())) {
      own("sysctls", name, "uts: host", faults);
    } else if (!isIpc && !isNetwork && !name.equals("kernel.domainname")) {
      faults.refuse(
          "sysctls",
          written,
          "'%s' is not a container's to set".formatted(written),
          name.equals("kernel.hostname") ? "use hostname:" : "set it on the node: sysctl -w");
    }
  }
}
