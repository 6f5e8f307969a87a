package io.armory.agent.compose.stack;

import static io.armory.agent.compose.schema.Shape.Kind.INTEGER;
import static io.armory.agent.compose.schema.Shape.STRING;
import static io.armory.agent.compose.schema.Shape.kinds;
import static io.armory.agent.compose.schema.Shape.object;

import io.armory.agent.compose.print.CanonicalPrinter;
import io.armory.agent.compose.schema.Shape;
import io.armory.agent.compose.schema.StructureCheck;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Durations;
import io.armory.agent.compose.source.Fields;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.domain.stack.ProbeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The service extension `x-armory: {probe: {http|tcp|redis|postgres: …, interval, …}, optional,
/// elected}`. Timings default to the service's healthcheck, and these to Docker's defaults.
public final class ProbeMapping {
  static final String KEY = "x-armory";

  private static final Shape NUMBER = kinds(INTEGER).or(STRING);
  private static final Shape FLAG = kinds(Shape.Kind.BOOLEAN).or(STRING);
  private static final Shape SHAPE =
      object()
          .with(FLAG, "optional", "elected")
          .with(
              "probe",
              object()
                  .with("http", object().with("port", NUMBER).with("path", STRING).require("port"))
                  .with(object().with("port", NUMBER).require("port"), "tcp", "redis", "postgres")
                  .with(STRING, "interval", "timeout", "start_period")
                  .with(NUMBER, "failure_threshold", "success_threshold"));

  private static final List<String> CHECKS = List.of("http", "tcp", "redis", "postgres");

  private final Diagnostics findings;

  public ProbeMapping(Diagnostics findings) {
    this.findings = findings;
  }

  /// Says what is wrong with the extension of a service.
  public void check(String name, Node.Mapping service) {
    Node written = service.get(KEY);
    if (written == null) {
      return;
    }
    Path path = Path.of("services", name, KEY);
    new StructureCheck(findings).check(written, SHAPE, path);
    flag("optional", name, service);
    flag("elected", name, service);
    if (written instanceof Node.Mapping extension
        && extension.get("probe") instanceof Node.Mapping probe) {
      List<String> said = CHECKS.stream().filter(probe::has).toList();
      if (said.size() != 1) {
        findings.consequence(
            probe.mark(),
            path.child("probe"),
            "needs exactly one check",
            "say http, tcp, redis or postgres");
      }
      probe(name, service, Fields.of(null));
    }
  }

  boolean flag(String key, String name, Node.Mapping service) {
    if (!(service.get(KEY) instanceof Node.Mapping extension) || !extension.has(key)) {
      return false;
    }
    Path path = Path.of("services", name, KEY, key);
    Object flag = CanonicalPrinter.BOOLEAN.encode(extension.need(key), path, findings);
    return Boolean.TRUE.equals(flag);
  }

  /// @param printed the service's printed form
  Optional<ProbeSpec> probe(String name, Node.Mapping service, Fields printed) {
    if (!(service.get(KEY) instanceof Node.Mapping extension)
        || !(extension.get("probe") instanceof Node.Mapping probe)) {
      return Optional.empty();
    }
    Path path = Path.of("services", name, KEY, "probe");
    ProbeSpec.Check check = check(probe, path);
    if (check == null) {
      return Optional.empty();
    }
    Fields health = printed.object("healthcheck");
    Integer retries = health.integer("retries");
    return Optional.of(
        new ProbeSpec(
            check,
            time(probe, "interval", health, Duration.ofSeconds(30), path),
            time(probe, "timeout", health, Duration.ofSeconds(30), path),
            time(probe, "start_period", health, Duration.ZERO, path),
            count(probe, "failure_threshold", retries == null || retries < 1 ? 3 : retries, path),
            count(probe, "success_threshold", 1, path)));
  }

  private ProbeSpec.@Nullable Check check(Node.Mapping probe, Path path) {
    for (String kind : CHECKS) {
      if (probe.get(kind) instanceof Node.Mapping check) {
        int port = number(check, "port", 0, 65535, path.child(kind));
        String target = Objects.requireNonNullElse(Node.text(check.get("path")), "/");
        return switch (kind) {
          case "http" -> new ProbeSpec.Http(port, target.startsWith("/") ? target : "/" + target);
          case "tcp" -> new ProbeSpec.Tcp(port);
          case "postgres" -> new ProbeSpec.Postgres(port);
          default -> new ProbeSpec.Redis(port);
        };
      }
    }
    return null;
  }

  private Duration time(
      Node.Mapping probe, String key, Fields health, Duration otherwise, Path path) {
    Node written = probe.get(key);
    boolean zeroAllowed = key.equals("start_period");
    if (written != null) {
      Object printed = CanonicalPrinter.DURATION.encode(written, path.child(key), findings);
      Duration said = printed instanceof String text ? Durations.parse(text) : null;
      if (said != null && (said.isNegative() || (said.isZero() && !zeroAllowed))) {
        findings.problem(written.mark(), path.child(key), "must be positive", "say 5s");
        return otherwise;
      }
      return said == null ? otherwise : said;
    }
    Duration engine = health.duration(key);
    boolean usable = engine != null && (zeroAllowed ? !engine.isNegative() : engine.isPositive());
    return usable && engine != null ? engine : otherwise;
  }

  private int count(Node.Mapping probe, String key, int otherwise, Path path) {
    return probe.has(key) ? number(probe, key, otherwise, 1000, path) : otherwise;
  }

  /// From 1 to `most`.
  private int number(Node.Mapping mapping, String key, int otherwise, int most, Path path) {
    Node written = mapping.get(key);
    if (written == null) {
      return otherwise;
    }
    Object number = CanonicalPrinter.COUNT.encode(written, path.child(key), findings);
    if (number instanceof Long n && n >= 1 && n <= most) {
      return (int) (long) n;
    }
    if (number != null) {
      findings.problem(
          written.mark(), path.child(key), "must be from 1 to " + most, "choose such a number");
    }
    return Math.max(1, otherwise);
  }
}
