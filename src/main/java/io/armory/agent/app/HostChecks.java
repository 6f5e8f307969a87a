package io.armory.agent.app;

import io.armory.agent.adapter.http.PortOwner;
import io.armory.agent.adapter.probe.SocketProbe;
import io.armory.agent.adapter.redis.RedisClient;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.domain.Check;
import io.armory.agent.domain.Networking.PortBinding;
import io.armory.agent.domain.Observation.Container;
import io.armory.agent.domain.Observation.Observed;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.ProbeSpec;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Service;
import io.armory.agent.domain.Stack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What `doctor` says of the node around the stack: ports, names, Redis, the firewall.
///
/// @param stack of the revision to be run; empty when there is none
/// @param parameters as they may be shown
/// @param redis the remote one, if the stack uses one
record HostChecks(
    AgentConfig config, Stack stack, Parameters parameters, Optional<RemoteRedis> redis) {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /// Every port the agent and the stack listen on must be theirs.
  List<Check> ports(Observed observed, boolean agentRuns) {
    var wrong = new ArrayList<Check>();
    var free = new ArrayList<String>();
    if (!agentRuns) {
      port(config.http().port(), "the health port", "http.port in agent.yaml", free)
          .ifPresent(wrong::add);
    }
    for (var service : stack.services().values()) {
      if (isRunning(observed, service)) {
        continue;
      }
      for (var binding : service.container().networking().ports()) {
        number(binding)
            .flatMap(p -> port(p, service.name(), "the port it is published on", free))
            .ifPresent(wrong::add);
      }
    }
    if (!wrong.isEmpty()) {
      return wrong;
    }
    return List.of(
        Check.fine(
            "ports",
            free.isEmpty()
                ? "all in use by the stack itself"
                : "free: " + String.join(", ", free)));
  }

  private static Optional<Check> port(int port, String whose, String todo, List<String> free) {
    var owner = PortOwner.of(port);
    if (owner.isEmpty()) {
      free.add(port + " (" + whose + ")");
    }
    return owner.map(o ->
        Check.wrong(
            "ports",
            "%d, for %s, is taken by %s".formatted(port, whose, o),
            "stop it, or change " + todo));
  }

  private static Optional<Integer> number(PortBinding binding) {
    var published = binding.published();
    return published != null && published.matches("\\d{1,5}") && binding.protocol().equals("tcp")
        ? Optional.of(Integer.valueOf(published))
        : Optional.empty();
  }

  private static boolean isRunning(Observed observed, Service service) {
    return observed.containers().stream()
        .anyMatch(c -> c.service().equals(service.name()) && c.running());
  }

  /// The local Redis where the stack has one, else the remote one.
  List<Check> redis(Observed observed) {
    if (stack.services().isEmpty()) {
      return List.of();
    }
    if (stack.services().containsKey("redis")) {
      return List.of(localRedis(observed));
    }
    return redis.map(HostChecks::remoteRedis).orElse(List.of());
  }

  private static Check localRedis(Observed observed) {
    var address =
        observed.containers().stream()
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
  private static List<Check> remoteRedis(RemoteRedis redis) {
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

  /// The names the stack needs: its load balancer, and the registries of images not here yet.
  List<Check> names(Observed observed) {
    var names = new TreeSet<String>();
    text("DEFAULT_DNS_NAME").ifPresent(names::add);
    stack.services().values().stream()
        .map(s -> s.container().image())
        .filter(i -> !observed.images().containsKey(i))
        .map(HostChecks::registry)
        .forEach(names::add);
    var lost = names.stream().filter(n -> !resolves(n)).toList();
    if (!lost.isEmpty()) {
      return lost.stream()
          .map(n ->
              Check.wrong(
                  "dns",
                  n + " does not resolve",
                  "see /etc/resolv.conf and the VPC's DNS settings"))
          .toList();
    }
    return names.isEmpty()
        ? List.of(Check.fine("dns", "no name is needed: every image is here"))
        : List.of(Check.fine("dns", "resolves " + String.join(", ", names)));
  }

  /// The host of an image reference: what is before the first slash, if it looks like a host.
  static String registry(String image) {
    var slash = image.indexOf('/');
    var first = slash < 0 ? "" : image.substring(0, slash);
    if (!first.contains(".") && !first.contains(":") && !first.equals("localhost")) {
      return "registry-1.docker.io";
    }
    var colon = first.lastIndexOf(':');
    return colon < 0 ? first : first.substring(0, colon);
  }

  private static boolean resolves(String host) {
    var lookup =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return InetAddress.getAllByName(host).length > 0;
              } catch (UnknownHostException e) {
                return false;
              }
            },
            task -> Thread.ofVirtual().name("lookup").start(task));
    try {
      return lookup.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Docker publishes before the host's own firewall has a say.
  Check firewall() {
    var active = new ArrayList<String>();
    if (contains(Path.of("/etc/ufw/ufw.conf"), "ENABLED=yes")) {
      active.add("ufw");
    }
    if (Files.exists(Path.of("/run/firewalld"))) {
      active.add("firewalld");
    }
    var words = "published ports go round a firewall on the node itself";
    return active.isEmpty()
        ? Check.fine("firewall", words + ": the security group decides who reaches them")
        : Check.advice(
            "firewall",
            String.join(" and ", active) + " is on, but " + words,
            "close them in the security group, or in the DOCKER-USER chain of iptables");
  }

  private static boolean contains(Path file, String text) {
    try {
      return Files.readString(file).contains(text);
    } catch (IOException e) {
      return false;
    }
  }

  private Optional<String> text(String name) {
    return Optional.ofNullable(parameters.variables().get(name))
        .map(Parameter::value)
        .flatMap(v -> v instanceof Plain(var text) ? Optional.of(text.strip()) : Optional.empty())
        .filter(t -> !t.isEmpty());
  }
}
