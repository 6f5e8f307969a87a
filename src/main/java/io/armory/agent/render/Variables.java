package io.armory.agent.render;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Parameters.Value;
import io.armory.agent.domain.Secret;
import io.armory.agent.render.RenderRequest.Polling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The variables of a stack: the parameters, and where they are silent what follows from the node
/// and from other parameters.
final class Variables {
  static final String MEMORY = "_MEMORY";
  private static final Pattern NOT_PLAIN = Pattern.compile("[^A-Za-z0-9_./:@,+=-]");

  /// Secrets by what they are, even where a site keeps them in the open.
  static final Set<String> ALWAYS_SECRET =
      Set.of(
          "REDIS_PASSWORD",
          "REDIS_URL",
          "FRONT50_SQL_PASSWORD",
          "ORCA_SQL_PASSWORD",
          "CLOUDDRIVER_SQL_PASSWORD");

  private final Map<String, Parameter> all = new TreeMap<>();

  Variables(RenderRequest request) {
    all.putAll(request.parameters().variables());
    ALWAYS_SECRET.forEach(name -> all.computeIfPresent(name, (_, parameter) -> hidden(parameter)));
    var release = request.parameters().settings().get("version");
    if (release != null) {
      all.put(
          "SPINNAKER_RELEASE",
          new Parameter("SPINNAKER_RELEASE", release.value(), release.origin()));
    }
    request
        .identity()
        .fact(NodeIdentity.PRIVATE_IP)
        .ifPresent(ip -> addMissing("NODE_PRIVATE_IP", ip, "private-ip of this node"));
    StoreChoice.complete(this);
    set("ARMORY_SECRETS_DIR", request.node().secretsDirectory());
    set("ARMORY_LEASE_DIR", request.node().leaseDirectory());
  }

  private static Parameter hidden(Parameter parameter) {
    var secret = new Hidden(new Secret(reveal(parameter.value())));
    return new Parameter(parameter.name(), secret, parameter.origin());
  }

  /// What a variable is, where nobody has said.
  void addMissing(String name, String value, String why) {
    if (text(name).isEmpty()) {
      all.put(name, new Parameter(name, new Plain(value), "computed: " + why));
    }
  }

  /// What only the agent can say.
  void set(String name, String value) {
    all.put(name, new Parameter(name, new Plain(value), "computed: rendered by the agent"));
  }

  boolean has(String name) {
    return !text(name).isEmpty();
  }

  /// Empty when not set. Secrets included: for the files that are made from them.
  String text(String name) {
    var parameter = all.get(name);
    return parameter == null ? "" : reveal(parameter.value());
  }

  /// Where a variable comes from, for a complaint about it; its name where nobody has set it.
  String origin(String name) {
    var parameter = all.get(name);
    return parameter == null ? name : parameter.origin();
  }

  private static String reveal(Value value) {
    return switch (value) {
      case Plain(var text) -> text;
      case Hidden(var secret) -> secret.reveal();
    };
  }

  boolean isTrue(String name) {
    return text(name).strip().toLowerCase(Locale.ROOT).equals("true");
  }

  Set<String> secrets() {
    var names = new TreeSet<String>();
    all.forEach((name, parameter) -> {
      if (parameter.value() instanceof Hidden) {
        names.add(name);
      }
    });
    return names;
  }

  /// For Compose interpolation; of the secrets only their markers.
  Map<String, String> environment(SecretMarkers markers) {
    var environment = new LinkedHashMap<String, String>();
    all.forEach((name, parameter) ->
        environment.put(
            name,
            switch (parameter.value()) {
              case Plain(var text) -> text;
              case Hidden(var secret) -> markers.markerFor(name, secret);
            }));
    // The files' folder is the product's: an .env there is nobody's.
    environment.put("COMPOSE_DISABLE_ENV_FILE", "1");
    return environment;
  }

  /// Compose profiles: `FIAT_ENABLED=true` is the profile `fiat`; `COMPOSE_PROFILES` as ever.
  List<String> profiles(Polling polling) {
    var profiles = new TreeSet<String>();
    for (var name : all.keySet()) {
      if (name.endsWith("_ENABLED") && isTrue(name)) {
        var service = name.substring(0, name.length() - "_ENABLED".length());
        profiles.add(service.toLowerCase(Locale.ROOT).replace('_', '-'));
      }
    }
    for (var profile : text("COMPOSE_PROFILES").split(",", -1)) {
      if (!profile.isBlank()) {
        profiles.add(profile.strip());
      }
    }
    if (polling == Polling.ELECTING) {
      profiles.add("poller");
    }
    // Compose would take an empty list for "not said".
    return profiles.isEmpty() ? List.of("none") : new ArrayList<>(profiles);
  }

  /// Where Redis is: `REDIS_URL` if somebody has said it whole.
  ///
  /// @param own the stack has a Redis of its own, without a password
  String redisUrl(boolean own) {
    if (has("REDIS_URL")) {
      return text("REDIS_URL");
    }
    return own
        ? RedisUrl.of("redis", "6379", "", false)
        : RedisUrl.of(
            orElse("REDIS_HOST", "redis"),
            orElse("REDIS_PORT", "6379"),
            text("REDIS_PASSWORD"),
            isTrue("REDIS_TLS"));
  }

  private String orElse(String name, String otherwise) {
    var text = text(name);
    return text.isEmpty() ? otherwise : text;
  }

  /// As an env file, with every value's origin; holds no secret.
  ///
  /// @param defaults of the Compose files, for what nobody has said: as comments
  /// @param unused what is to be said of parameters that nothing uses
  String envFile(Map<String, VariableUses.Default> defaults, List<String> unused) {
    var out =
        new StringBuilder("# Every variable of this stack. Rendered: changes here are lost.\n");
    unused.forEach(line -> out.append("# unused: ").append(line).append('\n'));
    defaults.forEach((name, one) -> {
      if (!has(name)) {
        out.append("# default: ").append(one.where()).append('\n');
        out.append("# ").append(name).append('=').append(one.value()).append('\n');
      }
    });
    all.forEach((name, parameter) -> {
      out.append("# ").append(parameter.origin()).append('\n');
      switch (parameter.value()) {
        case Plain(var text) -> out.append(name).append('=').append(quoted(text)).append('\n');
        case Hidden _ -> out.append("# ").append(name).append(" is a secret\n");
      }
    });
    return out.toString();
  }

  private static String quoted(String text) {
    if (!NOT_PLAIN.matcher(text).find()) {
      return text;
    }
    return text.contains("'") || text.contains("\n")
        ? '"'
            + text.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\n", "\\n")
                .replace("$", "\\$")
            + '"'
        : "'" + text + "'";
  }
}
