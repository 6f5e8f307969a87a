package io.armory.agent.compose;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Interpolates every string value of a tree, and casts those at typed places to numbers and
/// booleans. Keys are never interpolated.
final class Interpolation {
  private enum Cast {
    INTEGER,
    FLOAT,
    FLOAT32,
    BOOLEAN
  }

  private static final PathTable<Cast> CASTS = casts();

  private final Template template;
  private final Findings findings;

  Interpolation(Template.Variables variables, Findings findings) {
    this.template = new Template(variables, findings::warn);
    this.findings = findings;
  }

  private static PathTable<Cast> casts() {
    Map<String, Cast> casts = new LinkedHashMap<>();
    String[] integers = {
      "configs.[].mode",
      "cpu_count",
      "cpu_period",
      "cpu_quota",
      "cpu_rt_period",
      "cpu_rt_runtime",
      "cpu_shares",
      "deploy.replicas",
      "deploy.update_config.parallelism",
      "deploy.rollback_config.parallelism",
      "deploy.restart_policy.max_attempts",
      "deploy.placement.max_replicas_per_node",
      "healthcheck.retries",
      "oom_score_adj",
      "pids_limit",
      "ports.[].target",
      "scale",
      "secrets.[].mode",
      "ulimits.*",
      "ulimits.*.hard",
      "ulimits.*.soft"
    };
    String[] booleans = {
      "init",
      "healthcheck.disable",
      "oom_kill_disable",
      "privileged",
      "read_only",
      "stdin_open",
      "tty",
      "volumes.[].read_only",
      "volumes.[].volume.nocopy"
    };
    for (String path : integers) {
      casts.put("services.*." + path, Cast.INTEGER);
    }
    for (String path : booleans) {
      casts.put("services.*." + path, Cast.BOOLEAN);
    }
    casts.put("services.*.cpu_percent", Cast.FLOAT);
    casts.put("services.*.cpus", Cast.FLOAT32);
    casts.put("services.*.deploy.update_config.max_failure_ratio", Cast.FLOAT);
    casts.put("services.*.deploy.rollback_config.max_failure_ratio", Cast.FLOAT);
    for (String kind : new String[] {"networks", "volumes", "secrets", "configs"}) {
      casts.put(kind + ".*.external", Cast.BOOLEAN);
    }
    for (String flag : new String[] {"internal", "attachable", "enable_ipv4", "enable_ipv6"}) {
      casts.put("networks.*." + flag, Cast.BOOLEAN);
    }
    return new PathTable<>(casts);
  }

  void apply(Node.Mapping model) {
    walk(model, Path.ROOT);
  }

  private Node walk(Node node, Path path) {
    switch (node) {
      case Node.Scalar scalar -> {
        return scalar.value() instanceof String text ? interpolate(scalar, text, path) : node;
      }
      case Node.Sequence sequence -> {
        for (int i = 0; i < sequence.items().size(); i++) {
          sequence.items().set(i, walk(sequence.items().get(i), path.item(i)));
        }
      }
      case Node.Mapping mapping -> {
        for (String key : mapping.keys()) {
          mapping.put(key, walk(mapping.need(key), path.child(key)));
        }
      }
    }
    return node;
  }

  private Node interpolate(Node.Scalar scalar, String text, Path path) {
    try {
      String value = template.substitute(text);
      Cast cast = CASTS.find(path);
      return new Node.Scalar(cast == null ? value : cast(value, cast, findings), scalar.mark());
    } catch (Template.Missing e) {
      findings.once(scalar.mark(), path, e.message(), e.advice());
    } catch (Template.Malformed e) {
      findings.problem(scalar.mark(), path, e.message(), e.advice());
    } catch (NumberFormatException e) {
      String what = text.contains("$") ? "its value" : "'" + text + "'";
      findings.problem(scalar.mark(), path, what + " is not " + wanted(path), "correct it");
    }
    return scalar;
  }

  private static String wanted(Path path) {
    Cast cast = CASTS.find(path);
    return cast == Cast.BOOLEAN
        ? "true or false"
        : cast == Cast.INTEGER ? "an integer" : "a number";
  }

  private static Object cast(String value, Cast cast, Findings findings) {
    return switch (cast) {
      case INTEGER -> integer(value);
      case FLOAT -> decimal(value);
      case FLOAT32 -> (float) decimal(value);
      case BOOLEAN -> {
        Boolean bool = bool(value, findings);
        if (bool == null) {
          throw new NumberFormatException(cast.name());
        }
        yield bool;
      }
    };
  }

  /// Decimal digits with an optional sign, as Go's `strconv.Atoi`.
  static long integer(String value) {
    return Long.parseLong(value);
  }

  /// As Go's `strconv.ParseFloat`: no surrounding space, no `d` or `f` at the end.
  static double decimal(String value) {
    if (value.isEmpty() || value.chars().anyMatch(c -> "0123456789+-.eE".indexOf(c) < 0)) {
      throw new NumberFormatException("not a number");
    }
    return Double.parseDouble(value);
  }

  /// YAML 1.1's words are taken with a warning; `null`: none of them.
  static @Nullable Boolean bool(String value, Findings findings) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      case "y", "yes", "on" -> {
        findings.warn(old(value, "true"));
        yield true;
      }
      case "n", "no", "off" -> {
        findings.warn(old(value, "false"));
        yield false;
      }
      default -> null;
    };
  }

  private static String old(String value, String instead) {
    return "\""
        + value
        + "\" for boolean is not supported by YAML 1.2, please use `"
        + instead
        + "`";
  }
}
