package io.armory.agent.compose.schema;

import static io.armory.agent.compose.schema.Shape.Kind.BOOLEAN;
import static io.armory.agent.compose.schema.Shape.Kind.INTEGER;
import static io.armory.agent.compose.schema.Shape.Kind.NULL;
import static io.armory.agent.compose.schema.Shape.Kind.NUMBER;
import static io.armory.agent.compose.schema.Shape.STRING;
import static io.armory.agent.compose.schema.Shape.STRINGS;
import static io.armory.agent.compose.schema.Shape.kinds;
import static io.armory.agent.compose.schema.Shape.list;
import static io.armory.agent.compose.schema.Shape.map;
import static io.armory.agent.compose.schema.Shape.object;
import static io.armory.agent.compose.schema.Shape.text;
import static io.armory.agent.compose.schema.Shape.words;

/// The structure of a service, see [Specification].
final class ServiceSpecification {
  static final String NAME = "[a-zA-Z0-9._-]+";
  static final String ANY = "(?s).+";
  static final Shape BOOL = kinds(BOOLEAN).or(STRING);
  private static final Shape INT = kinds(INTEGER).or(STRING);
  static final Shape NUM = kinds(NUMBER).or(STRING);
  private static final Shape STRING_LIST = list(STRING);
  static final Shape STRING_OR_LIST = STRING.or(STRINGS);
  static final Shape LIST_OR_MAP = STRINGS.or(map(ANY, STRING.or(kinds(NUMBER, BOOLEAN, NULL))));
  private static final Shape COMMAND = STRING.or(STRING_LIST).or(kinds(NULL));
  private static final Shape ENV_FILE =
      STRING.or(
          list(
              STRING.or(
                  object().with(STRING, "path", "format").with("required", BOOL).require("path"))));
  private static final Shape EXTRA_HOSTS = STRINGS.or(map(ANY, STRING.or(STRING_LIST)));

  private static final Shape FILE_MOUNTS =
      list(STRING.or(object().with(STRING, "source", "target", "uid", "gid").with("mode", NUM)));

  private static final Shape ULIMITS =
      map("[a-z]+", INT.or(object().with(INT, "hard", "soft").require("soft", "hard"))).open();

  private static final Shape EXEC =
      object()
          .with("command", COMMAND)
          .with(STRING, "user", "working_dir")
          .with("privileged", BOOL)
          .with("environment", LIST_OR_MAP);

  private static final Shape HOOK = EXEC.require("command");

  /// Run in a container of its own.
  private static final Shape PRE_START = EXEC.with("image", STRING).with("per_replica", BOOL);

  private static final Shape BUILD =
      STRING.or(
          object()
              .with(
                  STRING,
                  "context",
                  "dockerfile",
                  "dockerfile_inline",
                  "network",
                  "target",
                  "isolation")
              .with(STRING_LIST, "entitlements", "cache_from", "cache_to", "tags", "platforms")
              .with(LIST_OR_MAP, "args", "ssh", "labels", "additional_contexts")
              .with(BOOL, "no_cache", "pull", "privileged")
              .with("shm_size", INT)
              .with("extra_hosts", EXTRA_HOSTS)
              .with("secrets", FILE_MOUNTS)
              .with("ulimits", ULIMITS));

  private static final Shape BLKIO =
      object()
          .with(
              list(object().with("path", STRING).with("rate", INT)),
              "device_read_bps",
              "device_read_iops",
              "device_write_bps",
              "device_write_iops")
          .with("weight", INT)
          .with("weight_device", list(object().with("path", STRING).with("weight", INT)));

  private static final Shape DEPENDS_ON =
      STRINGS.or(
          map(
              NAME,
              object()
                  .with("restart", BOOL)
                  .with("required", BOOL)
                  .with(
                      "condition",
                      words("service_started", "service_healthy", "service_completed_successfully"))
                  .require("condition")));

  private static final Shape DEVICE_REQUEST =
      object()
          .with(STRINGS, "capabilities", "device_ids")
          .with("count", INT)
          .with("driver", STRING)
          .with("options", LIST_OR_MAP);

  private static final Shape NETWORKS =
      STRINGS.or(
          map(
              NAME,
              object()
                  .or(kinds(NULL))
                  .with(STRINGS, "aliases", "link_local_ips")
                  .with(STRING, "ipv4_address", "ipv6_address", "mac_address")
                  .with("driver_opts", map(ANY, NUM))
                  .with(kinds(NUMBER), "priority", "gw_priority")
                  .with("interface_name", STRING)));

  private static final Shape PORTS =
      list(NUM.or(
              object()
                  .with(STRING, "name", "mode", "host_ip", "protocol", "app_protocol")
                  .with(INT, "target", "published")))
          .unique();

  private static final Shape VOLUMES =
      list(STRING.or(
              object()
                  .with(STRING, "type", "source", "target", "consistency")
                  .with("read_only", BOOL)
                  .with(
                      "bind",
                      object()
                          .with("propagation", STRING)
                          .with("create_host_path", BOOL)
                          .with("recursive", words("enabled", "disabled", "writable", "readonly"))
                          .with("selinux", words("z", "Z")))
                  .with(
                      "volume",
                      object()
                          .with("labels", LIST_OR_MAP)
                          .with("nocopy", BOOL)
                          .with("subpath", STRING))
                  .with("image", object().with("subpath", STRING))
                  .with(
                      "tmpfs",
                      object().with("size", INT.between(0, Long.MAX_VALUE)).with("mode", NUM))
                  .require("type")))
          .unique();

  private static final Shape HEALTHCHECK =
      object()
          .with("disable", BOOL)
          .with(STRING, "interval", "timeout", "start_period", "start_interval")
          .with("retries", NUM)
          .with("test", STRING.or(STRING_LIST));

  private static final Shape UPDATE =
      object()
          .with("parallelism", INT)
          .with(STRING, "delay", "failure_action", "monitor")
          .with("max_failure_ratio", NUM)
          .with("order", words("start-first", "stop-first"));

  private static final Shape RESERVATIONS =
      object()
          .with("cpus", NUM)
          .with("memory", STRING)
          .with(
              "generic_resources",
              list(
                  object()
                      .with(
                          "discrete_resource_spec",
                          object().with("kind", STRING).with("value", NUM))))
          .with("devices", list(DEVICE_REQUEST.require("capabilities")));

  private static final Shape DEPLOY =
      object()
          .or(kinds(NULL))
          .with(STRING, "mode", "endpoint_mode")
          .with("replicas", INT)
          .with("labels", LIST_OR_MAP)
          .with(UPDATE, "rollback_config", "update_config")
          .with(
              "resources",
              object()
                  .with(
                      "limits", object().with("cpus", NUM).with("memory", STRING).with("pids", INT))
                  .with("reservations", RESERVATIONS))
          .with(
              "restart_policy",
              object().with(STRING, "condition", "delay", "window").with("max_attempts", INT))
          .with(
              "placement",
              object()
                  .with("constraints", STRING_LIST)
                  .with("preferences", list(object().with("spread", STRING)))
                  .with("max_replicas_per_node", INT));

  private static final Shape DEVELOP =
      object()
          .or(kinds(NULL))
          .with(
              "watch",
              list(
                  object()
                      .with("ignore", STRING_LIST)
                      .with(STRING, "path", "target")
                      .with(
                          "action",
                          words("rebuild", "sync", "restart", "sync+restart", "sync+exec"))
                      .with("exec", EXEC)
                      .require("path", "action")));

  static final Shape SERVICE =
      object()
          .with("annotations", LIST_OR_MAP)
          .with("blkio_config", BLKIO)
          .with("build", BUILD)
          .with("cgroup", words("host", "private"))
          .with(
              "container_name",
              text(
                  "[a-zA-Z0-9][a-zA-Z0-9_.-]+",
                  "use two or more letters, digits, '_', '.' and '-'"))
          .with(COMMAND, "command", "entrypoint")
          .with(FILE_MOUNTS, "configs", "secrets")
          .with("cpu_count", INT.between(0, Long.MAX_VALUE))
          .with("cpu_percent", INT.between(0, 100))
          .with("credential_spec", object().with(STRING, "config", "file", "registry"))
          .with("depends_on", DEPENDS_ON)
          .with("deploy", DEPLOY)
          .with("develop", DEVELOP)
          .with(
              "devices",
              list(
                  STRING.or(
                      object().with(STRING, "source", "target", "permissions").require("source"))))
          .with(STRING_OR_LIST, "dns", "dns_search", "tmpfs")
          .with("env_file", ENV_FILE)
          .with(LIST_OR_MAP, "environment", "labels", "sysctls")
          .with("expose", list(NUM).unique())
          .with("extends", STRING.or(object().with(STRING, "service", "file").require("service")))
          .with("extra_hosts", EXTRA_HOSTS)
          .with("gpus", words("all").or(list(DEVICE_REQUEST.open())))
          .with("group_add", list(NUM).unique())
          .with("healthcheck", HEALTHCHECK)
          .with("label_file", STRING.or(STRING_LIST))
          .with(
              "logging",
              object().with("driver", STRING).with("options", map(ANY, NUM.or(kinds(NULL))).open()))
          .with(
              NUM,
              "cpu_shares",
              "cpu_quota",
              "cpu_period",
              "cpu_rt_period",
              "cpu_rt_runtime",
              "cpus",
              "mem_limit",
              "memswap_limit",
              "pids_limit",
              "shm_size")
          .with(INT, "mem_reservation", "mem_swappiness", "scale")
          .with("networks", NETWORKS)
          .with("oom_score_adj", INT.between(-1000, 1000))
          .with("pid", STRING.or(kinds(NULL)))
          .with("ports", PORTS)
          .with(list(HOOK), "post_start", "pre_stop")
          .with("pre_start", list(PRE_START))
          .with(
              "pull_policy",
              text(
                  "^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_[0-9.]+[a-z0-9.]*)$",
                  "use always, never, missing, build, daily, weekly or every_12h"))
          .with("provider", object().open())
          .with("models", STRING_LIST.or(object().open()))
          .with("use_api_socket", BOOL)
          .with("storage_opt", object().open())
          .with("ulimits", ULIMITS)
          .with("volumes", VOLUMES)
          .with(
              BOOL,
              "attach",
              "init",
              "oom_kill_disable",
              "privileged",
              "read_only",
              "stdin_open",
              "tty")
          .with(
              STRINGS,
              "cap_add",
              "cap_drop",
              "device_cgroup_rules",
              "dns_opt",
              "external_links",
              "links",
              "profiles",
              "security_opt",
              "volumes_from")
          .with(
              STRING,
              "cgroup_parent",
              "cpuset",
              "domainname",
              "hostname",
              "image",
              "ipc",
              "isolation",
              "mac_address",
              "network_mode",
              "platform",
              "restart",
              "runtime",
              "stop_grace_period",
              "stop_signal",
              "user",
              "userns_mode",
              "uts",
              "working_dir");

  private ServiceSpecification() {}
}
