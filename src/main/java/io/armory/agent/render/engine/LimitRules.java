package io.armory.agent.render.engine;

import io.armory.agent.domain.stack.Resources;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Memory, processors and a process's own limits.
final class LimitRules {
  private static final long MEBIBYTE = 1024 * 1024;
  private static final long LEAST_MEMORY = 6 * MEBIBYTE;
  private static final int BADNESS = 1000;
  private static final double LEAST_CPUS = 0.01;
  private static final long LEAST_SHARES = 2;
  private static final long MOST_SHARES = 262_144;
  private static final long LEAST_TIME = 1000;
  private static final long MOST_TIME = 1_000_000;

  /// No kernel can have more of `fs.nr_open`.
  private static final long MOST_FILES = 0x7FFFFFC0L;

  private static final List<String> ULIMITS =
      List.of(
          "as",
          "core",
          "cpu",
          "data",
          "fsize",
          "locks",
          "memlock",
          "msgqueue",
          "nice",
          "nofile",
          "nproc",
          "rss",
          "rtprio",
          "rttime",
          "sigpending",
          "stack");

  private static final Pattern CPUS = Pattern.compile("[0-9]{1,5}(?:-[0-9]{1,5})?");

  private LimitRules() {}

  static void check(Resources resources, Faults faults) {
    memory(resources, faults);
    processors(resources, faults);
    resources.ulimits().forEach((name, limit) -> ulimit(name, limit, faults));
    range("oom_score_adj", resources.oomScoreAdj(), -BADNESS, BADNESS, faults);
    range("mem_swappiness", resources.memorySwappiness(), -1, 100, faults);
    if (resources.shmSize() != null && resources.shmSize() < 0) {
      faults.refuse("shm_size", "", "is less than 0", "write 64m");
    }
  }

  private static void range(
      String attribute, @Nullable Number value, long least, long most, Faults faults) {
    if (value != null && (value.longValue() < least || value.longValue() > most)) {
      faults.refuse(
          attribute,
          value.toString(),
          "%s is not from %d to %d".formatted(value, least, most),
          "choose such a number");
    }
  }

  private static void memory(Resources resources, Faults faults) {
    var limit = orNone(resources.memory());
    var reservation = orNone(resources.memoryReservation());
    var swap = orNone(resources.memorySwap());
    if (limit != 0 && limit < LEAST_MEMORY) {
      faults.refuse("mem_limit", "", "is below the engine's least, 6 MiB", "write 6m or more");
    }
    if (reservation > 0 && reservation < LEAST_MEMORY) {
      faults.refuse(
          "mem_reservation", "", "is below the engine's least, 6 MiB", "write 6m or more");
    }
    if (limit > 0 && reservation > limit) {
      faults.refuse(
          "mem_reservation",
          "",
          "%s is above mem_limit, %s".formatted(size(reservation), size(limit)),
          "write at most the limit");
    }
    if (limit > 0 && swap > 0 && swap < limit) {
      faults.refuse(
          "memswap_limit",
          "",
          "%s is below mem_limit, %s: it is memory and swap together"
              .formatted(size(swap), size(limit)),
          "write at least the limit");
    } else if (limit == 0 && swap > 0) {
      faults.refuse("memswap_limit", "", "needs a mem_limit", "add mem_limit:, or remove it");
    }
  }

  private static long orNone(@Nullable Long bytes) {
    return bytes == null ? 0 : bytes;
  }

  private static String size(long bytes) {
    return bytes % MEBIBYTE == 0 ? bytes / MEBIBYTE + " MiB" : bytes + " bytes";
  }

  private static void processors(Resources resources, Faults faults) {
    var cpus = resources.cpus() == null ? 0 : resources.cpus();
    var has = faults.engine().processors();
    if (cpus != 0 && cpus < LEAST_CPUS) {
      faults.refuse("cpus", "", "is below the least, 0.01", "write 0.01 or more");
    } else if (has > 0 && cpus > has) {
      faults.refuse(
          "cpus", "", "is more than the %d that this node has".formatted(has), "write " + has);
    }
    var cpu = resources.cpu();
    if (cpu == null) {
      return;
    }
    if (cpus > 0 && (isOver(cpu.quota()) || isOver(cpu.period()))) {
      faults.refuse(
          "cpus", "", "cannot be said with cpu_quota or cpu_period", "remove one of the two");
    }
    shares(cpu.shares(), faults);
    var quota = cpu.quota();
    if (quota != null && quota > 0 && quota < LEAST_TIME) {
      faults.refuse("cpu_quota", "", "is below the least, 1000 (1 ms)", "write 1000 or more");
    }
    if (cpu.period() != null && cpu.period() != 0) {
      range("cpu_period", cpu.period(), LEAST_TIME, MOST_TIME, faults);
    }
    cpuset(cpu.cpuset(), has, faults);
  }

  private static boolean isOver(@Nullable Long number) {
    return number != null && number > 0;
  }

  private static void shares(@Nullable Long shares, Faults faults) {
    if (shares == null || shares == 0) {
      return;
    }
    if (shares < 0) {
      faults.refuse("cpu_shares", "", "is less than 0", "write 1024, the usual share");
    } else if (shares < LEAST_SHARES || shares > MOST_SHARES) {
      faults.warn(
          "cpu_shares",
          "",
          "%d is not from %d to %d, which nodes with cgroup v1 refuse"
              .formatted(shares, LEAST_SHARES, MOST_SHARES),
          "write 1024, the usual share");
    }
  }

  private static void cpuset(@Nullable String cpuset, int has, Faults faults) {
    if (cpuset == null || cpuset.isEmpty()) {
      return;
    }
    var parts = Arrays.asList(cpuset.split(",", -1));
    if (!parts.stream().allMatch(LimitRules::isCpus)) {
      faults.refuse(
          "cpuset", cpuset, "'%s' is no list of processors".formatted(cpuset), "write 0-1 or 0,1");
    } else if (has > 0 && parts.stream().anyMatch(p -> end(p) >= has)) {
      faults.warn(
          "cpuset",
          cpuset,
          "'%s' names a processor that this node may not have: it has %d".formatted(cpuset, has),
          "write some of 0-" + (has - 1));
    }
  }

  private static boolean isCpus(String part) {
    return CPUS.matcher(part).matches() && Integer.parseInt(part.split("-", -1)[0]) <= end(part);
  }

  private static int end(String part) {
    return Integer.parseInt(part.substring(part.indexOf('-') + 1));
  }

  /// The kernel compares them without a sign: -1 is without limit.
  private static void ulimit(String name, Resources.Ulimit limit, Faults faults) {
    var known = name.toLowerCase(Locale.ROOT);
    var attribute = "ulimits." + name;
    if (!ULIMITS.contains(known)) {
      faults.refuse(
          attribute,
          "",
          "'%s' is no limit of a process".formatted(name),
          Faults.nearest(known, ULIMITS).orElse("write one of " + String.join(", ", ULIMITS)));
    } else if (Long.compareUnsigned(limit.soft(), limit.hard()) > 0) {
      faults.refuse(
          attribute,
          "",
          "the soft limit, %s, is above the hard one, %s"
              .formatted(shown(limit.soft()), shown(limit.hard())),
          "write at most the hard limit");
    } else if (known.equals("nofile") && Long.compareUnsigned(limit.hard(), MOST_FILES) > 0) {
      faults.refuse(
          attribute,
          "",
          "%s is more files than a kernel opens".formatted(shown(limit.hard())),
          "write at most 1048576");
    }
  }

  private static String shown(long limit) {
    return limit == -1 ? "-1 (none)" : String.valueOf(limit);
  }
}
