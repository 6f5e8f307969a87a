package io.armory.agent.compose.print;

import static io.armory.agent.compose.print.CanonicalPrinter.BOOLEAN;
import static io.armory.agent.compose.print.CanonicalPrinter.BYTES;
import static io.armory.agent.compose.print.CanonicalPrinter.COMMAND;
import static io.armory.agent.compose.print.CanonicalPrinter.COUNT;
import static io.armory.agent.compose.print.CanonicalPrinter.DURATION;
import static io.armory.agent.compose.print.CanonicalPrinter.FLAG;
import static io.armory.agent.compose.print.CanonicalPrinter.FLOAT;
import static io.armory.agent.compose.print.CanonicalPrinter.INTEGER;
import static io.armory.agent.compose.print.CanonicalPrinter.LABELS;
import static io.armory.agent.compose.print.CanonicalPrinter.NATURAL;
import static io.armory.agent.compose.print.CanonicalPrinter.POSITIVE;
import static io.armory.agent.compose.print.CanonicalPrinter.SHORT;
import static io.armory.agent.compose.print.CanonicalPrinter.STRING;
import static io.armory.agent.compose.print.CanonicalPrinter.STRINGS;
import static io.armory.agent.compose.print.CanonicalPrinter.UNSIGNED;
import static io.armory.agent.compose.print.CanonicalPrinter.VARIABLES;
import static io.armory.agent.compose.print.CanonicalPrinter.always;
import static io.armory.agent.compose.print.CanonicalPrinter.field;
import static io.armory.agent.compose.print.CanonicalPrinter.list;
import static io.armory.agent.compose.print.CanonicalPrinter.map;
import static io.armory.agent.compose.print.CanonicalPrinter.object;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The printed form of a service: the fields, their order and what is left out when empty are the
/// reference's, because its config hash is made of exactly this text.
public final class ServicePrinter {
  static final CanonicalPrinter FILE_MOUNTS =
      list(
          object(
              field("source", STRING),
              field("target", STRING),
              field("uid", STRING),
              field("gid", STRING),
              field("mode", ServicePrinter::mode)));

  private static final CanonicalPrinter THROTTLES =
      list(
          object(
              new CanonicalPrinter.Field("Path", "path", CanonicalPrinter.ITEM, true),
              new CanonicalPrinter.Field("Rate", "rate", ServicePrinter::rate, true)));

  private static final CanonicalPrinter BLKIO =
      object(
          field("weight", SHORT),
          field(
              "weight_device",
              list(
                  object(
                      new CanonicalPrinter.Field("Path", "path", CanonicalPrinter.ITEM, true),
                      new CanonicalPrinter.Field(
                          "Weight", "weight", ServicePrinter::weight, true)))),
          field("device_read_bps", THROTTLES),
          field("device_read_iops", THROTTLES),
          field("device_write_bps", THROTTLES),
          field("device_write_iops", THROTTLES));

  private static final CanonicalPrinter HEALTHCHECK =
      object(
          field("test", ServicePrinter::test),
          field("timeout", DURATION),
          field("interval", DURATION),
          field("retries", NATURAL),
          field("start_period", DURATION),
          field("start_interval", DURATION),
          field("disable", FLAG));

  private static final CanonicalPrinter NETWORK =
      object(
          field("aliases", STRINGS),
          field("driver_opts", LABELS),
          field("gw_priority", INTEGER),
          field("interface_name", STRING),
          field("ipv4_address", STRING),
          field("ipv6_address", STRING),
          field("link_local_ips", STRINGS),
          field("mac_address", STRING),
          field("priority", INTEGER));

  private static final CanonicalPrinter PORT =
      object(
          field("name", STRING),
          field("mode", STRING),
          field("host_ip", STRING),
          field("target", POSITIVE),
          field("published", STRING),
          field("protocol", STRING),
          field("app_protocol", STRING));

  private static final CanonicalPrinter VOLUME =
      object(
          field("type", STRING),
          field("source", STRING),
          field("target", STRING),
          field("read_only", FLAG),
          field("consistency", STRING),
          field(
              "bind",
              object(
                  field("selinux", STRING),
                  field("propagation", STRING),
                  field("create_host_path", FLAG),
                  field("recursive", STRING))),
          field(
              "volume",
              object(field("labels", LABELS), field("nocopy", FLAG), field("subpath", STRING))),
          field("tmpfs", object(field("size", BYTES), field("mode", UNSIGNED))),
          field("image", object(field("subpath", STRING))));

  private static final CanonicalPrinter HOOKS =
      list(
          object(
              always("command", COMMAND),
              field("user", STRING),
              field("privileged", FLAG),
              field("working_dir", STRING),
              field("environment", VARIABLES)));

  private static final CanonicalPrinter PRE_START =
      list(
          object(
              always("command", COMMAND),
              field("image", STRING),
              field("user", STRING),
              field("privileged", FLAG),
              field("working_dir", STRING),
              field("environment", VARIABLES),
              field("per_replica", FLAG)));

  private static final CanonicalPrinter DEVELOP = (_, _, _) -> null;

  private static final CanonicalPrinter SERVICE =
      object(
          field("profiles", STRINGS),
          field("annotations", LABELS),
          field("attach", BOOLEAN),
          field("build", BuildPrinter.BUILD),
          field("develop", DEVELOP),
          field("blkio_config", BLKIO),
          field("cap_add", STRINGS),
          field("cap_drop", STRINGS),
          field("cgroup_parent", STRING),
          field("cgroup", STRING),
          field("cpu_count", INTEGER),
          field("cpu_percent", FLOAT),
          field("cpu_period", INTEGER),
          field("cpu_quota", INTEGER),
          field("cpu_rt_period", INTEGER),
          field("cpu_rt_runtime", INTEGER),
          field("cpus", FLOAT),
          field("cpuset", STRING),
          field("cpu_shares", INTEGER),
          always("command", COMMAND),
          field("configs", FILE_MOUNTS),
          field("container_name", STRING),
          field(
              "credential_spec",
              object(field("config", STRING), field("file", STRING), field("registry", STRING))),
          field("depends_on", map(ServicePrinter::dependency)),
          field("deploy", DeployPrinter.DEPLOY),
          field("device_cgroup_rules", STRINGS),
          field(
              "devices",
              list(
                  object(
                      field("source", STRING),
                      field("target", STRING),
                      field("permissions", STRING)))),
          field("dns", STRINGS),
          field("dns_opt", STRINGS),
          field("dns_search", ServicePrinter::oneOrMore),
          field("domainname", STRING),
          always("entrypoint", COMMAND),
          field("environment", VARIABLES),
          field("expose", STRINGS),
          field("extends", object(field("file", STRING), field("service", STRING))),
          field("external_links", STRINGS),
          field("extra_hosts", Hosts::encode),
          field("group_add", STRINGS),
          field("gpus", DeployPrinter.DEVICE_REQUESTS),
          field("hostname", STRING),
          field("healthcheck", HEALTHCHECK),
          field("image", STRING),
          field("init", BOOLEAN),
          field("ipc", STRING),
          field("isolation", STRING),
          field("labels", LABELS),
          field("links", STRINGS),
          field("logging", object(field("driver", STRING), field("options", LABELS))),
          field("mem_limit", BYTES),
          field("mem_reservation", BYTES),
          field("memswap_limit", BYTES),
          field("mem_swappiness", BYTES),
          field("mac_address", STRING),
          field("network_mode", STRING),
          field("networks", map(NETWORK)),
          field("oom_kill_disable", FLAG),
          field("oom_score_adj", INTEGER),
          field("pid", STRING),
          field("pids_limit", INTEGER),
          field("platform", STRING),
          field("ports", list(PORT)),
          field("privileged", FLAG),
          field("pull_policy", STRING),
          field("read_only", FLAG),
          field("restart", STRING),
          field("runtime", STRING),
          field("scale", COUNT),
          field("secrets", FILE_MOUNTS),
          field("security_opt", STRINGS),
          field("shm_size", BYTES),
          field("stdin_open", FLAG),
          field("stop_grace_period", DURATION),
          field("stop_signal", STRING),
          field("storage_opt", map(CanonicalPrinter.ITEM, "")),
          field("sysctls", LABELS),
          field("tmpfs", ServicePrinter::oneOrMore),
          field("tty", FLAG),
          field("ulimits", map(ServicePrinter::ulimit)),
          field("user", STRING),
          field("userns_mode", STRING),
          field("uts", STRING),
          field("volumes", list(VOLUME)),
          field("volumes_from", STRINGS),
          field("working_dir", STRING),
          field("pre_start", PRE_START),
          field("post_start", HOOKS),
          field("pre_stop", HOOKS));

  private ServicePrinter() {}

  @SuppressWarnings("unchecked")
  public static Map<String, @Nullable Object> encode(
      Node.Mapping service, Path path, Diagnostics findings) {
    Object encoded = SERVICE.encode(service, path, findings);
    return encoded == null ? new LinkedHashMap<>() : (Map<String, @Nullable Object>) encoded;
  }

  private static @Nullable Object oneOrMore(Node node, Path path, Diagnostics findings) {
    String one = Node.text(node);
    return one != null ? List.of(one) : STRINGS.encode(node, path, findings);
  }

  /// Octal text, with or without a leading zero, or a number; printed as octal text.
  private static @Nullable Object mode(Node node, Path path, Diagnostics findings) {
    String octal = Node.text(node);
    if (node instanceof Node.Scalar scalar && scalar.value() instanceof Double) {
      findings.further(node.mark(), path, "is a fraction", "write it in octal digits: \"0440\"");
      return null;
    }
    if (octal == null) {
      Object number = NATURAL.encode(node, path, findings);
      return number == null ? null : "0" + Long.toOctalString((Long) number);
    }
    try {
      long mode = Long.parseLong(octal, 8);
      if (mode >= 0) {
        return "0" + Long.toOctalString(mode);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    findings.further(node.mark(), path, "is not a file mode", "write it in octal digits: \"0440\"");
    return null;
  }

  private static Object rate(Node node, Path path, Diagnostics findings) {
    Object bytes = BYTES.encode(node, path, findings);
    return bytes == null ? "0" : bytes;
  }

  private static Object weight(Node node, Path path, Diagnostics findings) {
    Object weight = SHORT.encode(node, path, findings);
    return weight == null ? 0L : weight;
  }

  private static @Nullable Object test(Node node, Path path, Diagnostics findings) {
    String line = Node.text(node);
    return line != null ? List.of("CMD-SHELL", line) : STRINGS.encode(node, path, findings);
  }

  static @Nullable Object ulimit(Node node, Path path, Diagnostics findings) {
    if (node instanceof Node.Mapping) {
      return object(field("soft", INTEGER), field("hard", INTEGER)).encode(node, path, findings);
    }
    Object single = INTEGER.encode(node, path, findings);
    return single == null ? Map.of() : single;
  }

  private static @Nullable Object dependency(Node node, Path path, Diagnostics findings) {
    CanonicalPrinter codec =
        object(field("condition", STRING), field("restart", FLAG), always("required", BOOLEAN));
    return codec.encode(node, path, findings);
  }
}
