package io.armory.agent.reconcile.shared;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.SharedReport;
import io.armory.agent.domain.report.SharedReport.PollerReport;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.plan.PlanInput;
import io.armory.agent.port.Lease.Grant;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.Message;
import io.armory.agent.reconcile.election.ElectionStatus;
import io.armory.agent.reconcile.election.PollerDuty;
import io.armory.agent.reconcile.election.PollerElection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// This node as one of several: the Redis they share, and the poller they elect. Owned by the
/// loop's thread; what blocks runs on threads of its own.
public final class ClusterState implements AutoCloseable {
  /// For an elected poller to become healthy, beyond its own start period.
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /// Starts in vain after which an elected poller is a matter for another node.
  private static final int VAIN = 3;

  /// Before a node whose pollers did not become healthy stands again: others have their turn.
  private static final Duration PENANCE = Duration.ofMinutes(2);

  private static final Duration BLIND = Duration.ofSeconds(15);

  private final Optional<RedisProbe> watch;
  private final Optional<PollerElection> election;
  private final GroupTurn turns;
  private @Nullable RedisState redis;
  private boolean elects;
  private @Nullable Duration lookBegan;
  private @Nullable Duration quiet;
  private @Nullable Instant electedAt;
  private final Map<String, Integer> attemptsBefore = new HashMap<>();
  private @Nullable Instant blindSince;
  private Instant standsFrom = Instant.EPOCH;

  public ClusterState(
      Optional<ClusterPorts> parts,
      Consumer<Message> mailbox,
      InstantSource clock,
      Threads threads) {
    this.watch = parts.map(p -> new RedisProbe(p.redis(), mailbox, clock, threads));
    this.election =
        parts.flatMap(p ->
            p.election()
                .map(times ->
                    new PollerElection(
                        p.redis(),
                        p.gate(),
                        times,
                        clock,
                        threads,
                        () -> mailbox.accept(new Message.Asked(() -> {})))));
    this.turns = new GroupTurn(parts, mailbox, clock, threads, duty());
  }

  public GroupTurn turns() {
    return turns;
  }

  public void start() {
    election.ifPresent(PollerElection::start);
  }

  public PollerDuty duty() {
    return election.<PollerDuty>map(e -> e).orElse(PollerDuty.NONE);
  }

  /// The revision in force is another one.
  public void aim(Revision revision, Instant now) {
    var wanted =
        watch.isEmpty() ? Optional.<io.armory.agent.domain.RemoteRedis>empty() : revision.redis();
    elects = elected(revision.stack()).findAny().isPresent();
    turns.adopted(revision);
    watch.ifPresent(w -> w.watch(wanted));
    var known = redis;
    if (wanted.isEmpty()) {
      redis = null;
    } else if (known == null || !known.redis().equals(wanted.get())) {
      redis =
          known != null && known.redis().isSameAs(wanted.get())
              ? known.of(wanted.get())
              : new RedisState(wanted.get(), now);
    }
  }

  /// @return news for the log
  public List<String> heard(Message.RedisAsked asked, Instant now) {
    var known = redis;
    return known == null || !known.redis().isSameAs(asked.redis())
        ? List.of()
        : known.after(asked.outcome(), asked.askedAt(), now);
  }

  /// Something that uses it is not well: better to know at once.
  public void suspect() {
    watch.ifPresent(RedisProbe::now);
  }

  public Optional<PlanInput.Shared> shared() {
    return Optional.ofNullable(redis).map(RedisState::shared);
  }

  public boolean isRedisOut() {
    return redis != null && !redis.isWell();
  }

  // ---- the election

  /// Elected services that are not this node's to run, and why.
  public Map<String, String> standby(Stack stack) {
    var all = new HashMap<String, String>();
    elected(stack)
        .filter(s -> election.isEmpty() || !election.get().holds())
        .forEach(s ->
            all.put(
                s.name(),
                pollerReport().map(PollerReport::reason).orElse("polling: elect is not set")));
    return all;
  }

  /// Elected services that are to be left as they are, because it is not known yet whose they are.
  public Set<String> undecided(Stack stack) {
    return elected(stack)
        .filter(s -> election.filter(PollerElection::isUndecided).isPresent())
        .map(Service::name)
        .collect(Collectors.toSet());
  }

  private static java.util.stream.Stream<Service> elected(Stack stack) {
    return stack.services().values().stream().filter(Service::elected);
  }

  public void lookBegins() {
    lookBegan = election.map(PollerElection::uptime).orElse(null);
  }

  /// @param busy subjects with an action under way, or ended since the look began
  public void looked(Optional<Observed> seen, Stack stack, Set<String> busy, Instant now) {
    blindSince = seen.isPresent() ? null : blindSince == null ? now : blindSince;
    if (election.isEmpty() || seen.isEmpty()) {
      quiet = null;
      return;
    }
    var names = elected(stack).map(Service::name).collect(Collectors.toSet());
    var runs =
        names.stream().anyMatch(busy::contains)
            || seen.get().containers().stream()
                .anyMatch(c -> names.contains(c.service()) && c.active());
    quiet = runs ? null : lookBegan;
  }

  public void clockSet(Duration by) {
    blindSince = moved(blindSince, by);
    electedAt = moved(electedAt, by);
    standsFrom = standsFrom.plus(by);
    turns.clockSet(by);
    if (redis != null) {
      redis.clockSet(by);
    }
  }

  private static @Nullable Instant moved(@Nullable Instant at, Duration by) {
    return at == null ? null : at.plus(by);
  }

  /// Once a second, with the newest report.
  ///
  /// @param revision whose pollers are to be elected for; empty: none yet
  /// @param attempts how often a service was started in vain, last
  public void tell(
      HealthReport report,
      Optional<Revision> revision,
      ToIntFunction<String> attempts,
      Instant now) {
    election.ifPresent(e -> {
      var place = revision.flatMap(r -> place(r, report.node().identity()));
      e.hear(place, isAble(e, report, revision, attempts, now), quiet);
    });
  }

  private static Optional<PollerElection.Place> place(
      Revision revision, Optional<NodeIdentity> identity) {
    if (elected(revision.stack()).findAny().isEmpty() || identity.isEmpty()) {
      return Optional.empty();
    }
    var who = identity.get();
    var node =
        who.fact(NodeIdentity.INSTANCE_ID)
            .or(() -> who.fact(NodeIdentity.PRIVATE_IP))
            .orElse("node");
    return revision.redis().map(r -> new PollerElection.Place(r, who.stack().value(), node));
  }

  private boolean isAble(
      PollerElection e,
      HealthReport report,
      Optional<Revision> revision,
      ToIntFunction<String> attempts,
      Instant now) {
    var blind = blindSince;
    if (revision.isEmpty() || (blind != null && blind.plus(BLIND).isBefore(now))) {
      return false;
    }
    if (!e.standing().mine()) {
      electedAt = null;
      attemptsBefore.clear();
      return report.ready().holds() && report.maintenance().isEmpty() && !now.isBefore(standsFrom);
    }
    var from = electedAt == null ? now : electedAt;
    electedAt = from;
    var names = elected(revision.get().stack()).collect(Collectors.toMap(Service::name, s -> s));
    for (var s : report.services()) {
      if (names.containsKey(s.name())
          && (isFailing(s, names.get(s.name()), from, now)
              || (!s.isUp() && vain(s.name(), attempts) >= VAIN))) {
        standsFrom = now.plus(PENANCE);
        return false;
      }
    }
    return true;
  }

  /// Of those since this node was elected.
  private int vain(String service, ToIntFunction<String> attempts) {
    var now = attempts.applyAsInt(service);
    return now - attemptsBefore.merge(service, now, Math::min);
  }

  private static boolean isFailing(
      ServiceReport report, @Nullable Service service, Instant elected, Instant now) {
    if (report.state() == ServiceReport.State.STOPPED) {
      return true;
    }
    var start =
        service == null
            ? Duration.ZERO
            : service.probe().map(ProbeSpec::startPeriod).orElse(Duration.ZERO);
    var latest = elected.isAfter(report.since()) ? elected : report.since();
    return !report.isUp() && latest.plus(start).plus(PATIENCE).isBefore(now);
  }

  // ---- the report

  public SharedReport report() {
    return new SharedReport(
        Optional.ofNullable(redis).map(RedisState::report),
        elects ? pollerReport() : Optional.empty(),
        turns.report());
  }

  private Optional<PollerReport> pollerReport() {
    return election.map(e -> {
      var standing = e.standing();
      var grant = standing.grant();
      return new PollerReport(
          e.holds(),
          grant.map(Grant::node).orElse(""),
          grant.map(Grant::token).orElse(0L),
          grant.map(Grant::since).orElse(null),
          isStale(e, standing),
          reason(e, standing));
    });
  }

  private static boolean isStale(PollerElection e, ElectionStatus standing) {
    return !e.holds() && !standing.problem().isEmpty();
  }

  private static String reason(PollerElection e, ElectionStatus standing) {
    if (e.holds()) {
      return "this node was elected";
    }
    if (isStale(e, standing)) {
      return "the lease cannot be read: " + standing.problem();
    }
    if (standing.mine()) {
      return "this node gives the lease up";
    }
    return standing.grant().map(g -> g.node() + " was elected").orElse("no node is elected yet");
  }

  @Override
  public void close() {
    turns.close();
    election.ifPresent(PollerElection::close);
    watch.ifPresent(RedisProbe::close);
  }
}
