package io.armory.agent.adapter.docker.http;

import io.armory.agent.domain.Failure.Blame;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Whose fault it is that the engine did not do what it was told, by the words of moby, containerd
/// and runc (20.10 to 28) and of Podman. They come as text alone, several in one sentence, the
/// cause last: what is about the definition or about something outside is looked for first, and the
/// engine is blamed only by what it says of itself. What a user can write (a command, a path, a
/// name) stands in quotes or after words that are looked for before.
final class EngineWords {
  private record Rule(Blame blame, Pattern words) {
    Rule(Blame blame, String words) {
      this(blame, Pattern.compile(words));
    }
  }

  private static final String AWAY =
      "connection refused|connection reset|no such host|no route to host|network is unreachable"
          + "|host is unreachable|i/o timeout|timed out|timeout|server misbehaving"
          + "|temporary failure in name resolution|name or service not known|connection closed"
          + "|unexpected eof|broken pipe|host is down|stale file handle|nocredentialproviders"
          + "|no ec2 imds role|failed to refresh cached credentials|accessdenied|throttl"
          + "|unable to connect|dial (tcp|udp|unix)|lookup ";

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              Blame.NODE,
              "no space left|disk quota exceeded|failed to create endpoint|failed to add the host"),
          // A log driver: its options are the definition's, its collector is not.
          new Rule(Blame.OUTSIDE, "logging driver.*(" + AWAY + ")"),
          new Rule(
              Blame.OUTSIDE,
              "(awslogs|cloudwatch|gcplogs|splunk|fluentd|gelf|syslog).*(" + AWAY + ")"),
          new Rule(Blame.OUTSIDE, "failed to create (cloudwatch )?log (stream|group)"),
          new Rule(Blame.DEFINITION, "logging driver|log driver|unknown log opt|log[- ]opt"),
          // A volume of a driver or a file server.
          new Rule(Blame.OUTSIDE, "volumedriver\\.|volume plugin|volume driver"),
          new Rule(Blame.OUTSIDE, "(mount|volume|nfs|cifs).*(" + AWAY + ")"),
          new Rule(Blame.DEFINITION, "failed to mount local volume"),
          // What a volume lies on may be a file server's.
          new Rule(
              Blame.OUTSIDE,
              "/volumes/\\S*[^;]*(input/output error|read-only file system|operation not permitted"
                  + "|permission denied|structure needs cleaning|transport endpoint)"),
          // What was to run in the container, as runc found it.
          new Rule(
              Blame.DEFINITION,
              "unable to start container process|starting container process caused"
                  + "|unable to find (user|group)|no matching entries in (passwd|group) file"
                  + "|executable file .*not found in \\$path: unknown: command"
                  + "|error during container init|to rootfs|chdir to cwd|oom-killed"
                  + "|exec user process caused|is not an absolute path"),
          // A runtime that the definition names. The engine's own is runc.
          new Rule(
              Blame.DEFINITION,
              "runtime \"(?!io\\.containerd\\.runc\\.v[12]\")[^\"]*\" binary not installed"
                  + "|(failed to start shim|oci runtime error .*): fork/exec"
                  + " (?!\\S*/(containerd-shim-)?runc)"
                  + "|oci runtime error .*\\): (?!(\\S*/)?runc )\\S+ did not terminate"),
          new Rule(
              Blame.DEFINITION,
              "mount source|mkdir |invalid reference format|must be lowercase|no such image|image"
                  + " not known|source path does not exist|invalid mount config|invalid volume"
                  + " spec|invalid bind mount|duplicate mount point|invalid mode|bind mount|not a"
                  + " directory|unknown capability|invalid cap|invalid device|gathering device"
                  + " information|could not select device driver|(unknown|invalid) runtime|unknown"
                  + " or invalid runtime|seccomp|apparmor|selinux|minimum memory|memory"
                  + " (limit|reservation|swap)|range of cpus|requested cpus|kernel does not"
                  + " support|ulimit|rlimit|sysctl|conflicting options|invalid"
                  + " (port|containerport|hostport|ip|cidr|subnet|hostname|restart|isolation"
                  + "|user|argument|value|option|mac|env|label|network|endpoint|container|parameter)|user"
                  + " specified ip|no configured subnet|network-scoped alias|bad"
                  + " parameter|shm|privileged|read-?only.*(path|volume)|unsupported|not"
                  + " supported|dns|extra host|healthcheck|stop signal|invalid signal|no command"
                  + " specified|gateway|driver .*not found|plugin .*not found|could not find"
                  + " plugin|cannot join network|cannot be used with|cannot share"),
          new Rule(
              Blame.NODE,
              "port is already allocated|address already in use|ports are not available|cannot"
                  + " assign requested address|cannot allocate memory|out of memory|resource"
                  + " temporarily unavailable|too many (open"
                  + " files|processes|levels)|pthread_create|address pools|non-overlapping|pool"
                  + " overlaps|overlaps with|already used on the host|no available"
                  + " (ipv4|ipv6|addresses)|iptables|nftables|firewalld|bridge|veth|cgroup|network"
                  + " .*not found|has active endpoints|name .*already in"
                  + " use|already in use by container|device or resource busy|no such"
                  + " (device|container|network|volume|exec)|marked for removal|removal of"
                  + " container|is already in progress|container \\S+ is (not running|paused)"),
          new Rule(Blame.OUTSIDE, "registry|manifest|pull access denied|unauthorized"),
          // The engine of itself, at last.
          new Rule(
              Blame.ENGINE,
              "containerd\\.sock|containerd-shim|dial containerd|containerd is not|runtime shim"
                  + "|failed to start shim|failed to connect to shim|shim .*(exited|closed|dead)"
                  + "|ttrpc: closed|ttrpc: server closed|code = unavailable"
                  + "|transport: error while dialing|grpc: the connection is unavailable"
                  + "|fork/exec \\S*runc|unable to retrieve oci runtime error"
                  + "|runc did not terminate|(container|task) \\S+: already exists"
                  + "|\\bid already in use"),
          new Rule(
              Blame.ENGINE,
              "overlay mount|graphdriver|storage driver|driver overlay2 failed"
                  + "|layer (does not exist|not known|not found)|rwlayer|rw layer|mount-?id"
                  + "|(overlay2?|/var/lib/(docker|containerd)|snapshots?|layers?)\\S*"
                  + "[^;]*(input/output error|structure needs cleaning|read-only file system)"));

  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"|'[^']*'|`[^`]*`");

  /// After the word for its kind.
  private static final Pattern NAMED =
      Pattern.compile("\\b(endpoint|container|network|volume|image) [^\\s:]+(:(?=\\S)[^\\s:]+)?");

  private static final Pattern DESCRIPTION = Pattern.compile("desc = \"([^\"]*)\"");

  private EngineWords() {}

  static Blame blame(String message) {
    var plain = message.toLowerCase(Locale.ROOT);
    // What gRPC quotes is said by the engine's own parts.
    var unescaped = DESCRIPTION.matcher(plain.replace("\\\"", "")).replaceAll("desc = $1");
    var unquoted = QUOTED.matcher(unescaped).replaceAll("…");
    var own = NAMED.matcher(unquoted).replaceAll("$1 …");
    for (var rule : RULES) {
      if (rule.words().matcher(rule.blame() == Blame.ENGINE ? own : plain).find()) {
        return rule.blame();
      }
    }
    return Blame.UNKNOWN;
  }
}
