package io.armory.agent.sources;

import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.NodeRanges;
import io.armory.agent.domain.NodeRanges.EngineRange;
import io.armory.agent.domain.NodeRanges.Need;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Plain;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Looks for the ranges of addresses that the node has a use for: its routes and resolvers, its
/// VPC, the engine's networks, and the hosts that the parameters name. What cannot be read, or does
/// not resolve in time, is left out; a host that resolved once is where it was then.
public final class NodeSurroundings implements Function<Parameters, NodeRanges> {
  private static final long PATIENCE_SECONDS = 2;
  private static final Pattern NAMES_HOST = Pattern.compile("REDIS_HOST|DEFAULT_DNS_NAME");
  private static final Pattern NAMES_URL = Pattern.compile(".*_SQL_URL");
  private static final Pattern AUTHORITY = Pattern.compile("//(?:[^/@]*@)?([^/:?,\\[]+)");

  private final Supplier<List<Need>> node;
  private final Supplier<Outcome<List<EngineRange>>> engine;
  private final Map<String, List<Cidr>> resolved = new ConcurrentHashMap<>();

  /// @param node what it reaches by itself
  public NodeSurroundings(Supplier<List<Need>> node, Supplier<Outcome<List<EngineRange>>> engine) {
    this.node = node;
    this.engine = engine;
  }

  @Override
  public NodeRanges apply(Parameters parameters) {
    var networks =
        engine.get() instanceof Outcome.Done<List<EngineRange>>(var found)
            ? found
            : List.<EngineRange>of();
    var needs = new ArrayList<Need>();
    for (var need : node.get()) {
      // A bridge of the engine's, whatever it is called.
      if (networks.stream().noneMatch(n -> n.range().equals(need.range()))) {
        needs.add(need);
      }
    }
    hosts(parameters)
        .forEach((name, host) ->
            resolved.getOrDefault(host, List.of()).stream()
                .map(c -> new Need(c, name, "%s %s".formatted(name, host)))
                .forEach(needs::add));
    return new NodeRanges(needs, networks);
  }

  /// Parameter → the host that it names, looked up.
  private Map<String, String> hosts(Parameters parameters) {
    var hosts = new TreeMap<String, String>();
    parameters
        .variables()
        .forEach((name, p) -> {
          if (p.value() instanceof Plain(var text)) {
            host(name, text.strip()).forEach(h -> hosts.put(name, h));
          }
        });
    var asked = hosts.values().stream().distinct().toList();
    var answered = new CountDownLatch(asked.size());
    asked.forEach(host -> Thread.ofVirtual().name("lookup").start(() -> lookUp(host, answered)));
    try {
      var _ = answered.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return hosts;
  }

  private static Stream<String> host(String name, String text) {
    if (NAMES_URL.matcher(name).matches()) {
      return AUTHORITY.matcher(text).results().map(m -> m.group(1)).limit(1);
    }
    return NAMES_HOST.matcher(name).matches() && !text.isEmpty() ? Stream.of(text) : Stream.of();
  }

  private void lookUp(String host, CountDownLatch answered) {
    try {
      var found =
          Stream.of(InetAddress.getAllByName(host))
              .flatMap(a -> Cidr.parse(a.getHostAddress().replaceFirst("%.*", "")).stream())
              .sorted(Comparator.comparing(Cidr::first))
              .toList();
      resolved.put(host, found);
    } catch (UnknownHostException e) {
      // Unknown, or known from before.
    } finally {
      answered.countDown();
    }
  }
}
