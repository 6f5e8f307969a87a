package io.armory.agent.render;

import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.NodeRanges;
import io.armory.agent.domain.NodeRanges.EngineRange;
import io.armory.agent.domain.NodeRanges.Need;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Stack;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// Ranges of the stack's networks that hold what the node has to reach: their bridges would lead
/// there instead. Only warned of is a range that a network of the stack has already, for it runs,
/// and one in which nothing is known that the node asks.
///
/// @param stack the networks of it whose ranges are asked for, and that a bridge of the node leads
///   to
record Overlaps(Stack stack, NodeRanges node) {
  private static final String BRIDGE = "bridge";
  private static final String BRIDGE_NAME = "com.docker.network.bridge.name";

  /// @param free a range to be used instead; empty: none was found
  record Overlap(Network network, Cidr range, String with, boolean inUse, Optional<Cidr> free) {
    String what() {
      return "%s overlaps %s".formatted(range, with);
    }
  }

  List<Overlap> refused() {
    return all().filter(this::isRefused).toList();
  }

  List<String> warnings() {
    return all()
        .filter(o -> !isRefused(o))
        .map(o ->
            "network %s: %s: what is in both cannot be reached from this node%s"
                .formatted(
                    o.network().name(),
                    o.what(),
                    o.free().map(f -> "; " + f + " is free").orElse("")))
        .toList();
  }

  private Stream<Overlap> all() {
    return stack.networks().values().stream()
        .filter(n -> !n.external() && Objects.requireNonNullElse(n.driver(), BRIDGE).equals(BRIDGE))
        .flatMap(n -> Ranges.of(n).stream().flatMap(r -> overlap(n, r).stream()));
  }

  private Optional<Overlap> overlap(Network network, Cidr range) {
    var needs =
        node.needs().stream()
            .filter(n -> n.range().overlaps(range) && !isOwn(n, network))
            .map(n ->
                new Overlap(network, range, n.range() + ", " + n.what(), n.inUse(), free(range)));
    var engines =
        node.others(stack.project())
            .filter(e -> e.range().overlaps(range))
            .map(e -> "%s of the engine's network %s".formatted(e.range(), e.network()))
            .map(with -> new Overlap(network, range, with, true, free(range)));
    return Stream.concat(needs, engines).min(Comparator.comparing(o -> !o.inUse()));
  }

  /// The network's own bridge, by the name that its definition gives; the node itself, which
  /// containers reach at the bridge's address; or a Redis that this stack does not ask.
  private boolean isOwn(Need need, Network network) {
    return need.by().equals(network.driverOpts().get(BRIDGE_NAME))
        || Ranges.gateways(network).contains(need.range())
        || (need.by().equals("REDIS_HOST") && stack.services().containsKey("redis"));
  }

  private Optional<Cidr> free(Cidr range) {
    var others = new ArrayList<Cidr>();
    stack.networks().values().forEach(n -> others.addAll(Ranges.of(n)));
    return node.free(range.bits(), stack.project(), others);
  }

  private boolean isRefused(Overlap overlap) {
    return overlap.inUse() && !isThere(overlap);
  }

  private boolean isThere(Overlap overlap) {
    return node.engine().stream()
        .filter(e -> e.network().equals(overlap.network().name()))
        .filter(e -> e.project().filter(stack.project()::equals).isPresent())
        .map(EngineRange::range)
        .anyMatch(overlap.range()::equals);
  }
}
