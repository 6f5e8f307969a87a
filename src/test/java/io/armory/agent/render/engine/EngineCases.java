package io.armory.agent.render.engine;

import io.armory.agent.compose.ComposeResult;
import io.armory.agent.compose.Loading;
import java.util.List;

/// Settings that an engine refuses, each beside one that it takes. The unit test holds the rules
/// against them, `EngineRulesIT` the real engines.
public final class EngineCases {
  private EngineCases() {}

  /// Who refuses the bad value.
  public enum Kind {
    /// Every engine.
    REFUSED,
    /// Docker 28 and newer; those before take it for nothing.
    SINCE_28,
    /// Whether one does depends on the node.
    SOME,
    /// No engine does, and what it makes of it is wrong.
    OURS
  }

  /// @param attribute at fault
  /// @param bad of a service, as a flow mapping without its braces
  public record Row(Kind kind, String attribute, String bad, String good) {
    @Override
    public String toString() {
      return bad;
    }
  }

  private static Row refused(String attribute, String bad, String good) {
    return new Row(Kind.REFUSED, attribute, bad, good);
  }

  private static Row of(Kind kind, String attribute, String bad, String good) {
    return new Row(kind, attribute, bad, good);
  }

  /// Without effect on another container's network.
  private static final String JOINED = "network_mode: 'container:@base'";

  public static final List<Row> ROWS =
      List.of(
          refused("cap_add", "cap_add: [NET_ADMNI]", "cap_add: [NET_ADMIN, cap_net_raw]"),
          refused("cap_add", "cap_add: [CAP_ALL]", "cap_add: [ALL]"),
          refused("cap_drop", "cap_drop: [EVERYTHING]", "cap_drop: [ALL]"),
          refused("ulimits.nofiles", "ulimits: {nofiles: 1024}", "ulimits: {nofile: 1024}"),
          refused(
              "ulimits.nofile",
              "ulimits: {nofile: {soft: 2048, hard: 1024}}",
              "ulimits: {nofile: {soft: 1024, hard: 1024}}"),
          refused(
              "ulimits.core",
              "ulimits: {core: {soft: -1, hard: 1024}}",
              "ulimits: {core: {soft: 1024, hard: -1}}"),
          refused("ulimits.nofile", "ulimits: {nofile: -1}", "ulimits: {core: -1}"),
          refused("ulimits.nofile", "ulimits: {nofile: -2}", "ulimits: {core: -2}"),
          refused(
              "extra_hosts", "extra_hosts: ['a:10.1.1']", "extra_hosts: ['a:10.1.1.1', 'b:::1']"),
          refused("extra_hosts", "extra_hosts: ['a:gateway']", "extra_hosts: ['a:host-gateway']"),
          refused("stop_signal", "stop_signal: SIGTREM", "stop_signal: SIGTERM"),
          refused("stop_signal", "stop_signal: '0'", "stop_signal: '15'"),
          refused("stop_signal", "stop_signal: SIGRTMIN+16", "stop_signal: sigrtmin+3"),
          of(Kind.OURS, "stop_signal", "stop_signal: '99'", "stop_signal: '64'"),
          of(
              Kind.SINCE_28,
              "dns",
              "network_mode: bridge, dns: [resolver]",
              "network_mode: bridge, dns: [10.1.1.1, '::1']"),
          of(
              Kind.OURS,
              "dns_search",
              "network_mode: bridge, dns_search: ['a b']",
              "network_mode: bridge, dns_search: [example.com, .]"),
          of(
              Kind.OURS,
              "dns_opt",
              "network_mode: bridge, dns_opt: ['ndots=2']",
              "network_mode: bridge, dns_opt: ['ndots:2', rotate]"),
          logging("driver", "{driver: json-fiel}", "{driver: json-file}"),
          logging("max-size", "{max-size: 10x}", "{max-size: 10m}"),
          logging("max-size", "{max-size: '0'}", "{max-size: '512'}"),
          logging("max-size", "{max-size: '-1'}", "{max-size: 1.5k}"),
          logging("max-file", "{max-file: few}", "{max-file: '3'}"),
          logging("max-file", "{max-file: '0'}", "{max-file: '1'}"),
          logging(
              "compress",
              "{compress: 'yes', max-size: 1m, max-file: '2'}",
              "{compress: 'true', max-size: 1m, max-file: '2'}"),
          logging("compress", "{compress: 'true'}", "{compress: 'false'}"),
          logging("maxsize", "{maxsize: 1m}", "{labels: a, tag: b}"),
          logging("mode", "{mode: nonblocking}", "{mode: non-blocking}"),
          logging(
              "max-buffer-size",
              "{max-buffer-size: 1m}",
              "{max-buffer-size: 1m, mode: non-blocking}"),
          refused(
              "logging.options.max-file",
              "logging: {driver: local, options: {max-file: '1'}}",
              "logging: {driver: local, options: {max-file: '1', compress: 'false'}}"),
          refused(
              "logging.options.tag",
              "logging: {driver: local, options: {tag: a}}",
              "logging: {driver: local, options: {max-size: '0'}}"),
          refused(
              "sysctls",
              "sysctls: {vm.max_map_count: 262144}",
              "sysctls: {fs.mqueue.msg_max: 10, kernel.shmmax: 1000000}"),
          refused("sysctls", "sysctls: {kernel.hostname: a}", "hostname: a"),
          refused(
              "sysctls",
              "network_mode: host, sysctls: {net.core.somaxconn: 1024}",
              "sysctls: {net.core.somaxconn: 1024}"),
          refused(
              "sysctls",
              "ipc: host, sysctls: {kernel.shmmax: 1000000}",
              "ipc: private, sysctls: {kernel.shmmax: 1000000}"),
          refused("devices", "devices: ['dev/null:/dev/x']", "devices: ['/dev/null:/dev/x:r']"),
          of(Kind.OURS, "devices", "devices: ['/dev/null:/dev/x:xyz']", "devices: [/dev/null]"),
          refused(
              "device_cgroup_rules",
              "device_cgroup_rules: ['c 1:3']",
              "device_cgroup_rules: ['c 1:3 rwm', 'b *:* r']"),
          refused(
              "device_cgroup_rules",
              "device_cgroup_rules: ['x 1:3 r']",
              "device_cgroup_rules: ['a *:* rwm']"),
          refused("shm_size", "shm_size: -1", "shm_size: 64m"),
          refused("mem_limit", "mem_limit: 5m", "mem_limit: 6m"),
          refused(
              "mem_limit",
              "deploy: {resources: {limits: {memory: 4m}}}",
              "deploy: {resources: {limits: {memory: 64m}}}"),
          refused("mem_reservation", "mem_reservation: 5m", "mem_reservation: 6m"),
          refused(
              "mem_reservation",
              "mem_limit: 64m, mem_reservation: 65m",
              "mem_limit: 64m, mem_reservation: 64m"),
          refused(
              "memswap_limit",
              "mem_limit: 64m, memswap_limit: 63m",
              "mem_limit: 64m, memswap_limit: 64m"),
          refused("memswap_limit", "memswap_limit: 64m", "mem_limit: 64m, memswap_limit: -1"),
          refused("mem_swappiness", "mem_swappiness: 101", "mem_swappiness: 100"),
          refused("cpus", "cpus: 0.001", "cpus: 0.01"),
          refused("cpus", "cpus: 10000", "cpus: 1"),
          refused("cpus", "cpus: 0.5, cpu_quota: 10000", "cpu_period: 50000, cpu_quota: 10000"),
          refused("cpu_quota", "cpu_quota: 999", "cpu_quota: 1000"),
          refused("cpu_period", "cpu_period: 1000001", "cpu_period: 1000000"),
          of(Kind.SOME, "cpu_shares", "cpu_shares: 1", "cpu_shares: 2"),
          of(Kind.SOME, "cpu_shares", "cpu_shares: 262145", "cpu_shares: 262144"),
          refused("cpuset", "cpuset: first", "cpuset: '0'"),
          of(Kind.SOME, "cpuset", "cpuset: '9999'", "cpuset: '0,0'"),
          refused("oom_score_adj", "oom_score_adj: 1001", "oom_score_adj: 1000"),
          refused("oom_score_adj", "oom_score_adj: -1001", "oom_score_adj: 0"),
          refused("restart", "restart: allways", "restart: always"),
          refused("restart", "restart: 'always:3'", "restart: 'on-failure:3'"),
          refused("user", "user: '-1'", "user: '1000:1000'"),
          refused("user", "user: '2147483648'", "user: '2147483647'"),
          refused("group_add", "group_add: ['-1']", "group_add: ['1000']"),
          refused("working_dir", "working_dir: app", "working_dir: /app"),
          refused("hostname", "hostname: " + "a".repeat(65), "hostname: " + "a".repeat(64)),
          refused("hostname", "uts: host, hostname: a", "uts: host"),
          refused("container_name", "container_name: a/b", "container_name: '@name'"),
          refused("tmpfs", "tmpfs: ['/x:sise=1m']", "tmpfs: ['/x:size=1m,mode=1777,noexec']"),
          refused("tmpfs", "tmpfs: ['/x:size=1mb']", "tmpfs: ['/x:size=10%']"),
          refused("tmpfs", "tmpfs: [x]", "tmpfs: [/x]"),
          refused("tmpfs", "tmpfs: [/]", "tmpfs: ['/x:uid=1000,gid=5']"),
          refused(
              "volumes",
              "volumes: [{type: bind, source: /usr/share, target: x}]",
              "volumes: [{type: bind, source: /usr/share, target: /x}, {type: volume, target: y}]"),
          refused(
              "volumes",
              "volumes: [{type: bind, source: /usr/share, target: /x, bind: {propagation: rprivat}}]",
              "volumes: [{type: bind, source: /usr/share, target: /x, bind: {propagation: rprivate}}]"),
          refused(
              "security_opt",
              "security_opt: [no-new-privilege]",
              "security_opt: [no-new-privileges]"),
          refused(
              "security_opt",
              "security_opt: ['no-new-privileges:yes']",
              "security_opt: ['no-new-privileges:true', 'label:disable']"),
          refused(
              "security_opt",
              "security_opt: ['seccomp:nowhere.json']",
              "security_opt: ['seccomp:unconfined', 'systempaths=unconfined']"),
          health("interval", "0.5ms", "1ms"),
          health("timeout", "999us", "1ms"),
          health("start_period", "1us", "0s"),
          of(
              Kind.SINCE_28,
              "ports",
              "network_mode: bridge, ports: [{target: 80, protocol: tpc, published: '18000-18900'}]",
              "network_mode: bridge, ports: [{target: 80, protocol: tcp, published: '18000-18900'}]"),
          refused(
              "ports",
              "network_mode: bridge, ports: [{target: 80, published: '70000'}]",
              "network_mode: bridge, ports: [{target: 80, published: '18000-18900'}]"),
          refused(
              "mac_address",
              "network_mode: bridge, mac_address: '02:42:ac:11:00'",
              "network_mode: bridge, mac_address: '02:42:ac:11:00:f7'"),
          refused(
              "mac_address",
              "network_mode: bridge, mac_address: 'ff:ff:ff:ff:ff:ff'",
              "network_mode: bridge"),
          refused("ipc", "ipc: shared", "ipc: shareable"),
          of(Kind.SINCE_28, "pid", "pid: private", "pid: host"),
          of(Kind.SINCE_28, "uts", "uts: private", "uts: host"),
          refused("cgroup", "cgroup: shared", "cgroup: private"),
          refused("runtime", "runtime: run", "runtime: runc"),
          refused("hostname", JOINED + ", hostname: a", JOINED),
          refused("dns", JOINED + ", dns: [10.1.1.1]", JOINED + ", dns_search: [a]"),
          refused("extra_hosts", JOINED + ", extra_hosts: ['a:10.1.1.1']", JOINED + ", user: '1'"),
          refused("ports", JOINED + ", ports: ['18000-18900:80']", JOINED + ", init: true"),
          refused("expose", JOINED + ", expose: ['80']", JOINED + ", tty: true"),
          of(
              Kind.SOME,
              "blkio_config.weight",
              "blkio_config: {weight: 5}",
              "blkio_config: {weight: 10}"));

  private static Row logging(String option, String bad, String good) {
    var isDriver = option.equals("driver");
    var form = isDriver ? "logging: %s" : "logging: {driver: json-file, options: %s}";
    return refused(
        "logging." + (isDriver ? "" : "options.") + option,
        form.formatted(bad),
        form.formatted(good));
  }

  private static Row health(String time, String bad, String good) {
    var form = "healthcheck: {test: [CMD, /standin], %s: %s}";
    return refused("healthcheck." + time, form.formatted(time, bad), form.formatted(time, good));
  }

  /// A stack of one service, `a`.
  ///
  /// @param base of a container that runs
  public static ComposeResult load(String image, String setting, String base, String name) {
    var own = setting.replace("@base", base).replace("@name", name);
    var network = own.contains("network_mode") ? "" : "network_mode: none, ";
    return Loading.load(
        "services: {a: {image: '%s', environment: {PORT: '8080'}, %s%s}}"
            .formatted(image, network, own));
  }
}
