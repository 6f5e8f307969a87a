package io.armory.agent.adapter.redis;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RemoteRedis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `INFO` says of a Redis. It is asked instead of `CONFIG`, which ElastiCache forbids.
///
/// @param fields by their names in the answer; what is missing is not known
record RedisInfo(Map<String, String> fields) {
  /// Part of its memory from which on it is worth a word.
  private static final double FULL = 0.9;

  /// A version, a role or a number; people see them.
  private static final int LONGEST = 60;

  /// INFO is not allowed here: nothing is known.
  static final RedisInfo NONE = new RedisInfo(Map.of());

  static RedisInfo parse(String text) {
    var fields = new HashMap<String, String>();
    for (var line : text.split("\r?\n", -1)) {
      var colon = line.indexOf(':');
      if (colon > 0 && line.charAt(0) != '#') {
        var value = line.substring(colon + 1).strip();
        var begin = value.substring(0, Math.min(value.length(), LONGEST));
        fields.put(line.substring(0, colon), Problem.oneLine(begin));
      }
    }
    return new RedisInfo(fields);
  }

  String version() {
    return fields.getOrDefault("redis_version", "");
  }

  boolean isReplica() {
    return "slave".equals(fields.get("role"));
  }

  /// What works today and will not do in the long run.
  List<String> warnings(RemoteRedis redis) {
    var all = new ArrayList<String>();
    if (fields.isEmpty()) {
      all.add(redis.address() + " does not allow INFO: its role and memory cannot be checked");
    }
    var policy = fields.get("maxmemory_policy");
    if (policy != null && !policy.equals("noeviction")) {
      all.add(
          "%s has maxmemory-policy %s and may throw away pipelines under way: set noeviction"
              .formatted(redis.address(), policy));
    }
    if ("1".equals(fields.get("cluster_enabled"))) {
      all.add(
          redis.address()
              + " is in cluster mode, which Spinnaker's services do not speak: switch it off");
    }
    memoryUse()
        .filter(use -> use >= FULL)
        .ifPresent(use ->
            all.add(
                "%s has used %d %% of its memory and refuses writes at 100 %%: give it more"
                    .formatted(redis.address(), Math.round(use * 100))));
    return all;
  }

  private Optional<Double> memoryUse() {
    var most = number("maxmemory");
    var used = number("used_memory");
    return most > 0 && used >= 0 ? Optional.of((double) used / most) : Optional.empty();
  }

  private long number(String field) {
    var text = fields.getOrDefault(field, "");
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
  }
}
