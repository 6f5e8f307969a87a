package io.armory.agent.render.engine;

import io.armory.agent.domain.stack.Security;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Capabilities and security options.
final class CapabilityRules {
  /// All of Linux, in their order.
  private static final List<String> CAPABILITIES =
      List.of(
          ("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP"
                  + " LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK"
                  + " IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN"
                  + " SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE"
                  + " AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM"
                  + " BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE")
              .split(" ", -1));

  /// Younger than engines that are still in use.
  private static final Set<String> YOUNG = Set.of("PERFMON", "BPF", "CHECKPOINT_RESTORE");

  /// The first release that was seen to know all of them.
  private static final int KNOWS_YOUNG = 23;

  private static final String ALL = "ALL";

  /// As Go reads truth.
  static final Set<String> FLAGS =
      Set.of("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False");

  private static final Set<String> OPTIONS =
      Set.of("no-new-privileges", "seccomp", "apparmor", "label", "systempaths");

  private static final Pattern OPTION = Pattern.compile("([^=:]+)[=:](.*)", Pattern.DOTALL);

  private CapabilityRules() {}

  static void check(Security security, Faults faults) {
    security.capAdd().forEach(name -> capability("cap_add", name, faults));
    security.capDrop().forEach(name -> capability("cap_drop", name, faults));
    security.securityOpt().forEach(option -> option(option, faults));
  }

  private static void capability(String attribute, String written, Faults faults) {
    var name = written.toUpperCase(Locale.ROOT);
    var bare = name.replaceFirst("^CAP_", "");
    if (!CAPABILITIES.contains(bare) && !name.equals(ALL)) {
      faults.refuse(
          attribute,
          written,
          "'%s' is no capability".formatted(written),
          bare.equals(ALL)
              ? "write ALL"
              : Faults.nearest(bare, CAPABILITIES).orElse("write one such as NET_ADMIN, or ALL"));
    } else if (YOUNG.contains(bare)
        && faults.engine().release() > 0
        && faults.engine().release() < KNOWS_YOUNG) {
      faults.warn(
          attribute,
          written,
          "engines before Docker %d may not know %s".formatted(KNOWS_YOUNG, bare),
          "use a newer engine, or SYS_ADMIN");
    }
  }

  private static void option(String option, Faults faults) {
    var parts = OPTION.matcher(option);
    var hasValue = parts.matches();
    var name = hasValue ? parts.group(1) : option;
    var value = hasValue ? parts.group(2) : "true";
    if (name.equals("writable-cgroups") && FLAGS.contains(value)) {
      if (faults.engine().release() < 28) {
        faults.warn("security_opt", option, name + " needs Docker 28", "use a newer engine");
      }
    } else if (!OPTIONS.contains(name) || (!hasValue && !name.equals("no-new-privileges"))) {
      faults.refuse(
          "security_opt",
          option,
          "'%s' is no option that an engine takes".formatted(option),
          Faults.nearest(name, OPTIONS)
              .orElse("use no-new-privileges, seccomp=, apparmor= or label="));
    } else if (name.equals("no-new-privileges") && !FLAGS.contains(value)) {
      faults.refuse(
          "security_opt",
          option,
          "'%s' is neither true nor false".formatted(value),
          "write no-new-privileges=true");
    } else if (name.equals("systempaths") && !value.equals("unconfined")) {
      faults.refuse(
          "security_opt",
          option,
          "systempaths is unconfined, or not said",
          "write systempaths=unconfined");
    } else if (name.equals("seccomp") && isFile(value)) {
      faults.refuse(
          "security_opt",
          value,
          "the seccomp profile '%s' cannot be read".formatted(value),
          "correct its path, which begins at the first Compose file's folder");
    }
  }

  /// A profile that could be read is its text.
  private static boolean isFile(String profile) {
    return !profile.isEmpty()
        && !profile.equals("unconfined")
        && !profile.equals("builtin")
        && !profile.stripLeading().startsWith("{");
  }
}
