package io.armory.agent.compose.project;

import io.armory.agent.compose.schema.PathTable;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.LoadLimits;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.ScalarCasts;
import io.armory.agent.compose.source.Template;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

  /// What is kept as it stands, or for programs: no part of it is looked at here.
  private static final PathTable<Boolean> WHOLE =
      new PathTable<>(
          Stream.of(
                  "services.*.annotations.*",
                  "services.*.build.*",
                  "services.*.build.*.*",
                  "services.*.command",
                  "services.*.command.*",
                  "services.*.deploy.labels.*",
                  "services.*.entrypoint",
                  "services.*.entrypoint.*",
                  "services.*.environment.*",
                  "services.*.healthcheck.test",
                  "services.*.healthcheck.test.*",
                  "services.*.labels.*",
                  "services.*.logging.options.*",
                  "services.*.*.[].command",
                  "services.*.*.[].command.*",
                  "services.*.*.[].environment.*",
                  "services.*.security_opt.*",
                  "services.*.volumes.[].volume.labels.*",
                  "configs.*.content",
                  "*.*.labels.*")
              .collect(Collectors.toMap(p -> p, _ -> true)));

  private final Template template;
  private final Diagnostics findings;
  private final LoadLimits budget;

  Interpolation(Template.Variables variables, Diagnostics findings, LoadLimits budget) {
    this.budget = budget;
    this.template = new Template(variables, findings::warn);
    this.findings = findings;
  }

  private static PathTable<Cast> casts() {
    Map<String, Cast> casts = new LinkedHashMap<>();
    String[] integers = {
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
      "ulimits.*",
      "ulimits.*.hard",
      "ulimits.*.soft"
    };
    String[] booleans = {
      "init",
      "depends_on.*.required",
      "env_file.[].required",
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
      if (value.length() > text.length()) {
        budget.spend(value, scalar.mark());
      }
      if (!isWhole(path)) {
        LoadLimits.value(value, path, scalar.mark());
      }
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

  /// Extensions of the model and of its services, networks and the like are nobody's but the
  /// user's.
  private static boolean isWhole(Path path) {
    boolean whole = WHOLE.find(path) != null;
    for (Path at = path; at.depth() > 0 && !whole; at = at.parent()) {
      whole = (at.depth() == 1 || at.depth() == 3) && at.last().startsWith("x-");
    }
    return whole;
  }

  private static String wanted(Path path) {
    Cast cast = CASTS.find(path);
    return cast == Cast.BOOLEAN
        ? "true or false"
        : cast == Cast.INTEGER ? "an integer" : "a number";
  }

  private static Object cast(String value, Cast cast, Diagnostics findings) {
    return switch (cast) {
      case INTEGER -> ScalarCasts.integer(value);
      case FLOAT -> ScalarCasts.decimal(value);
      case FLOAT32 -> (float) ScalarCasts.decimal(value);
      case BOOLEAN -> {
        Boolean bool = ScalarCasts.bool(value, findings);
        if (bool == null) {
          throw new NumberFormatException(cast.name());
        }
        yield bool;
      }
    };
  }
}
