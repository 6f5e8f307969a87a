package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.rig.SystemdNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/// Three nodes that share a Redis with a password and TLS, behind a load balancer, asked all the
/// time; and what is seen of them while a change travels.
final class Fleet implements AutoCloseable {
  private static final long LOOK_NANOS = 200_000_000;

  private final HaCluster cluster;
  private final Map<HaNode, Boolean> ready = new ConcurrentHashMap<>();
  private final Thread watch;
  private final Traffic people;
  private volatile int fewest = 3;
  private volatile boolean over;

  /// A moment, from which on a test counts.
  ///
  /// @param journals how much each node had written
  /// @param revisions what each node ran
  record Mark(Instant at, Map<HaNode, Integer> journals, Map<HaNode, String> revisions) {}

  private Fleet(HaCluster cluster) {
    this.cluster = cluster;
    people = new Traffic(URI.create("http://" + HaCluster.BALANCER + ":18084/health"));
    watch = Thread.ofPlatform().name("fleet").daemon().start(this::watch);
  }

  /// Returns when the load balancer sends to all three, and all know each other.
  ///
  /// @param settings of each agent
  /// @param release what gate begins with
  static Fleet boot(Path files, String settings, String release) {
    var cluster = HaCluster.boot(files, 3, "1s");
    for (var node : cluster.nodes()) {
      node.settings(settings);
      node.alike();
      node.release(release);
    }
    cluster.nodes().parallelStream().forEach(HaNode::startAgent);
    cluster.awaitReady();
    var fleet = new Fleet(cluster);
    fleet.awaitBalanced();
    return fleet;
  }

  HaCluster cluster() {
    return cluster;
  }

  List<HaNode> nodes() {
    return cluster.nodes();
  }

  private void watch() {
    while (!over) {
      nodes().parallelStream().forEach(n -> ready.put(n, n.isReady()));
      fewest = Math.min(fewest, (int) nodes().stream().filter(n -> isReady(n)).count());
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private boolean isReady(HaNode node) {
    return ready.getOrDefault(node, false);
  }

  Mark mark() {
    fewest = 3;
    return new Mark(
        Instant.now(),
        nodes().stream().collect(Collectors.toMap(n -> n, n -> n.journal().length())),
        nodes().stream().collect(Collectors.toMap(n -> n, Fleet::revision)));
  }

  /// The fewest nodes that were ready in one moment since the mark that was set last.
  int fewest() {
    return fewest;
  }

  /// What the agent of a node has written since.
  static String said(HaNode node, Mark mark) {
    var all = node.journal();
    return all.substring(Math.min(all.length(), mark.journals().getOrDefault(node, 0)));
  }

  /// The nodes that have begun a change since.
  Set<String> tried(Mark mark) {
    return nodes().stream()
        .filter(n -> said(n, mark).contains("changes to revision"))
        .map(HaNode::name)
        .collect(Collectors.toSet());
  }

  List<Traffic.Failed> failures(Mark mark) {
    return people.failures(mark.at());
  }

  long sent() {
    return people.sent();
  }

  /// What gate gets on all nodes, as a parameter would change it.
  void release(String environment) {
    nodes().forEach(n -> n.release(environment));
  }

  /// Restarts the agents one by one with these settings.
  void settings(String settings) {
    for (var node : nodes()) {
      node.settings(settings);
      node.signalAgent("TERM");
      await(node + " has ended", () -> !node.isRunning());
      node.startAgent();
      node.awaitReady();
      awaitBalanced();
    }
  }

  /// On all at once.
  List<SystemdNode.Result> sync(String... options) {
    var asked =
        nodes().stream()
            .map(n ->
                CompletableFuture.supplyAsync(
                    () -> n.agent("sync", "--timeout", "9m", String.join(" ", options)),
                    // The common pool of two processors has one thread.
                    task -> Thread.ofVirtual().start(task)))
            .toList();
    return asked.stream().map(CompletableFuture::join).toList();
  }

  void awaitBalanced() {
    await(
        "the load balancer sends to all, and all know each other",
        () ->
            nodes().stream().allMatch(n -> cluster.balancer().sends(n) && members(n).size() == 3));
  }

  void await(String what, Callable<Boolean> condition) {
    try {
      Awaitility.await(what)
          .atMost(Duration.ofMinutes(5))
          .pollInterval(Duration.ofMillis(200))
          .until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(text(), e);
    }
  }

  String text() {
    var said = nodes().stream().map(n -> n.agent("status").out()).toList();
    return String.join("\n", said) + cluster.text();
  }

  static List<JsonNode> members(HaNode node) {
    return node.health().path("group").path("nodes").valueStream().toList();
  }

  static String revision(HaNode node) {
    return node.health().path("revision").path("id").asText();
  }

  /// All are quiet, and none runs what it ran then.
  boolean haveChanged(Mark mark) {
    return isQuiet()
        && nodes().stream().noneMatch(n -> revision(n).equals(mark.revisions().get(n)));
  }

  /// Why a node does not begin what it has; empty: nothing waits.
  static String whyNot(HaNode node) {
    return node.health().path("group").path("reason").asText();
  }

  /// All serve, and nobody changes or waits for it.
  boolean isQuiet() {
    return nodes().stream()
        .allMatch(n ->
            n.isReady()
                && members(n).size() == 3
                && members(n).stream()
                    .allMatch(m -> m.path("changesTo").isNull() && m.path("waitsFor").isNull()));
  }

  /// The node that changes now.
  HaNode awaitChanging() {
    await("one changes", () -> changing().length > 0);
    return Objects.requireNonNull(changing()[0]);
  }

  private HaNode[] changing() {
    return nodes().stream().filter(Fleet::isChanging).toArray(HaNode[]::new);
  }

  /// It has its turn, and has begun to replace.
  private static boolean isChanging(HaNode node) {
    return node.health().path("ready").path("reason").asText().startsWith("changes to revision");
  }

  static boolean holdsBack(HaNode node) {
    return node.health().path("revision").path("rejected").asText().contains("as it failed on n");
  }

  /// A bad release: one node tries it, the others say on which it failed, and nobody notices.
  void triesOnOne(String release) {
    var mark = mark();
    release(release);
    var syncs = sync();
    await(
        "two hold it back",
        () ->
            nodes().stream().filter(Fleet::holdsBack).count() == 2
                && nodes().stream().allMatch(HaNode::isReady));
    assertThat(tried(mark)).as(release).hasSize(1);
    var tried = tried(mark).iterator().next();
    assertThat(syncs).allMatch(s -> s.exit() == 1, "ends with 1");
    for (var i = 0; i < syncs.size(); i++) {
      var said = syncs.get(i).text();
      assertThat(said).contains("gate");
      if (!nodes().get(i).name().equals(tried)) {
        assertThat(said).contains("is held back, as it failed on " + tried, "--retry");
      }
    }
    assertThat(nodes()).allMatch(n -> revision(n).equals(mark.revisions().get(n)));
    assertThat(fewest()).as("ready at once").isEqualTo(2);
    assertThat(failures(mark)).isEmpty();
  }

  @Override
  public void close() {
    over = true;
    try {
      watch.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    people.close();
    cluster.close();
  }
}
