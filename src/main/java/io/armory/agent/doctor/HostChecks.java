package io.armory.agent.doctor;

import io.armory.agent.adapter.http.PortOwner;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.stack.Networking.PortBinding;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What `doctor` says of the node around the stack: ports, names, Redis, the firewall.
///
/// @param revision to be run; empty when the sources give none
/// @param observation what the engine shows of it
/// @param parameters as they may be shown
record HostChecks(
    AgentConfig config,
    Optional<Revision> revision,
    Observation observation,
    Parameters parameters) {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  List<Check> all(boolean agentRuns) {
    var all = new ArrayList<>(ports(agentRuns));
    all.addAll(redis());
    all.addAll(names());
    all.add(firewall());
    return all;
  }

  /// Every port the agent and the stack listen on must be theirs.
  List<Check> ports(boolean agentRuns) {
    var wrong = new ArrayList<Check>();
    var free = new ArrayList<String>();
    if (!agentRuns) {
      port(
              config.http().address(),
              config.http().port(),
              "the health port",
              "http.port in agent.yaml",
              free)
          .ifPresent(wrong::add);
    }
    for (var service : services()) {
      if (isRunning(service)) {
        continue;
      }
      for (var binding : service.container().networking().ports()) {
        number(binding)
            .flatMap(p ->
                port(
                    Objects.requireNonNullElse(binding.hostIp(), ""),
                    p,
                    service.name(),
                    "the port it is published on",
                    free))
            .ifPresent(wrong::add);
      }
    }
    var words = free.isEmpty() ? "" : "free: " + String.join(", ", free);
    var rest = unseen("ports", words.isEmpty() ? "" : words + "; the stack's are ");
    if (rest.isPresent()) {
      wrong.add(rest.get());
    } else if (wrong.isEmpty()) {
      wrong.add(Check.fine("ports", words.isEmpty() ? "all in use by the stack itself" : words));
    }
    return wrong;
  }

  /// What cannot be looked at without the stack, or without the engine, is not called fine.
  ///
  /// @param before the words that it begins with
  Optional<Check> unseen(String subject, String before) {
    if (revision.isEmpty()) {
      return Optional.of(
          Check.advice(
              subject,
              before + "not looked at: there is no stack to be run yet",
              "mend what is wrong with its sources, above, and look again"));
    }
    return observation instanceof Observed
        ? Optional.empty()
        : Optional.of(
            Check.advice(
                subject,
                before + "not looked at: the engine does not say what runs",
                "mend docker, above, and look again"));
  }

  /// Those whose state is known.
  private Collection<Service> services() {
    return observation instanceof Observed && revision.isPresent()
        ? revision.get().stack().services().values()
        : List.of();
  }

  private List<Container> containers() {
    return observation instanceof Observed observed ? observed.containers() : List.of();
  }

  /// Taken on another address is not taken.
  private static Optional<Check> port(
      String address, int port, String whose, String todo, List<String> free) {
    var owner = PortOwner.of(address, port);
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

  private boolean isRunning(Service service) {
    return containers().stream().anyMatch(c -> c.service().equals(service.name()) && c.running());
  }

  /// The local Redis where the stack has one, else the remote one.
  List<Check> redis() {
    var remote = revision.flatMap(Revision::redis);
    if (remote.isPresent()) {
      return RedisChecks.remote(remote.get());
    }
    var unseen = unseen("redis", "");
    if (unseen.isPresent()) {
      return List.of(unseen.get());
    }
    return services().stream().anyMatch(s -> s.name().equals("redis"))
        ? List.of(RedisChecks.local(containers()))
        : List.of();
  }

  /// The names the stack needs: its load balancer, and the registries of images not here yet.
  List<Check> names() {
    var names = new TreeSet<String>();
    text("DEFAULT_DNS_NAME").ifPresent(names::add);
    services().stream()
        .flatMap(s -> s.container().images())
        .filter(i -> observation instanceof Observed o && !o.images().containsKey(i))
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
    var words = names.isEmpty() ? "" : "resolves " + String.join(", ", names);
    var rest = unseen("dns", words.isEmpty() ? "" : words + "; the registries are ");
    return List.of(
        rest.orElseGet(() ->
            Check.fine("dns", words.isEmpty() ? "no name is needed: every image is here" : words)));
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
