package io.armory.agent.doctor;

import io.armory.agent.adapter.probe.SocketProbe;
import io.armory.agent.adapter.redis.RedisClient;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.ProbeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What `doctor` says of the Redis that the stack keeps its state in.
final class RedisChecks {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private RedisChecks() {}

  static Check local(List<Container> containers) {
    var address =
        containers.stream()
            .filter(c -> c.service().equals("redis") && c.running())
            .flatMap(c -> addresses(c).stream())
            .findFirst();
    if (address.isEmpty()) {
      return Check.advice(
          "redis", "the local one does not run", "see armory-agent status, and logs redis");
    }
    var result = new SocketProbe().ask(address.get(), ping(new ProbeSpec.Redis(6379)));
    return result.healthy()
        ? Check.fine("redis", "the local one " + result.detail())
        : Check.wrong("redis", "the local one: " + result.detail(), "see armory-agent logs redis");
  }

  private static List<String> addresses(Container container) {
    return container.networks().values().stream()
        .flatMap(e -> Optional.ofNullable(e.ipAddress()).stream())
        .filter(a -> !a.isEmpty())
        .toList();
  }

  /// As the daemon asks it: certificate, password and role included.
  static List<Check> remote(RemoteRedis redis) {
    try (var client = new RedisClient()) {
      return switch (client.ask(redis)) {
        case Outcome.Failed<RedisAnswer>(var failure) -> {
          var words = failure.message();
          var todo = words.lastIndexOf(": ");
          yield List.of(
              todo < 0
                  ? Check.wrong("redis", words, "see REDIS_HOST and the Redis itself")
                  : Check.wrong("redis", words.substring(0, todo), words.substring(todo + 2)));
        }
        case Outcome.Done<RedisAnswer>(var answer) -> {
          var all = new ArrayList<Check>();
          all.add(
              Check.fine(
                  "redis",
                  String.format(
                      Locale.ROOT,
                      "%s answers in %.1f ms%s%s",
                      redis.address(),
                      answer.latency().toNanos() / 1e6,
                      redis.tls() ? ", by TLS" : "",
                      answer.version().isEmpty() ? "" : ", Redis " + answer.version())));
          answer.warnings().forEach(w -> all.add(Check.advice("redis", w, "")));
          yield all;
        }
      };
    }
  }

  private static ProbeSpec ping(ProbeSpec.Check check) {
    return new ProbeSpec(check, PATIENCE, PATIENCE, Duration.ZERO, 1, 1);
  }
}
