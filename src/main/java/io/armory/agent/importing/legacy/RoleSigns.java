package io.armory.agent.importing.legacy;

import java.util.Map;

/// Which role an installation's variables describe.
final class RoleSigns {
  private RoleSigns() {}

  /// Empty when they do not say.
  static String role(Map<String, String> variables) {
    var local = variables.getOrDefault("LOCAL_REDIS", "");
    var host = variables.getOrDefault("REDIS_HOST", "");
    if (local.equalsIgnoreCase("true") || (local.isEmpty() && host.equals("redis"))) {
      return "standalone";
    }
    if (local.isEmpty() && host.isEmpty()) {
      return "";
    }
    var detail = variables.getOrDefault("CLOUD_DETAIL", "");
    var profiles =
        variables.getOrDefault("IGOR_OPTS", "") + " " + variables.getOrDefault("ECHO_OPTS", "");
    var words = detail.isEmpty() ? profiles : detail;
    if (words.contains("nonpolling")) {
      return "ha-nonpolling";
    }
    return words.contains("polling") ? "ha-polling" : "ha";
  }
}
